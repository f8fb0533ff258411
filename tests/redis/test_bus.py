"""Tasks hear each other over a Redis; whatever it does, nothing is lost, and
what it makes up is not believed."""

import json
import subprocess

import pytest
from drivers.lines import wait_until
from server import PASSWORD, USER, Client

SENDS = 20


def test_entries_come_without_a_read(pair):
    """Told by counters: no head and no log is read for them."""
    bob = pair.tasks[1]
    names = ("heads", "read_log")
    before = {name: bob.calls(name) for name in names}
    received = bob.notices("received")
    for number in range(SENDS):
        pair.ann.send("lobby", f"line {number}")
        pair.bob.take("message", lambda e, n=number: e["text"] == f"line {n}")
    assert bob.notices("received") >= received + SENDS
    # Heads are looked at now and then all the same, not for each line.
    assert bob.calls("read_log") == before["read_log"]
    assert bob.calls("heads") - before["heads"] < SENDS / 2
    assert bob.health() == {"ready": True, "reasons": []}


def test_a_redis_that_is_killed_and_comes_back(pair):
    events = ("redis_lost", "redis_reached")
    logged = [[len(task.events(name)) for name in events] for task in pair.tasks]
    pair.redis.kill()
    pair.wait_lost()
    for task in pair.tasks:
        health = task.health()
        assert health["ready"]
        assert health["degraded"][0]["name"] == "redis"
        assert health["degraded"][0]["detail"] == "not reachable, heads are polled"
    pair.talk("without it")
    pair.redis.start()
    pair.wait_connected()
    pair.check_bus("with it again")
    pair.check_logs("without it")
    # A line at the loss and one at the return, however often it was tried.
    for task, (lost, reached) in zip(pair.tasks, logged, strict=True):
        assert len(task.events("redis_lost")) == lost + 1
        assert len(task.events("redis_reached")) == reached + 1


def test_a_redis_that_hangs(pair):
    pair.redis.hang()
    try:
        pair.talk("it hangs")
        pair.wait_lost()
        pair.talk("it still hangs")
    finally:
        pair.redis.go_on()
    pair.wait_connected()
    pair.check_bus("it goes on")
    pair.check_logs("it hangs", "it still hangs")


def test_a_redis_that_is_flushed(pair):
    assert pair.redis.command("FLUSHALL") == b"OK"
    pair.check_bus("flushed")
    assert all(task.connected for task in pair.tasks)


def test_connections_that_are_killed(pair):
    lost = [task.scrape()["chatd_redis_lost_total"] for task in pair.tasks]
    assert pair.redis.command("CLIENT", "KILL", "USER", USER) == 4
    for task, count in zip(pair.tasks, lost, strict=True):
        wait_until(
            lambda t=task, c=count: t.scrape()["chatd_redis_lost_total"] > c, "a loss"
        )
    pair.talk("killed")
    pair.wait_connected()
    pair.check_bus("back")
    pair.check_logs("killed")


def test_a_password_that_changes(pair):
    pair.redis.grant("resetpass", ">another")
    pair.redis.command("CLIENT", "KILL", "USER", USER)
    pair.wait_lost()
    pair.talk("nobody may in")
    for task in pair.tasks:
        detail = task.events("redis_lost")[-1]["detail"]
        assert detail in (
            "it has closed the connection",
            "it refuses user or password: WRONGPASS",
        )
    pair.redis.grant_all()
    pair.wait_connected()
    pair.check_bus("everybody may")
    pair.check_logs("nobody may in")


@pytest.mark.parametrize("rule", ["-publish", "-subscribe", "resetchannels"])
def test_a_right_that_is_taken_away(pair, rule):
    """Only one direction may fail: both tasks see it by themselves."""
    pair.redis.grant(rule)
    if rule == "-subscribe":
        pair.redis.command("CLIENT", "KILL", "TYPE", "PUBSUB")
    pair.wait_lost()
    pair.talk(f"not allowed: {rule}")
    pair.redis.grant_all()
    pair.wait_connected()
    pair.check_bus("allowed")
    pair.check_logs(f"not allowed: {rule}")


def test_tls_and_a_user(tls_pair):
    tls_pair.check_bus("over TLS")


def test_a_certificate_of_nobody(stranger):
    line = json.loads(stranger.log.find(lambda x: "redis_lost" in x, "the loss"))
    assert "self-signed certificate" in line["detail"]
    assert not stranger.connected


# ---- a liar ----


def packets_of(pair):
    """What the tasks publish while they talk, heard by somebody else."""
    with Client(pair.redis.port) as client:
        client.ask("SUBSCRIBE", pair.channel)
        pair.talk("overheard")
        packets = [client.receive()[2] for _ in range(4)]
    return [packet for packet in packets if b"overheard" in packet]


def lie(pair, packets):
    """Each must be refused by both tasks, and nothing comes of it."""
    before = [task.refused for task in pair.tasks]
    with Client(pair.redis.port) as client:
        for packet in packets:
            assert client.ask("PUBLISH", pair.channel, packet) == 2
    for task, count in zip(pair.tasks, before, strict=True):
        wait_until(
            lambda t=task, c=count: t.refused >= c + len(packets), "all to be refused"
        )
    pair.check_bus("and on it goes")
    assert [task.refused for task in pair.tasks] == [n + len(packets) for n in before]
    said = [json.dumps(e) for wire in pair.wires for e in wire.events]
    assert not [text for text in said if "overheard" in text or "forged" in text]


def test_forged_packets(pair):
    """New by their numbers, so that only the seal tells them from others."""
    packet = packets_of(pair)[0]
    later = packet[:9] + (2**63).to_bytes(8, "big") + packet[17:]
    of_nobody = packet[:1] + bytes(8) + later[9:]
    forged = later.replace(b"overheard", b"forged it")
    assert forged != later
    lie(pair, [later, of_nobody, forged, later[:-16] + bytes(16)])


def test_truncated_packets(pair):
    packet = packets_of(pair)[0]
    lie(pair, [packet[:n] for n in (0, 1, 17, len(packet) // 2, -1)])


def test_replayed_packets(pair):
    lie(pair, packets_of(pair) * 3)


def test_a_packet_of_another_version_is_passed_over(pair):
    ignored = [task.notices("ignored") for task in pair.tasks]
    packet = packets_of(pair)[0]
    lie(pair, [packet[:10]])
    pair.redis.command("PUBLISH", pair.channel, b"\2" + packet[1:])
    for task, count in zip(pair.tasks, ignored, strict=True):
        wait_until(lambda t=task, c=count: t.notices("ignored") == c + 1, "it")


def test_huge_packets(pair):
    lie(pair, [b"\1" * 300_000])
    # What is not even taken in ends the connection, which comes back.
    lost = [task.scrape()["chatd_redis_lost_total"] for task in pair.tasks]
    pair.redis.command("PUBLISH", pair.channel, b"\1" * 10_000_000)
    for task, count in zip(pair.tasks, lost, strict=True):
        wait_until(
            lambda t=task, c=count: t.scrape()["chatd_redis_lost_total"] > c, "a loss"
        )
    pair.wait_connected()
    pair.check_bus("still here")
    pair.check_logs()


# ---- secrets, and what is said wrong ----


def test_the_password_is_in_no_log(own_pair):
    pair = own_pair
    pair.redis.grant("resetpass", ">another")
    pair.redis.command("CLIENT", "KILL", "USER", USER)
    pair.wait_lost()
    pair.redis.kill()
    for task in pair.tasks:
        task.stop()
        assert PASSWORD not in "\n".join(task.log.all())


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"redis://:{PASSWORD}@host", "--redis-url: needs --store dynamodb"),
        (f"http://:{PASSWORD}@host", "--redis-url: must be like redis://HOST"),
    ],
)
def test_a_wrong_option_is_told_without_its_value(build, folder, url, why):
    done = subprocess.run(
        [build / "server/chatd", "--data", folder / "data", "--redis-url", url],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert why in done.stderr
    assert PASSWORD not in done.stderr + done.stdout
