"""Several tasks on one set of tables: one log, whatever happens to them."""

import itertools
import os

from drivers.lines import wait_until

# CHAT_SENDS asks for more of them, for a longer run.
SENDERS = 8
SENDS = int(os.environ.get("CHAT_SENDS", "400"))
COME_BACK = 240  # seconds; an attempt to connect may wait for 30 of them


def acknowledged(senders):
    return sum("sent" in value for one in senders for value in one.objects())


def check_log(log, senders):
    assert [entry["seq"] for entry in log] == list(range(1, len(log) + 1))
    keys = [(entry["from"]["id"], entry["key"]) for entry in log]
    assert len(keys) == len(set(keys))
    for sender in senders:
        for value in sender.objects():
            assert "failed" not in value, value
            if "sent" in value:
                assert log[value["sent"]["seq"] - 1]["key"] == value["sent"]["key"]


def said_by(log, name):
    return [e["text"] for e in log if e["from"]["name"] == name and "text" in e]


def test_what_one_task_says_the_other_has(dynamodb, start_task, sign_in):
    first = start_task("first", dynamodb)
    second = start_task("second", dynamodb)
    ann = sign_in(first, "ann")
    bob = sign_in(second, "bob")
    ann.join("lobby")
    bob.join("lobby")
    for number in range(5):
        ann.send("lobby", f"from ann {number}")
        bob.send("lobby", f"from bob {number}")
    # Without a bus a task hears of the others' entries when it asks: a send
    # does, and each second it does so by itself.
    ann.send("lobby", "the last")
    log = ann.log("lobby")
    wait_until(lambda: bob.log("lobby") == log, "the same log", COME_BACK)
    assert said_by(log, "ann") == [f"from ann {n}" for n in range(5)] + ["the last"]
    assert said_by(log, "bob") == [f"from bob {n}" for n in range(5)]


def test_tasks_that_die_on_tables_that_fail(faulty, start_task, start_sender, sign_in):
    """Two tasks are killed in turn; DynamoDB throttles and loses answers."""
    tasks = [start_task(name, faulty) for name in ("first", "second")]
    senders = [
        start_sender(f"sender-{n}", tasks[n % len(tasks)], "lobby")
        for n in range(SENDERS)
    ]
    each = SENDS // SENDERS
    for sender, number in itertools.product(senders, range(each)):
        sender.say(f"line {number}")
    for round_ in range(1, 5):
        goal = SENDS * round_ // 6
        wait_until(lambda: acknowledged(senders) >= goal, f"{goal} acks", COME_BACK)
        tasks[round_ % 2].kill()
        tasks[round_ % 2].start()
    for sender in senders:
        sender.wait_sent(COME_BACK)

    faulty.faults = False
    logs = []
    for task in tasks:
        reader = sign_in(task, "reader")
        reader.join("lobby")
        logs.append(reader.log("lobby"))
        check_log(logs[-1], senders)
    assert logs[0] == logs[1][: len(logs[0])]
    for n, sender in enumerate(senders):
        lines = [f"line {number}" for number in range(each)]
        assert said_by(logs[1], f"sender-{n}") == lines
    print(f"{SENDS} sends, {dict(faulty.counts)}")
