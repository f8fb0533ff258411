"""What a stranger may send, over the wire: "Framing" and its limits."""

import contextlib
import json

import pytest
from drivers.wire import new_key
from websockets.exceptions import ConnectionClosed

NOT_REQUESTS = {
    "empty": "",
    "no JSON": "hello",
    "an array": "[]",
    "a string": '"hello"',
    "cut off": '{"action":"ping","id":1',
    "trailing bytes": '{"action":"ping","id":1}x',
    "two objects": '{"action":"ping","id":1}{"action":"ping","id":2}',
    "two equal keys": '{"action":"ping","id":1,"id":2}',
    "equal after unescaping": '{"action":"ping","id":1,"\\u0069d":2}',
    "nested 9 deep": '{"action":"ping","x":' + "[" * 8 + "]" * 8 + "}",
    "a lone surrogate": '{"action":"ping","x":"\\ud800"}',
    "a NUL": '{"action":"ping","x":"\\u0000"}',
    "a raw control character": '{"action":"ping","x":"\x01"}',
    "a loose number": '{"action":"ping","x":01}',
    "a comment": '{"action":"ping"/**/}',
    "no action": '{"id":1}',
    "an action that is a number": '{"action":1}',
    "too many keys": json.dumps({f"k{n}": 0 for n in range(600)}),
}

WRONG_MEMBERS = {
    "an unknown action": {"action": "dance"},
    "a reserved action": {"action": "edit", "room": "lobby"},
    "a room that is a number": {"action": "history", "room": 7, "after": 0},
    "a negative seq": {"action": "history", "room": "lobby", "after": -1},
    "a fraction": {"action": "history", "room": "lobby", "after": 1.5},
    "a seq beyond 2^53": {"action": "history", "room": "lobby", "after": 2**53},
    "a limit that is text": {
        "action": "history",
        "room": "lobby",
        "after": 0,
        "limit": "9",
    },
    "resume that is an object": {"action": "hello", "version": 1, "resume": {}},
    "create that is a number": {"action": "join", "room": "x", "key": "k", "create": 1},
}


@pytest.mark.parametrize("frame", NOT_REQUESTS.values(), ids=NOT_REQUESTS.keys())
def test_what_is_no_request_harms_nobody(chatd, sign_in, frame):
    ann = sign_in(chatd, room="lobby")
    ann.send_frame(frame)
    assert ann.send("lobby", "still here")["seq"] == 2


@pytest.mark.parametrize("request_", WRONG_MEMBERS.values(), ids=WRONG_MEMBERS.keys())
def test_a_wrong_member_is_named(chatd, sign_in, request_):
    ann = sign_in(chatd, room="lobby")
    body = {name: value for name, value in request_.items() if name != "action"}
    assert ann.refused(request_["action"], **body) == "bad_request"


def test_unknown_members_are_ignored(chatd, sign_in):
    assert sign_in(chatd).ask("ping", color="red", nested={"a": [1, {}]})["now"]


def test_ids_are_of_32_bits(chatd, sign_in):
    ann = sign_in(chatd)
    ann.send_frame('{"action":"ping","id":4294967295}')
    assert "ok" in ann.reply(4294967295)
    ann.send_frame('{"action":"ping","id":0}')
    assert "ok" in ann.reply(0)
    ann.send_frame('{"action":"ping","id":4294967296}')
    ann.settle()
    assert 4294967296 not in ann._replies


def test_a_frame_of_30_kib_is_read(chatd, sign_in):
    ann = sign_in(chatd)
    head = '{"action":"ping","id":99,"x":"'
    frame = head + "x" * (30720 - len(head) - 2) + '"}'
    ann.send_frame(frame)
    assert "ok" in ann.reply(99)


def test_a_frame_over_30_kib_is_refused(chatd, sign_in):
    """By an error or by closing: its memory is never taken."""
    ann = sign_in(chatd)
    ann.send_frame('{"action":"ping","id":99,"x":"' + "x" * 40000 + '"}')
    with contextlib.suppress(ConnectionClosed):
        ann.settle()
    assert "ok" not in ann._replies.get(99, {})
    assert sign_in(chatd, "bob").ask("ping")["now"]


def test_a_message_in_fragments_is_one_frame(chatd, sign_in):
    ann = sign_in(chatd)
    ann._socket.send(['{"action":', '"ping",', '"id":5', "}"])
    assert "ok" in ann.reply(5)


def test_invalid_utf8_ends_the_connection(chatd, sign_in):
    ann = sign_in(chatd)
    ann._socket.send(b'{"action":"ping","x":"\xff\xfe"}', text=True)
    assert ann.wait_closed() == 1007


def test_ten_bad_requests_in_a_row_end_the_connection(chatd, sign_in):
    ann = sign_in(chatd)
    for _ in range(10):
        ann.send_frame('{"action":"dance","id":1}')
    assert ann.wait_closed() == 4501
    assert ann.take("close")["code"] == 4501


def test_a_good_request_ends_the_row(chatd, sign_in):
    ann = sign_in(chatd)
    for _ in range(3):
        for _ in range(9):
            assert ann.refused("dance") == "bad_request"
        ann.settle()


def test_rates_are_limited_with_a_way_back(start_chatd, sign_in):
    server = start_chatd(rate_limits=True)
    ann = sign_in(server, room="lobby")
    refused = []
    for number in range(2000):
        request = {"room": "lobby", "key": new_key(), "text": f"{number}"}
        reply = ann.reply(ann.post("send", **request))
        if "error" in reply:
            refused.append(reply["error"])
            break
    assert refused[0]["code"] == "rate_limited"
    assert refused[0]["retry_ms"] > 0
