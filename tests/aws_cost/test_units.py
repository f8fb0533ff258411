"""Units, sizes and times of the cost are those of the documents and the code."""

import re

import pytest
import templates as reader
from pricing import traffic
from templates import ROOT

DYNAMODB = (ROOT / "docs/dynamodb.md").read_text()
GATEWAY = (ROOT / "docs/gateway.md").read_text()
LIMITS = (ROOT / "protocol/limits.h").read_text()
ONE_HERE = traffic.Usage(users=1, messages=1, room_size=2, direct=True)


def limit(name):
    return int(re.search(rf"{name} +(\d+)", LIMITS).group(1))


def row(action):
    """(write units, read units) of an action."""
    found = re.search(rf"^\| {action} \| ([\d.]+) \| ([\d. +]+) \|", DYNAMODB, re.M)
    writes, reads = found.groups()
    return float(writes), sum(map(float, reads.split("+")))


def test_sends_cost_what_was_measured():
    measured = re.findall(r"^\| (\d+) \| \d+ \| ([\d.]+) \| claims", DYNAMODB, re.M)
    assert traffic.SEND_UNITS == {int(load): float(units) for load, units in measured}


@pytest.mark.parametrize(
    "action, counts",
    [
        ("mark read", traffic.of_reading(ONE_HERE)),
        ("ping, 10 rooms", traffic.of_ping(ONE_HERE)),
    ],
)
def test_actions_cost_what_was_measured(action, counts):
    assert (counts.writes, counts.reads) == row(action)


def test_a_hello_costs_its_rooms_beside_what_was_measured():
    writes, reads = row("hello by token, 10 rooms")
    counts = traffic.of_connection(ONE_HERE)
    assert (counts.writes, counts.reads) == (writes, reads + ONE_HERE.rooms)


def test_a_message_takes_the_room_that_is_documented():
    assert "0.6 GB" in re.search(r"A million messages of.*?\n\n", DYNAMODB, re.S)[0]
    assert traffic.STORED_BYTES == 600


def test_the_directory_costs_what_is_documented():
    assert "1,000 connections are 25 read units" in " ".join(GATEWAY.split())
    thousand = traffic.Usage(users=1, messages=1, room_size=1000)
    assert traffic.room_reads(thousand) == 25


def test_a_post_carries_what_is_documented():
    assert "objects to 30 KiB" in GATEWAY
    assert traffic.POST_OBJECTS_MAX == 30 * 1024 // traffic.EVENT_BYTES


def test_packing_is_what_was_measured():
    """POSTs saved at 100 messages a second, with a sink that takes as long."""
    assert "after 25 ms, about as long as API Gateway takes" in " ".join(GATEWAY.split())
    assert traffic.POST_SECONDS == 0.025
    row = r"^\| (\d+) a second \| 25 ms \|.*\| (\d+) %"
    measured = re.findall(row, GATEWAY, re.M)
    assert len(measured) == 3
    for rate, saved in measured:
        objects = traffic.Usage(1, 1, 100, rate=float(rate)).objects_a_post()
        assert 100 * (1 - 1 / objects) == pytest.approx(float(saved), abs=10)


def test_an_append_takes_what_is_documented():
    assert "round trips (some 10 ms)" in " ".join(DYNAMODB.split())
    assert traffic.APPEND_SECONDS == 0.010


def test_clients_ping_and_hear_as_the_protocol_says():
    assert traffic.PING_SECONDS * 1000 == limit("CHAT__PING_INTERVAL_MS")
    assert traffic.PRESENCE_MEMBERS == limit("CHAT__PRESENCE_ROOM_MAX")


def test_so_much_is_traced():
    sample = reader.load()["root.yml"]["Parameters"]["TraceSample"]["Default"]
    assert float(sample) == traffic.TRACED
