"""Moderation, changed messages and rooms of two, over the wire and in SQLite."""

from drivers.wire import new_key


def keyed(wire, action, **body):
    return wire.ask(action, key=new_key(), **body)


def make_den(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob")
    ann.join("den", create=True)
    bob.join("den")
    return ann, bob


def test_a_message_is_edited_reacted_to_and_deleted(chatd, sign_in):
    ann, bob = make_den(chatd, sign_in)
    ref = ann.send("den", "first")["seq"]
    edit = keyed(ann, "edit", room="den", ref=ref, text="second")["seq"]
    keyed(bob, "react", room="den", ref=ref, emoji="👍", on=True)
    page = bob.ask("history", room="den", before=ref + 1)
    (change,) = page["changes"]
    assert change["ref"] == ref
    assert (change["edit"], change["text"]) == (edit, "second")
    assert change["reactions"] == [{"emoji": "👍", "users": [bob.user["id"]]}]
    body = {"room": "den", "ref": ref, "text": "x"}
    assert bob.refused("edit", key=new_key(), **body) == "forbidden"
    keyed(ann, "delete", room="den", ref=ref)
    assert bob.take("delete")["ref"] == ref
    page = bob.ask("history", room="den", before=edit + 1)
    erased = [entry for entry in page["entries"] if entry.get("deleted")]
    assert [entry["seq"] for entry in erased] == [ref, edit]
    assert all("text" not in entry for entry in erased)
    assert ann.refused("edit", key=new_key(), **body) == "not_found"


def test_one_who_is_banned_stays_out_until_it_is_lifted(chatd, sign_in):
    ann, bob = make_den(chatd, sign_in)
    keyed(ann, "ban", room="den", user=bob.user["id"], on=True, reason="noise")
    assert bob.take("ban")["reason"] == "noise"
    removed = bob.take("membership", lambda event: event["state"] == "removed")
    assert removed["by"] == {"id": ann.user["id"], "name": "ann"}
    assert bob.refused("join", room="den", key=new_key()) == "forbidden"
    keyed(ann, "ban", room="den", user=bob.user["id"], on=False)
    assert bob.join("den")["role"] == "member"


def test_a_private_room_is_entered_by_invitation(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob")
    ann.ask("join", room="cave", key=new_key(), create=True, private=True)
    assert bob.refused("join", room="cave", key=new_key()) == "not_found"
    keyed(ann, "invite", room="cave", user=bob.user["id"])
    assert bob.take("membership")["state"] == "invited"
    assert bob.join("cave")["members"] == 2
    keyed(ann, "role", room="cave", user=bob.user["id"], role="moderator")
    keyed(bob, "topic", room="cave", topic="stones")
    assert ann.join("cave")["topic"] == "stones"
    members = ann.ask("members", room="cave")["members"]
    assert [row["role"] for row in members] == ["owner", "moderator"]


def test_a_room_of_two(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann"), sign_in(chatd, "bob")
    room = keyed(ann, "dm", user=bob.user["id"])["room"]
    assert bob.take("membership")["room"] == room
    bob.send(room, "hi", mentions=[ann.user["id"]])
    assert ann.take("message")["text"] == "hi"
    assert ann.ask("read", room=room, seq=1)["mentions"] == 1
    assert keyed(bob, "dm", user=ann.user["id"])["head"] == 2
