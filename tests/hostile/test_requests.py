"""Requests of strangers: what is no JSON, what is another's, what is not there."""

import json

import pytest
from drivers.wire import new_key
from wire import Gone

STRIKES = 10


def ping(inner):
    return '{"action":"ping","id":1,"x":' + inner + "}"


# What fits a frame and is no request; each is a strike.
NOT_REQUESTS = {
    "nested 9 deep": ping("[" * 8 + "]" * 8),
    "nested 1,000 deep": ping("[" * 1000 + "]" * 1000),
    "nested 15,000 deep": ping("[" * 15000),
    "objects 5,000 deep": ping('{"a":' * 5000),
    "1,000 keys": ping(json.dumps({f"k{n}": 0 for n in range(1000)})),
    "8,193 values": ping("[" + "0," * 8192 + "0]"),
    "a number without end": ping("9" * 64),
    "a fraction without end": ping("0." + "1" * 20000),
    "two equal keys": '{"action":"ping","id":1,"id":2}',
    "two equal keys, one escaped": '{"action":"ping","id":1,"\\u0069d":2}',
    "trailing garbage": ping("0") + "garbage",
    "a second object": ping("0") + ping("0"),
    "a NUL behind it": ping("0") + "\0",
    "a NUL in a string": ping('"\\u0000"'),
    "a lone high surrogate": ping('"\\ud800"'),
    "a lone low surrogate": ping('"\\udc00"'),
    "surrogates in the wrong order": ping('"\\udc00\\ud800"'),
    "a byte order mark": "\ufeff" + ping("0"),
    "a raw line end in a string": ping('"\n"'),
    "an escape that is none": ping('"\\x41"'),
    "NaN": ping("NaN"),
    "Infinity": ping("-Infinity"),
    "a plus": ping("+1"),
    "a leading zero": ping("01"),
    "a comment": ping("/**/0"),
    "single quotes": "{'action':'ping','id':1}",
    "a comma too many": '{"action":"ping","id":1,}',
    "UTF-16": ping("0").encode("utf-16-le").decode("latin-1").replace("\0", "\\u0000"),
    "an array": "[" + ping("0") + "]",
    "nothing": "",
    "blanks": " " * 30000,
}

# What looks strange and is JSON of the protocol all the same.
REQUESTS = {
    "nested 8 deep": ping("[" * 7 + "]" * 7),
    "8,000 values": ping("[" + "0," * 7980 + "0]"),
    "1e400": ping("1e400"),
    "-0": ping("-0"),
    "-0 with a fraction": ping("-0.0e-0"),
    "a number of 63 digits": ping("9" * 63),
    "a pair of surrogates": ping('"\\ud83d\\ude00"'),
    "noncharacters": ping('"\ufffe\uffff\U0010ffff"'),
    "keys that differ in case": '{"action":"ping","id":1,"ID":2,"Action":3}',
    "blanks around it": " \r\n\t" + ping("0") + " \r\n\t",
}


def signed_in(server):
    """A raw peer with a session."""
    peer = server.websocket()
    hello = {"action": "hello", "id": 1, "version": 1, "guest": "eve", "key": new_key()}
    peer.text(json.dumps(hello))
    assert "ok" in json.loads(peer.receive_text())
    return peer


@pytest.mark.parametrize("frame", NOT_REQUESTS.values(), ids=NOT_REQUESTS.keys())
def test_ten_frames_that_are_no_request_end_the_connection(server, frame):
    peer = signed_in(server)
    for _ in range(STRIKES):
        peer.text(frame)
    objects = []
    try:
        while True:
            opcode, payload = peer.receive()
            if opcode != 1:
                break
            objects += [json.loads(line) for line in payload.splitlines()]
    except Gone:
        opcode, payload = None, b""
    assert payload[:2] == (4501).to_bytes(2, "big")
    assert objects[-1]["event"] == "close" and objects[-1]["code"] == 4501
    assert {o["error"]["code"] for o in objects[:-1]} <= {"bad_request"}
    peer.close()


@pytest.mark.parametrize("frame", REQUESTS.values(), ids=REQUESTS.keys())
def test_strange_json_is_a_request_all_the_same(server, frame):
    peer = signed_in(server)
    peer.text(frame)
    assert "ok" in json.loads(peer.receive_text())
    peer.close()


def test_a_string_of_a_megabyte_is_too_large(server):
    peer = signed_in(server)
    try:
        peer.text(ping('"' + "x" * 1024 * 1024 + '"'))
    except ConnectionError:
        pass
    assert peer.close_code() in (1009, None)


# ---- what is another's ----


def test_a_key_of_another_is_one_s_own(people):
    ann, eve = people("ann"), people("eve")
    key = new_key()
    first = ann.send("lobby", "mine", key=key)
    second = eve.send("lobby", "also mine", key=key)
    assert second["seq"] > first["seq"] and "dup" not in second
    again = eve.send("lobby", "also mine", key=key)
    assert (again["seq"], again["dup"]) == (second["seq"], True)
    assert eve.refused("send", room="lobby", text="other", key=key) == "key_conflict"


# Every request about a room that one is not in.
ABOUT_A_ROOM = {
    "send": {"text": "hi", "key": "k"},
    "history": {"after": 0},
    "history around": {"around": 1},
    "read": {"seq": 1},
    "typing": {},
    "leave": {"key": "l"},
    "join": {"key": "j"},
}


@pytest.mark.parametrize("action", ABOUT_A_ROOM)
def test_a_private_room_and_none_look_the_same(people, action):
    ann, eve = people("ann"), people("eve")
    secret = "den-" + new_key()[:8]
    ann.join(secret, create=True, private=True)
    ann.send(secret, "a secret")

    def answer(room):
        body = {**ABOUT_A_ROOM[action], "room": room}
        reply = eve.reply(eve.post(action.split()[0], **body))
        return json.dumps(reply.get("error", reply.get("ok")), sort_keys=True)

    assert answer(secret) == answer("none-" + new_key()[:8])
    eve.settle()
    assert not any("a secret" in raw or secret in raw for raw in eve.raw)


def test_a_public_room_tells_strangers_nothing_that_was_said(people):
    ann, eve = people("ann", "lobby"), people("eve", room=None)
    ann.send("lobby", "for members")
    for action, body in ABOUT_A_ROOM.items():
        if action not in ("join", "leave"):
            assert eve.refused(action.split()[0], room="lobby", **body) == "forbidden"
    assert not any("for members" in raw for raw in eve.raw)


def test_nothing_follows_one_s_own_leave(people):
    """Entries that were on their way while the membership ended."""
    ann, eve = people("ann"), people("eve")
    for number in range(50):
        ann.post("send", room="lobby", text=f"{number}", key=new_key())
    leaving = eve.post("leave", room="lobby", key=new_key())
    for number in range(50):
        ann.post("send", room="lobby", text=f"after {number}", key=new_key())
    left = eve.reply(leaving)["ok"]["seq"]
    eve.take("leave", lambda event: event["seq"] == left)
    ann.settle()
    ann.send("lobby", "the last")
    eve.settle()
    assert all(event["seq"] < left for event in eve.events if "seq" in event)


@pytest.mark.parametrize(
    "token, code",
    [
        ("x" * 64, "unauthorized"),
        ("x" * 65, "bad_request"),
        ("x" * 20000, "bad_request"),
        ("", "bad_request"),
        ("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "bad_request"),
        ("../../etc/passwd", "bad_request"),
        ("' OR 1=1 --", "bad_request"),
    ],
)
def test_a_forged_token_is_nobody(server, token, code):
    peer = server.websocket()
    peer.text(json.dumps({"action": "hello", "id": 1, "version": 1, "token": token}))
    assert json.loads(peer.receive_text())["error"]["code"] == code
    peer.close()


def test_a_user_has_500_rooms_at_most(people):
    ann = people("ann", room=None)
    requests = [
        ann.post("join", room=f"r{number}", key=new_key(), create=True, limit=0)
        for number in range(500)
    ]
    assert all("ok" in ann.reply(request) for request in requests)
    assert ann.refused("join", room="r500", key=new_key(), create=True) == "too_large"
