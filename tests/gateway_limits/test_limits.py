"""API Gateway ends each connection after two hours, and after ten minutes in
which nothing was said. Clients go before, by a new connection that stands
before the old one ends. Here two hours are 14 seconds."""

import collections
import itertools
import os
import time

from playwright.sync_api import expect

RENEWALS = int(os.environ.get("CHAT_RENEWALS", "1"))
SECONDS = 30 + 15 * RENEWALS
PAUSE = 0.3  # between two clients' messages
AT_ONCE = 3  # messages of one client


def moves(relay):
    """How often each has moved to another connection."""
    return {
        name: count - 1
        for name, count in collections.Counter(relay.names.values()).items()
    }


def talk(clients, relay):
    """Each in turn until all have moved; what was said."""
    said = []
    end = time.monotonic() + SECONDS
    for number, client in zip(itertools.count(), itertools.cycle(clients)):
        for part in range(AT_ONCE):
            said.append(f"text {number:04}-{part}.")
            client.say(said[-1])
        time.sleep(PAUSE)
        if min(moves(relay).values()) >= RENEWALS:
            return said
        assert time.monotonic() < end, moves(relay)


def join(page, room):
    page.page.get_by_role("button", name="Join or create a room").click()
    page.page.get_by_role("textbox", name="Name of the room").fill(room)
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("heading", level=1, name=room)).to_be_visible()


def check_moves(gateway, relay):
    """Each connection was ended by its client, once the next one was good."""
    assert len(relay.left) >= len(moves(relay))
    assert [relay.names[c] for c, had_another in relay.left if not had_another] == []
    for line in gateway.ended():
        assert line["why"].startswith("client"), (relay.names[line["connection"]], line)


def check_program(program):
    """It was told that it is online, and never that it is not."""
    states = [o["state"]["online"] for o in program.objects() if "state" in o]
    assert states[states.index(True) :] == [True]


def check_entries(program, said):
    """All that was said, once, and what one said in the order of saying."""
    messages = [o for o in program.entries() if o["event"] == "message"]
    assert sorted(o["text"] for o in messages) == said
    for name in ("ann", "bob"):
        texts = [o["text"] for o in messages if o["from"]["name"] == name]
        assert texts == sorted(texts)


def test_nobody_notices_the_limits(gateway, relay, sdk, page):
    """Two that talk in a room, two that only listen in another."""
    ann, bob = sdk("ann", "talk"), page("bob")
    cid, _ = sdk("cid", "lobby"), page("dora")
    join(bob, "talk")

    said = talk([ann, bob], relay)
    ann.wait_for(said[-1])
    bob.wait_for(said[-1])

    check_moves(gateway, relay)
    assert relay.most_coming == 1, "in_flight is 1"
    check_entries(ann, said)
    shown = bob.log_text()
    assert [text for text in said if shown.count(text) != 1] == []
    for program in (ann, cid):
        check_program(program)
