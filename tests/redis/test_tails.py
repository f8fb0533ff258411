"""What a task has missed of a room it reads from the Redis, where that has it."""

import contextlib

import pytest
from drivers.lines import wait_until
from drivers.wire import Wire

LISTENERS = 5


def tails(task, result):
    return task.scrape()[f'chatd_tail_reads_total{{result="{result}"}}']


@contextlib.contextmanager
def listeners(pair):
    """More of Bob's connections, all in the lobby."""
    with contextlib.ExitStack() as stack:
        wires = [pair.bob]
        for _ in range(LISTENERS - 1):
            wire = Wire(pair.tasks[1].url)
            stack.callback(wire.close)
            wire.hello("bob", key=pair.bob.guest_key)
            wires.append(wire)
        yield wires


def join(pair, name, wires):
    """Somebody joins at Ann's task, which Bob's reads the room for."""
    with contextlib.closing(Wire(pair.tasks[0].url)) as eve:
        eve.hello(name)
        eve.join("lobby")
        for wire in wires:
            wire.take("join", lambda e: e["from"]["name"] == name)


def test_what_was_missed_is_not_read_from_the_tables(pair):
    task = pair.tasks[1]
    with listeners(pair) as wires:
        reads, found = task.calls("read_log"), tails(task, "found")
        join(pair, "eve", wires)
        assert task.calls("read_log") == reads
        assert tails(task, "found") == found + 1  # for all of them
    pair.check_logs()


def test_a_tail_has_an_end(pair):
    pair.ann.send("lobby", "kept")
    keys = pair.redis.command("KEYS", "*cache:tail:*")
    assert 0 < len(keys) <= 128
    for key in keys:
        assert 0 < pair.redis.command("PTTL", key) <= 30_000


@pytest.mark.parametrize("rule", ["-get", "-set"])
def test_without_it_the_tables_are_read(pair, rule):
    pair.redis.grant(rule)
    try:
        task = pair.tasks[1]
        reads, missing = task.calls("read_log"), tails(task, "missing")
        with listeners(pair) as wires:
            join(pair, f"mallory {rule}", wires)
        assert task.calls("read_log") > reads
        assert tails(task, "missing") > missing
    finally:
        pair.redis.grant_all()
    pair.check_logs()


def test_what_a_liar_puts_there_is_not_believed(pair):
    """Each place of the lobby has what is of another place."""
    pair.talk("before the lie")
    pair.redis.grant("-set")
    prefix = pair.channel.removesuffix("bus")
    try:
        keys = pair.redis.command("KEYS", "*cache:tail:lobby:*")
        value = pair.redis.command("GET", keys[0])
        for place in range(128):
            pair.redis.command("SET", f"{prefix}cache:tail:lobby:{place}", value)
        task = pair.tasks[1]
        refused = task.refused
        with listeners(pair) as wires:
            join(pair, "trent", wires)
        wait_until(lambda: task.refused > refused, "it to be refused")
    finally:
        pair.redis.grant_all()
    pair.check_logs("before the lie")
