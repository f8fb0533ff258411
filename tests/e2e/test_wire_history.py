"""Reading back, over the wire: "history", "read", "ping", "typing"."""

import pytest
from drivers.wire import new_key


@pytest.fixture
def room(chatd, sign_in):
    """ann and bob in a room whose log is: join, join, 20 messages."""
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob", room="lobby")
    for number in range(20):
        ann.send("lobby", f"{number}")
    return ann, bob


def seqs(page):
    return [entry["seq"] for entry in page["entries"]]


def test_history_goes_both_ways(room):
    ann, _ = room
    assert seqs(ann.ask("history", room="lobby", after=5, limit=3)) == [6, 7, 8]
    assert seqs(ann.ask("history", room="lobby", before=10, limit=3)) == [7, 8, 9]


def test_history_around_an_entry(room):
    ann, _ = room
    found = seqs(ann.ask("history", room="lobby", around=10, limit=5))
    assert 10 in found
    assert found == list(range(found[0], found[0] + 5))
    assert found[0] in (8, 9)


def test_history_says_where_it_stands(room):
    ann, _ = room
    page = ann.ask("history", room="lobby", after=0, limit=5)
    assert (page["first"], page["head"], page["more"]) == (1, 22, True)
    page = ann.ask("history", room="lobby", after=20, limit=5)
    assert seqs(page) == [21, 22]
    assert not page.get("more")
    page = ann.ask("history", room="lobby", before=3, limit=5)
    assert seqs(page) == [1, 2]
    assert not page.get("more")


def test_history_beyond_the_head_is_empty(room):
    ann, _ = room
    assert seqs(ann.ask("history", room="lobby", after=1000)) == []


def test_history_asks_for_one_direction(room):
    ann, _ = room
    assert ann.refused("history", room="lobby") == "bad_request"
    both = {"before": 3, "after": 1}
    assert ann.refused("history", room="lobby", **both) == "bad_request"
    for limit in (0, 201):
        wrong = {"after": 0, "limit": limit}
        assert ann.refused("history", room="lobby", **wrong) == "bad_request"


def test_history_of_another_epoch(room):
    ann, _ = room
    wrong = {"after": 0, "epoch": "other"}
    assert ann.refused("history", room="lobby", **wrong) == "epoch_changed"
    assert ann.refused("history", room="nowhere", after=0) == "not_found"


def test_history_is_for_members(chatd, sign_in):
    """A public room may be joined by all; until then it is not read."""
    assert sign_in(chatd).refused("history", room="lobby", after=0) == "forbidden"


@pytest.mark.parametrize("direction", ["after", "before", "around"])
def test_a_page_is_cut_by_bytes(chatd, sign_in, direction):
    ann = sign_in(chatd, room="lobby")
    for number in range(12):
        ann.send("lobby", f"{number:02}" + "é" * 3900)
    start = {"after": 1, "before": 14, "around": 7}[direction]
    page = ann.ask("history", room="lobby", limit=200, **{direction: start})
    found = seqs(page)
    assert page["more"] is True
    assert found == list(range(found[0], found[-1] + 1))
    kept = {"after": found[0] == 2, "before": found[-1] == 13, "around": found[0] == 1}
    assert kept[direction], found


def test_paging_gives_the_whole_log_once(room):
    ann, _ = room
    assert [entry["seq"] for entry in ann.log("lobby")] == list(range(1, 23))


def test_the_read_marker_only_moves_forward(room):
    _, bob = room
    assert bob.ask("read", room="lobby", seq=12) == {"seq": 12, "unread": 10, "mentions": 0}
    assert bob.ask("read", room="lobby", seq=5) == {"seq": 12, "unread": 10, "mentions": 0}
    assert bob.ask("read", room="lobby", seq=999) == {"seq": 22, "unread": 0, "mentions": 0}


def test_the_read_marker_reaches_the_other_device(chatd, room, connect):
    _, bob = room
    phone = connect(chatd)
    (joined,) = phone.hello_token(bob.hello_reply["token"])["rooms"]
    assert joined["unread"] == 20
    bob.ask("read", room="lobby", seq=21)
    told = phone.take("read")
    assert (told["room"], told["read"], told["unread"]) == ("lobby", 21, 1)
    (joined,) = connect(chatd).hello_token(bob.hello_reply["token"])["rooms"]
    assert (joined["read"], joined["unread"]) == (21, 1)


def test_read_is_for_members(chatd, sign_in):
    ann = sign_in(chatd)
    assert ann.refused("read", room="lobby", seq=1) == "forbidden"
    assert ann.refused("read", room="nowhere", seq=1) == "not_found"


def test_ping_tells_heads(room):
    ann, _ = room
    epoch = ann.join()["epoch"]
    pong = ann.ask("ping")
    assert pong["heads"] == {"lobby": {"epoch": epoch, "head": 22}}
    assert not pong.get("more")


def test_ping_since_tells_only_what_moved(room):
    ann, _ = room
    ann.join("quiet", create=True)
    ts = ann.send("lobby", "news")["ts"]
    heads = ann.ask("ping", since=ts)["heads"]
    assert heads["lobby"]["head"] == 23
    assert ann.ask("ping", since=ts + 3_600_000)["heads"] == {}


def test_typing_reaches_the_others_and_is_no_entry(room):
    ann, bob = room
    assert ann.ask("typing", room="lobby") == {}
    told = bob.take("typing")
    assert told == {
        "event": "typing",
        "room": "lobby",
        "from": {"id": ann.user["id"], "name": "ann"},
    }
    assert bob.ask("ping")["heads"]["lobby"]["head"] == 22


def test_typing_is_for_members(chatd, sign_in):
    ann = sign_in(chatd)
    assert ann.refused("typing", room="lobby") == "forbidden"


def test_keys_are_unique_across_a_drawn_log(room):
    ann, _ = room
    ann.send("lobby", "last", key=new_key())
    keys = [(e["from"]["id"], e["key"]) for e in ann.log("lobby")]
    assert len(keys) == len(set(keys))
