"""Signing in, over the wire: docs/protocol.md, "hello"."""

import pytest
from drivers.wire import new_key


def test_a_guest_gets_a_session(chatd, connect):
    wire = connect(chatd)
    ok = wire.hello("ann")
    assert ok["user"]["name"] == "ann"
    assert ok["user"]["id"].isdecimal()
    assert ok["user"]["guest"] is True
    assert ok["token"] and ok["session"]
    assert ok["ping_ms"] > 0
    assert ok["rooms"] == []
    assert isinstance(ok["rooms_rev"], int)
    assert ok["now"] > 1_600_000_000_000
    assert ok["server"]["version"]
    assert ok["server"]["task"]


def test_hello_tells_the_limits(chatd, sign_in):
    limits = sign_in(chatd).hello_reply["limits"]
    assert limits["frame_bytes"] == 30720
    assert limits["text_characters"] == 4000
    assert limits["text_bytes"] == 8192
    assert limits["page_entries"] == 200
    assert limits["rooms"] == 500
    assert limits["in_flight"] > 0
    assert limits["connection_ms"] == 0


def test_the_subprotocol_is_answered_and_optional(chatd, connect):
    assert connect(chatd).subprotocol == "chat.v1"
    bare = connect(chatd, subprotocols=())
    assert bare.subprotocol is None
    assert bare.hello()["session"]


def test_the_same_guest_key_is_the_same_user(chatd, connect):
    key = new_key()
    first = connect(chatd).hello("ann", key=key)
    again = connect(chatd).hello("ann", key=key)
    other = connect(chatd).hello("ann")
    assert again["user"]["id"] == first["user"]["id"]
    assert again["token"] != first["token"]
    assert other["user"]["id"] != first["user"]["id"]


def test_a_token_is_the_same_user(chatd, connect):
    first = connect(chatd).hello("ann")
    again = connect(chatd).hello_token(first["token"])
    assert again["user"] == first["user"]


def test_an_unknown_token_is_unauthorized(chatd, connect):
    wire = connect(chatd)
    assert wire.refused("hello", version=1, token="nobody") == "unauthorized"
    assert wire.hello()["session"]


def test_a_guest_without_a_key_is_unauthorized(chatd, connect):
    assert connect(chatd).refused("hello", version=1, guest="ann") == "unauthorized"


def test_hello_comes_first(chatd, connect):
    wire = connect(chatd)
    assert wire.refused("rooms") == "hello_required"
    assert wire.refused("ping") == "hello_required"
    wire.hello()
    assert wire.ask("ping")["now"]


def test_hello_again_is_for_the_same_user_only(chatd, connect):
    wire = connect(chatd)
    first = wire.hello("ann")
    again = wire.ask("hello", version=1, guest="ann", key=wire.guest_key)
    assert again["user"]["id"] == first["user"]["id"]
    other = {"guest": "bob", "key": new_key()}
    assert wire.refused("hello", version=1, **other) == "bad_request"


def test_another_version_is_refused(chatd, connect):
    wire = connect(chatd)
    refusal = wire.refused("hello", version=2, guest="ann", key=new_key())
    assert refusal == "version"
    assert wire.wait_closed() == 4505


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ann",
        "ann ",
        "an  n",
        "a" * 33,
        "a\u0301" * 65,
        "a\u202eb",
        "a\u200bb",
        "a\u2028b",
        "a\u00a0b",
        "a\ue000b",
        "a\x1bb",
        "a\tb",
    ],
)
def test_a_name_that_could_deceive_is_refused(chatd, connect, name):
    refusal = connect(chatd).refused("hello", version=1, guest=name, key=new_key())
    assert refusal == "bad_request"


@pytest.mark.parametrize("name", ["a", "a" * 32, "Zoë", "李 小龍", "e\u0301" * 32])
def test_a_plain_name_is_kept(chatd, connect, name):
    assert connect(chatd).hello(name)["user"]["name"] == name


def test_resume_brings_what_was_missed_in_order(chatd, sign_in, connect):
    ann = sign_in(chatd, "ann")
    head = ann.join()
    ann.close()
    bob = sign_in(chatd, "bob", room="lobby")
    for number in range(5):
        bob.send("lobby", f"message {number}")
    back = connect(chatd)
    wanted = {"room": "lobby", "epoch": head["epoch"], "seq": head["head"]}
    reply = back.hello_token(ann.hello_reply["token"], resume=[wanted])
    room = reply["rooms"][0]
    assert room["room"] == "lobby" and room["resumed"] is True
    missed = back.entries("lobby", room["head"])
    assert [e["seq"] for e in missed] == list(range(head["head"] + 1, room["head"] + 1))
    assert missed[-1]["text"] == "message 4"
    bob.send("lobby", "live")
    assert (
        back.take("message", lambda e: e["text"] == "live")["seq"] == room["head"] + 1
    )


def test_resume_with_another_epoch_starts_at_the_head(chatd, sign_in, connect):
    ann = sign_in(chatd, "ann", room="lobby")
    ann.send("lobby", "before")
    back = connect(chatd)
    wanted = {"room": "lobby", "epoch": "other", "seq": 1}
    reply = back.hello_token(ann.hello_reply["token"], resume=[wanted])
    assert reply["rooms"][0]["resumed"] is False
    seq = ann.send("lobby", "after")["seq"]
    live = back.entries("lobby", seq)
    assert [e["text"] for e in live] == ["after"]


def test_a_room_too_far_behind_is_not_resumed(chatd, sign_in, connect):
    ann = sign_in(chatd, "ann")
    head = ann.join()
    in_flight = ann.hello_reply["limits"]["in_flight"]
    for start in range(0, 1008, in_flight):
        requests = [
            ann.post("send", room="lobby", key=new_key(), text=f"{start + i}")
            for i in range(in_flight)
        ]
        assert all("ok" in ann.reply(request) for request in requests)
    back = connect(chatd)
    wanted = {"room": "lobby", "epoch": head["epoch"], "seq": head["head"]}
    reply = back.hello_token(ann.hello_reply["token"], resume=[wanted])
    assert reply["rooms"][0]["resumed"] is False


def test_hello_lists_rooms_with_head_and_unread(chatd, sign_in, connect):
    ann = sign_in(chatd, "ann")
    epoch = ann.join()["epoch"]
    bob = sign_in(chatd, "bob", room="lobby")
    seq = bob.send("lobby", "one")["seq"]
    reply = connect(chatd).hello_token(ann.hello_reply["token"])
    (room,) = reply["rooms"]
    assert room["room"] == "lobby"
    assert room["epoch"] == epoch
    assert room["head"] == seq
    assert room["unread"] == 1


def test_who_says_no_hello_is_closed(chatd, connect):
    wire = connect(chatd)
    assert wire.wait_closed() == 4502
    assert wire.take("close")["code"] == 4502
