"""A connection and its requests have names, the same from end to end."""

import re

import pytest
from log_lines import DEBUG, line_of

TRUSTING = [*DEBUG, "--trusted-proxies", "127.0.0.1"]


def request_id(wire):
    return wire.handshake_headers["X-Request-Id"]


def test_the_log_has_the_id_of_the_handshake(start_chatd, connect):
    server = start_chatd(options=DEBUG)
    ann, bob = connect(server), connect(server)
    name = request_id(ann)
    assert re.fullmatch("[0-9a-f]{16}", name)
    assert request_id(bob) != name
    ann.hello("ann")
    line_of(server, "connected", connection=name, address="127.0.0.1")
    signed_in = line_of(server, "signed_in", connection=name)
    assert signed_in["name"] == "ann"
    assert signed_in["user"] == ann.user["id"]
    assert signed_in["by"] == "guest"
    assert signed_in["agent"] == "e2e"
    ann.close()
    line_of(server, "disconnected", connection=name, user=ann.user["id"])


def test_each_request_has_a_line_when_it_is_answered(start_chatd, sign_in):
    server = start_chatd(options=DEBUG)
    ann = sign_in(server, "ann")
    name = request_id(ann)
    request = ann.post("send", room="lobby", key="k" * 16, text="hello")
    seq = ann.reply(request)["ok"]["seq"]
    again = ann.post("send", room="lobby", key="k" * 16, text="hello")
    assert ann.reply(again)["ok"]["dup"]
    sent = line_of(server, "request", request=f"{name}-{request}")
    repeated = line_of(server, "request", request=f"{name}-{again}")
    for line, dup in (sent, False), (repeated, True):
        assert line["connection"] == name
        assert line["user"] == ann.user["id"]
        assert line["action"] == "send"
        assert line["room"] == "lobby"
        assert line["result"] == "ok"
        assert line["seq"] == seq
        assert line["dup"] == dup
        assert 0 < line["store_ms"] <= line["ms"]


def test_who_wants_no_reply_is_counted(start_chatd, sign_in):
    server = start_chatd(options=DEBUG)
    ann = sign_in(server, "ann")
    ann.send_frame('{"action":"typing","room":"lobby"}')
    line_of(server, "request", request=f"{request_id(ann)}-n3", action="typing")


def test_refusals_have_their_code(start_chatd, connect, sign_in):
    server = start_chatd(options=DEBUG)
    stranger = connect(server)
    stranger.send_frame("{")
    line = line_of(server, "request", request=f"{request_id(stranger)}-n1")
    assert line["result"] == "bad_request"
    assert "action" not in line
    stranger.refused("send", room="lobby", key="k", text="x")
    line = line_of(server, "request", request=f"{request_id(stranger)}-1")
    assert line["result"] == "hello_required"
    ann = sign_in(server, "ann", room=None)
    ann.refused("history", room="lobby", after=0)
    line = line_of(server, "request", action="history")
    assert (line["result"], line["room"]) == ("forbidden", "lobby")


def test_the_server_says_why_it_closes(start_chatd, connect):
    server = start_chatd()
    stranger = connect(server)
    for _ in range(10):
        stranger.send_frame("{")
    assert stranger.wait_closed() == 4501
    line = line_of(server, "closed", connection=request_id(stranger))
    assert line["level"] == "info"
    assert line["code"] == 4501
    assert line["reason"] == "ten bad requests in a row"
    assert "user" not in line


def test_a_proxys_id_is_taken_over(start_chatd, connect):
    server = start_chatd(options=TRUSTING)
    given = "Root=1-67891233-abcdef012345678912345678"[5:]
    ann = connect(server, additional_headers={"X-Request-Id": given})
    assert request_id(ann) == given
    ann.hello("ann")
    line_of(server, "connected", connection=given)
    line_of(server, "request", request=f"{given}-1", action="hello")


@pytest.mark.parametrize(
    "given", ["", "a" * 65, 'a"b', "a b", "a\\b", "\xe9", "a/b", "a;b", "${a}"]
)
def test_an_id_that_is_malformed_is_not(start_chatd, connect, given):
    server = start_chatd(options=TRUSTING)
    ann = connect(server, additional_headers={"X-Request-Id": given})
    assert re.fullmatch("[0-9a-f]{16}", request_id(ann))


def test_a_strangers_id_is_not(start_chatd, connect):
    server = start_chatd(options=DEBUG)
    ann = connect(server, additional_headers={"X-Request-Id": "abc"})
    assert re.fullmatch("[0-9a-f]{16}", request_id(ann))
