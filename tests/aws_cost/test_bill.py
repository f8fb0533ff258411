"""Arithmetic: a case by hand, and what must hold of any."""

import dataclasses

import pytest
from pricing import bill, traffic, variants
from pricing.inventory import PROFILES
from pricing.prices import Line, charge
from pricing.traffic import Usage

SOME = Usage(users=200, messages=30, room_size=25)


def quantities(charged):
    found = {}
    for line, _ in charged:
        found[line.name] = found.get(line.name, 0) + line.quantity
    return found


def test_hackathon_without_users_by_hand():
    by_hand = {
        # One gateway and its address, for 730 hours, and the way of 0.7 GB of lines.
        "NAT gateway": 730 * (0.045 + 0.005) + 2 * 730 * 60 * 8200 / 1e9 * 0.045,
        "Balancers": 2 * 730 * 0.0225,
        # Two tasks of a quarter processor and half a gigabyte.
        "Fargate": 2 * 730 * (0.25 * 0.03238 + 0.5 * 0.00356),
        "ElastiCache": 730 * 0.0128,
        # Metrics of two colors, of containers, of routes, less the free ten;
        # 23 metrics of alarms less ten, and two composite alarms. The lines and
        # one dashboard are free. Then a week of lines, packed to a fifth.
        "CloudWatch": (2 * 89 + 52 + 18 - 10) * 0.30
        + (23 - 10) * 0.10
        + 2 * 0.50
        + 2 * 730 * 60 * 8200 / 1e9 * (7 / (730 / 24)) / 5 * 0.03,
        "Secrets and keys": 5 * 0.40 + 1.00,
        "Storage of page and images": 0.01 * 0.023 + 0.6 * 0.10,
    }
    found = bill.by_service(bill.month("hackathon", Usage(0, 0, 1)))
    assert {name: paid for name, paid in found.items() if paid} == pytest.approx(by_hand)


def test_a_million_deliveries_by_hand():
    """A room of 20: 50,000 sends, each with its answer and 20 POSTs."""
    usage = Usage(users=0, messages=0, room_size=20)
    messages = (2 * 50_000 + 1_000_000) / 1e6 * 1.00
    nat = 1e6 * (1600 + 400) / 1e9 * 0.045
    out = (1e6 * 400 + 50_000 * 200) / 1e9 * 0.09
    link = 50_000 * 2000 / 1e9 * (0.008 + 0.006)
    log = 50_000 * 300 / 1e9 * 0.50
    writes = 50_000 * 2.02 / 1e6 * 0.625
    # One read for the room's connections; of two tasks one has no seat, and
    # reads session, token and user.
    reads = 50_000 * (1 + 0.5 * 3) / 1e6 * 0.125
    storage = 50_000 * 600 / 1e9 * 0.25
    traces = 50_000 * 0.01 / 1e6 * (5 + 1)
    by_hand = messages + nat + out + link + log + writes + reads + storage + traces
    assert bill.a_million(usage, whole=False) == pytest.approx(by_hand)


def test_what_is_free_is_free_once():
    lines = [Line("metric.months", "a", 6), Line("metric.months", "b", 6)]
    assert [paid for _, paid in charge(lines)] == [0, pytest.approx(2 * 0.30)]


def test_what_users_do_is_on_the_bill():
    counts = quantities(bill.month("hackathon", SOME))
    sent = 200 * 30 * 730 / 24
    pings = 200 * 8 * 730 / 24 * 3600 / 25
    assert traffic.sent(SOME) == pytest.approx(sent)
    # At least each message in, out and to all; each ping and its answer.
    assert counts["api.messages"] * 1e6 > sent * (2 + 25) + 2 * pings
    assert counts["api.minutes"] * 1e6 == pytest.approx(200 * 8 * 60 * 730 / 24)


def test_twice_the_users_are_twice_the_traffic():
    once = quantities(charge(bill.talk_lines(PROFILES["hackathon"], SOME)))
    double = dataclasses.replace(SOME, users=400)
    twice = quantities(charge(bill.talk_lines(PROFILES["hackathon"], double)))
    assert twice == pytest.approx({name: 2 * n for name, n in once.items()})


@pytest.mark.parametrize("rate", [1, 20, 200, 2000])
@pytest.mark.parametrize("direct", [False, True])
def test_packing_never_costs_more(rate, direct):
    packed = dataclasses.replace(SOME, rate=rate, direct=direct)
    alone = dataclasses.replace(packed, packing=False)
    assert bill.a_million(packed, False) <= bill.a_million(alone, False)


def test_a_quiet_room_has_nothing_to_pack():
    alone = dataclasses.replace(SOME, packing=False)
    assert bill.a_million(SOME, True) == bill.a_million(alone, True)


def test_a_post_is_not_packed_beyond_its_limit():
    hot = dataclasses.replace(SOME, rate=1e9)
    assert hot.objects_a_post() == traffic.POST_OBJECTS_MAX


@pytest.mark.parametrize("name", PROFILES)
def test_direct_is_cheaper(name):
    direct = dataclasses.replace(SOME, direct=True)
    by_gateway = bill.total(bill.month(name, SOME))
    assert bill.total(bill.month(name, direct)) < by_gateway
    assert "API Gateway" not in bill.by_service(bill.month(name, direct))


def test_large_rooms_hear_nothing_of_presence():
    assert traffic.of_presence(dataclasses.replace(SOME, room_size=100)).posts
    assert not traffic.of_presence(dataclasses.replace(SOME, room_size=101)).posts


def test_variants_begin_with_hackathon_and_get_cheaper():
    costs = [paid for _, paid in variants.rows()]
    nobody = bill.month("hackathon", Usage(0, 0, 1))
    assert costs[0] == pytest.approx(bill.total(nobody))
    assert costs == sorted(costs, reverse=True)


def test_each_variant_leaves_out_what_is_there():
    parts = {line.what for line, _ in bill.month("hackathon", Usage(0, 0, 1))}
    for step in variants.STEPS:
        assert set(step.without) <= parts, step.name
