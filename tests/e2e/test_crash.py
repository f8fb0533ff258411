"""kill -9 in the middle of traffic: nothing acknowledged is lost or doubled,
and every client comes back by itself."""

from drivers.lines import wait_until
from drivers.wire import new_key

ROUNDS = 3
LINES = 100  # that each program says in a round
COME_BACK = 120  # seconds; an attempt to connect may wait for 30 of them


def wait_for_acks(program, count):
    def acknowledged():
        return sum("sent" in value for value in program.objects()) >= count

    wait_until(acknowledged, f"{count} acknowledged", COME_BACK)


def crash_in_traffic(server, programs):
    for program in programs:
        for _ in range(LINES):
            program.say(f"line {program.said}")
    wait_for_acks(programs[0], programs[0].said - LINES + 5)
    server.kill()
    server.start()
    for program in programs:
        program.wait_sent(COME_BACK)


def check_log(log, programs):
    assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
    keys = [(entry["from"]["id"], entry["key"]) for entry in log]
    assert len(keys) == len(set(keys))
    for program in programs:
        for value in program.objects():
            assert "failed" not in value
            if "sent" in value:
                assert log[value["sent"]["seq"] - 1]["key"] == value["sent"]["key"]


def said_by(log, name):
    return [e["text"] for e in log if e["from"]["name"] == name and "text" in e]


def test_a_crash_loses_and_doubles_nothing(
    start_chatd, sign_in, start_program, start_terminal, open_page
):
    server = start_chatd()
    watcher = sign_in(server, "watcher", room="lobby")
    programs = [
        start_program("sdk", server, "sdk"),
        start_program("headless", server, "headless"),
    ]
    people = [start_terminal(server, "tui"), open_page(server, "page")]
    watcher.wait_joined(["sdk", "headless", "tui", "page"])
    for _ in range(ROUNDS):
        crash_in_traffic(server, programs)

    watcher = sign_in(server, "watcher", room="lobby")
    last = watcher.send("lobby", "after the crash", key=new_key())["seq"]
    for client in [*programs, *people]:
        client.wait_for("after the crash", COME_BACK)
    for number, person in enumerate(people):
        person.say(f"person {number} is back")
        programs[0].wait_for(f"person {number} is back")

    log = watcher.log("lobby")
    check_log(log, programs)
    for program, name in zip(programs, ("sdk", "headless")):
        lines = [f"line {number}" for number in range(program.said)]
        assert said_by(log, name) == lines
        shown = [e["seq"] for e in program.entries() if e["seq"] <= last]
        assert shown == list(range(shown[0], last + 1))
