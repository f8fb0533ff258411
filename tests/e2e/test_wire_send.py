"""Sending, over the wire: "send", and what is promised about keys."""

import json

import pytest
from drivers.wire import new_key


def test_a_message_is_an_entry_for_everybody(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob", room="lobby")
    key = new_key()
    sent = ann.send("lobby", "hi there", key=key)
    for wire in (ann, bob):
        event = wire.take("message")
        assert event["room"] == "lobby"
        assert event["seq"] == sent["seq"]
        assert event["ts"] == sent["ts"]
        assert event["n"] == 1
        assert event["from"] == {"id": ann.user["id"], "name": "ann"}
        assert event["key"] == key
        assert event["text"] == "hi there"
        assert "reply_to" not in event


def test_seq_runs_without_gaps_and_ts_never_falls(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob")
    last = bob.join()["head"]
    for number in range(20):
        (ann if number % 2 else bob).send("lobby", f"{number}")
    entries = bob.entries("lobby", last + 20)
    entries = [entry for entry in entries if entry["seq"] > last]
    assert [entry["seq"] for entry in entries] == list(range(last + 1, last + 21))
    assert [entry["n"] for entry in entries] == list(range(1, 21))
    stamps = [entry["ts"] for entry in entries]
    assert stamps == sorted(stamps)


def test_a_repeated_key_is_one_entry(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    key = new_key()
    first = ann.send("lobby", "once", key=key)
    again = ann.send("lobby", "once", key=key)
    assert "dup" not in first
    assert again == {**first, "dup": True}
    assert [e["text"] for e in ann.log("lobby") if "text" in e] == ["once"]


def test_repeats_in_one_burst_are_one_entry(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    key = new_key()
    requests = [ann.post("send", room="lobby", key=key, text="once") for _ in range(10)]
    replies = [ann.reply(request)["ok"] for request in requests]
    assert len({reply["seq"] for reply in replies}) == 1
    assert sum("dup" not in reply for reply in replies) == 1
    assert len([e for e in ann.log("lobby") if "text" in e]) == 1


def test_a_key_with_another_body_conflicts(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    key = new_key()
    ann.send("lobby", "one", key=key)
    send = {"room": "lobby", "key": key, "text": "two"}
    assert ann.refused("send", **send) == "key_conflict"


def test_keys_belong_to_a_user_and_a_room(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob", room="lobby")
    ann.join("kitchen", create=True)
    key = new_key()
    replies = [
        ann.send("lobby", "a", key=key),
        bob.send("lobby", "b", key=key),
        ann.send("kitchen", "c", key=key),
    ]
    assert not any("dup" in reply for reply in replies)


def test_a_key_holds_across_connections(chatd, sign_in, connect):
    ann = sign_in(chatd, room="lobby")
    key = new_key()
    first = ann.send("lobby", "once", key=key)
    ann.close()
    back = connect(chatd)
    back.hello_token(ann.hello_reply["token"])
    assert back.send("lobby", "once", key=key)["seq"] == first["seq"]


def test_a_reply_names_an_entry(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    seq = ann.send("lobby", "question")["seq"]
    ann.send("lobby", "answer", reply_to=seq)
    assert ann.take("message", lambda e: e["text"] == "answer")["reply_to"] == seq
    send = {"room": "lobby", "key": new_key(), "text": "x", "reply_to": seq + 1000}
    assert ann.refused("send", **send) == "not_found"


def test_who_is_no_member_cannot_send(chatd, sign_in):
    send = {"key": new_key(), "text": "hi"}
    ann = sign_in(chatd)
    assert ann.refused("send", room="lobby", **send) == "forbidden"
    assert ann.refused("send", room="nowhere", **send) == "not_found"


@pytest.mark.parametrize(
    "text",
    [
        "x" * 4000,
        "\U0001f600" * 2048,
        "é" * 4000,
        "line\nbreak\ttab",
        "\x1b[31m\u202e",
        '"\\/',
    ],
    ids=["4000", "8 KiB", "two bytes", "white space", "as sent", "escapes"],
)
def test_text_is_stored_as_sent(chatd, sign_in, text):
    ann = sign_in(chatd, room="lobby")
    ann.send("lobby", text)
    assert ann.take("message")["text"] == text
    assert ann.log("lobby")[-1]["text"] == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_request"),
        ("x" * 4001, "too_large"),
        ("\U0001f600" * 2049, "too_large"),
    ],
    ids=["empty", "4001", "over 8 KiB"],
)
def test_text_has_limits(chatd, sign_in, text, code):
    ann = sign_in(chatd, room="lobby")
    send = {"room": "lobby", "key": new_key(), "text": text}
    assert ann.refused("send", **send) == code


@pytest.mark.parametrize("key", [None, "", "a" * 65, "a b", "ä", 7])
def test_a_key_has_its_form(chatd, sign_in, key):
    ann = sign_in(chatd, room="lobby")
    send = {"room": "lobby", "text": "hi", "key": key}
    if key is None:
        del send["key"]
    assert ann.refused("send", **send) == "bad_request"


def test_a_burst_is_answered_in_full(chatd, sign_in):
    """Over the limit in flight some may be busy; none is lost or doubled."""
    ann = sign_in(chatd, room="lobby")
    burst = 4 * ann.hello_reply["limits"]["in_flight"]
    requests = [
        ann.post("send", room="lobby", key=new_key(), text=f"{n}") for n in range(burst)
    ]
    replies = [ann.reply(request) for request in requests]
    refused = [r["error"] for r in replies if "error" in r]
    assert {error["code"] for error in refused} <= {"busy"}
    sent = [r["ok"]["seq"] for r in replies if "ok" in r]
    logged = [e["seq"] for e in ann.log("lobby") if "text" in e]
    assert sorted(sent) == logged


def test_an_entry_has_the_same_bytes_everywhere(chatd, sign_in):
    ann, bob = sign_in(chatd, "ann", room="lobby"), sign_in(chatd, "bob", room="lobby")
    seq = ann.send("lobby", 'bytes "é" \u0001')["seq"]
    bob.take("message")
    live = next(raw for raw in bob.raw if json.loads(raw).get("seq") == seq)
    bob.ask("history", room="lobby", after=seq - 1)
    assert live in bob.raw[-1]


def test_a_request_without_id_gets_no_reply(chatd, sign_in):
    ann = sign_in(chatd, room="lobby")
    request = {"action": "send", "room": "lobby", "key": new_key(), "text": "quiet"}
    ann.send_frame(json.dumps(request))
    assert ann.take("message")["text"] == "quiet"
    ann.settle()
    assert not ann._replies
