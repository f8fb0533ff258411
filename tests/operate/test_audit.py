"""Each change that an operator makes leaves a line in the log."""

import os

from operator_tools import audits


def test_each_change_leaves_an_audit_line(start_chatd, sign_in, chatctl):
    server = start_chatd()
    bob = sign_in(server, "bob")
    program = chatctl(server)
    program("log", "level", "error")
    program.rows("users")
    program("kick", "bob", "--room", "lobby", "--reason", "a\x1b[31m")
    program("kick", "bob", "--room", "lobby", "--reason", "spam")
    program("ban", "nobody")
    program("ban", bob.user["id"])
    program("unban", bob.user["id"])
    program("token", "revoke", bob.user["id"])
    server.stop()
    lines = audits(server)
    assert [(x["command"], x["result"]) for x in lines] == [
        ("log_level", "ok"),
        ("kick", "bad_request"),
        ("kick", "ok"),
        ("ban", "not_found"),
        ("ban", "ok"),
        ("unban", "ok"),
        ("token_revoke", "ok"),
    ]
    kick = lines[2]
    assert kick["user"] == "bob" and kick["room"] == "lobby"
    assert kick["reason"] == "spam" and kick["user_id"] == bob.user["id"]
    assert kick["by_uid"] == os.geteuid()
    assert "\x1b" not in "".join(server.log.all())


def test_arguments_of_another_kind_are_left_out(start_chatd, open_control):
    server = start_chatd()
    control = open_control(server)
    for request in (
        {"command": "ban", "user": 7, "room": "lobby"},
        {"command": "kick", "user": None},
        {"command": "log_level", "log_level": ["debug"]},
        {"command": "drain", "spread_s": {}},
    ):
        control.ask(**request)
        assert control.line()["error"]["code"] == "bad_request"
    server.stop()
    ban, kick, log_level, drain = audits(server)
    assert ban["room"] == "lobby" and "user" not in ban
    assert "user" not in kick and "spread_s" not in drain
    assert "log_level" not in log_level


def test_a_long_argument_hides_nothing(start_chatd, sign_in, chatctl):
    """Neither one that the room takes nor one that is refused."""
    server = start_chatd()
    bob = sign_in(server, "bob")
    program = chatctl(server)
    program.row("ban", "bob", "--room", "lobby", "--reason", "\U0001f600" * 250)
    assert program.error("kick", "x" * 4000) == "bad_request"
    server.stop()
    ban, kick = audits(server)
    for line, result in (ban, "ok"), (kick, "bad_request"):
        assert line["cut"] and line["result"] == result
        assert line["by_uid"] == os.geteuid()
    assert ban["user_id"] == bob.user["id"] and ban["room"] == "lobby"
