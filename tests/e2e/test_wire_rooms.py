"""Rooms and membership, over the wire: "rooms, join, leave"."""

import pytest
from drivers.wire import new_key


def test_a_new_server_has_the_lobby(chatd, sign_in):
    names = [room["room"] for room in sign_in(chatd).ask("rooms")["rooms"]]
    assert names == ["lobby"]


def test_join_makes_an_entry_and_gives_a_page(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob", room="lobby")
    page = ann.join()
    assert page["room"] == "lobby"
    assert page["epoch"]
    assert page["members"] == 2
    assert page["recovered"] is False
    assert page["first"] == 1
    assert page["head"] == page["entries"][-1]["seq"]
    entry = bob.take("join", lambda e: e["from"]["id"] == ann.user["id"])
    assert entry["from"] == {"id": ann.user["id"], "name": "ann"}
    assert entry["key"]
    assert entry["seq"] == page["head"] or entry in bob.events


def test_joining_twice_makes_no_entry(chatd, sign_in):
    ann = sign_in(chatd)
    head = ann.join()["head"]
    assert ann.join()["head"] == head
    assert ann.ask("history", room="lobby", after=0)["head"] == head


def test_join_with_since_recovers(chatd, sign_in):
    ann = sign_in(chatd)
    page = ann.join()
    seqs = [ann.send("lobby", f"{n}")["seq"] for n in range(3)]
    since = {"epoch": page["epoch"], "seq": page["head"]}
    again = ann.join(since=since)
    assert again["recovered"] is True
    assert [entry["seq"] for entry in again["entries"]] == seqs
    other = ann.join(since={"epoch": "other", "seq": 1})
    assert other["recovered"] is False


def test_join_limits_its_page(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    for number in range(5):
        ann.send("lobby", f"{number}")
    page = ann.join(limit=2)
    assert [entry["text"] for entry in page["entries"]] == ["3", "4"]
    assert page["more"] is True
    assert ann.join(limit=0)["entries"] == []
    request = {"room": "lobby", "key": new_key(), "limit": 201}
    assert ann.refused("join", **request) == "bad_request"


def test_create_makes_a_room_once(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob")
    assert ann.refused("join", room="kitchen", key=new_key()) == "not_found"
    made = ann.join("kitchen", create=True)
    found = bob.join("kitchen", create=True)
    assert found["epoch"] == made["epoch"]
    assert found["members"] == 2


def test_a_private_room_is_hidden(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob")
    ann.join("secret", create=True, private=True)
    assert bob.refused("join", room="secret", key=new_key()) == "not_found"
    request = {"room": "secret", "key": new_key(), "create": True}
    assert bob.refused("join", **request) == "name_taken"
    assert bob.refused("history", room="secret", after=0) == "not_found"
    send = {"room": "secret", "key": new_key(), "text": "hi"}
    assert bob.refused("send", **send) == "not_found"
    assert "secret" not in [room["room"] for room in bob.ask("rooms")["rooms"]]


@pytest.mark.parametrize(
    "room", ["", "-a", ".a", "Lobby", "a b", "a" * 65, "ä", "dm.1"]
)
def test_a_bad_room_name_is_refused(chatd, sign_in, room):
    request = {"room": room, "key": new_key(), "create": True}
    assert sign_in(chatd).refused("join", **request) == "bad_request"


def test_a_room_name_of_64_bytes_is_fine(chatd, sign_in):
    assert sign_in(chatd).join("a" * 64, create=True)["head"] == 1


def test_leave_ends_delivery(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob", room="lobby")
    left = ann.leave("lobby")
    assert left["seq"] > 0 and left["ts"] > 0
    bob.take("leave", lambda e: e["from"]["id"] == ann.user["id"])
    bob.send("lobby", "you cannot hear me")
    ann.settle()
    texts = [event.get("text") for event in ann.events]
    assert "you cannot hear me" not in texts
    send = {"room": "lobby", "key": new_key(), "text": "hi"}
    assert ann.refused("send", **send) == "forbidden"


def test_leaving_where_one_is_not_is_nothing(chatd, sign_in):
    left = sign_in(chatd).leave("lobby")
    assert (left["seq"], left["ts"]) == (0, 0)


def test_join_and_leave_repeated_have_one_effect(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob", room="lobby")
    key = new_key()
    assert ann.join(key=key)["head"] == ann.join(key=key)["head"]
    leaving = new_key()
    first = ann.ask("leave", room="lobby", key=leaving)
    again = ann.ask("leave", room="lobby", key=leaving)
    assert again == {**first, "dup": True}
    kinds = [e["event"] for e in bob.log("lobby") if e["from"]["id"] == ann.user["id"]]
    assert kinds == ["join", "leave"]


def test_a_send_repeated_after_leaving_gets_its_entry(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    send = {"room": "lobby", "key": new_key(), "text": "hi"}
    first = ann.ask("send", **send)
    ann.leave("lobby")
    assert ann.ask("send", **send) == {**first, "dup": True}
    assert ann.refused("send", **{**send, "text": "other"}) == "key_conflict"
    assert ann.refused("send", **{**send, "key": new_key()}) == "forbidden"


def test_membership_reaches_the_other_device(chatd, sign_in, connect):
    ann = sign_in(chatd)
    phone = connect(chatd)
    phone.hello_token(ann.hello_reply["token"])
    page = ann.join()
    told = phone.take("membership")
    assert told["room"] == "lobby" and told["state"] == "joined"
    assert told["epoch"] == page["epoch"]
    assert told["head"] >= 1
    ann.send("lobby", "hi")
    assert phone.take("message")["text"] == "hi"
    ann.leave("lobby")
    assert phone.take("membership")["state"] == "left"
    ann.settle()
    assert not [e for e in ann.events if e["event"] == "membership"]


def test_rooms_are_listed_by_name_and_page(chatd, sign_in):
    ann = sign_in(chatd)
    names = sorted(f"room-{number:03}" for number in range(105))
    for name in names:
        ann.join(name, create=True)
    first = ann.ask("rooms", prefix="room-")
    assert [room["room"] for room in first["rooms"]] == names[:100]
    assert first["more"] is True
    rest = ann.ask("rooms", prefix="room-", after=names[99])
    assert [room["room"] for room in rest["rooms"]] == names[100:]
    assert not rest.get("more")
    assert first["rooms"][0]["members"] == 1


def test_rooms_rev_counts_changes_of_the_list(chatd, sign_in):
    ann = sign_in(chatd)
    before = ann.ask("ping")["rooms_rev"]
    ann.join()
    joined = ann.ask("ping")["rooms_rev"]
    ann.leave("lobby")
    left = ann.ask("ping")["rooms_rev"]
    assert before < joined < left
