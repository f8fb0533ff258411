"""chatctl, and what it does to a real chatd and its clients."""

import contextlib
import json
import os
import signal
import sqlite3
import unicodedata

import pytest
from drivers.lines import DEADLINE, wait_until
from drivers.programs import Headless
from drivers.wire import new_key


def columns(text):
    """That a terminal gives it."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) + wide - marks


def audits(server):
    """Of the log of a server that has ended."""
    lines = [json.loads(line) for line in server.log.all() if line.startswith("{")]
    return [line for line in lines if line["event"] == "audit"]


def test_status(start_chatd, sign_in, connect, chatctl):
    server = start_chatd(options=("--color", "blue"))
    sign_in(server, "ann")
    connect(server)
    status = chatctl(server).row("status")
    assert status["color"] == "blue"
    assert status["connections"] == 2
    assert status["sessions"] == 1
    assert status["users"] == 1
    assert status["rooms"] == 1
    assert status["ready"] and not status["draining"]
    assert status["listen"] == [f"127.0.0.1:{server.port}"]
    assert status["pid"] == server.process.pid
    assert status["store"]["path"] == str(server.data / "chat.db")
    assert status["log_level"] == "info"
    assert status["memory_bytes"] > 1 << 20
    shown = chatctl(server)("status").lines
    assert f"listens at   127.0.0.1:{server.port}" in shown
    assert "sessions     1" in shown


def test_drain(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server)
    done = chatctl(server)("drain")
    assert done.status == 0 and "drains" in done.text
    assert ann.wait_closed() == 4001
    assert server.wait() == 0
    [audit] = audits(server)
    assert audit["command"] == "drain" and audit["result"] == "ok"


def test_drain_lets_clients_move(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server)
    assert chatctl(server).row("drain", "--spread", "600")["spread_s"] == 600
    assert ann.take("drain")["spread_ms"] == 600000
    status = chatctl(server).row("status")
    assert status["draining"] and not status["ready"]
    assert chatctl(server).error("drain") == "busy"
    ann.close()
    assert server.wait() == 0


def test_reload(start_chatd, chatctl):
    server = start_chatd()
    assert chatctl(server)("reload").text == "done\n"
    server.stop()
    [audit] = audits(server)
    assert audit["command"] == "reload"


def test_log_level(start_chatd, chatctl):
    """An audit line is written at every level, with who did it."""
    server = start_chatd()
    program = chatctl(server)
    assert program("log", "level", "error").status == 0
    assert program.row("status")["log_level"] == "error"
    assert program.error("log", "level", "loud") == "bad_request"
    server.process.send_signal(signal.SIGHUP)
    server.stop()
    ok, refused = audits(server)
    assert (ok["level"], ok["result"]) == ("info", "ok")
    assert (refused["level"], refused["result"]) == ("warning", "bad_request")
    assert ok["by_uid"] == 0 or ok["by_uid"] > 0
    assert ok["by_pid"] > 0


# ---- what is there ----


def test_rooms(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    ann.join("den", create=True, private=True)
    ann.send("den", "hi")
    sign_in(server, "bob")
    program = chatctl(server)
    rooms = {row["name"]: row for row in program.rows("rooms")}
    assert list(rooms) == ["den", "lobby"]
    assert rooms["den"]["private"] and not rooms["lobby"]["private"]
    assert rooms["den"]["head"] == 2 and rooms["den"]["messages"] == 1
    assert rooms["lobby"]["members"] == rooms["lobby"]["listeners"] == 2
    assert rooms["lobby"]["waiting"] == 0
    assert rooms["den"]["last_activity"] > 1_600_000_000_000
    heading, den, _ = program("rooms").lines
    assert heading.split()[:3] == ["ROOM", "PRIVATE", "MEMBERS"]
    assert den.split()[:6] == ["den", "yes", "1", "1", "2", "1"]


def test_a_room_that_nobody_is_in_is_listed(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server)
    ann.close()
    wait_until(lambda: not chatctl(server).rows("connections"), "ann has gone")
    [lobby] = chatctl(server).rows("rooms")
    assert lobby["members"] == 1 and lobby["listeners"] == 0


def test_connections(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    chatctl(server)("log", "level", "debug")
    ann = sign_in(server, "ann")
    connect(server)
    rows = chatctl(server).rows("connections")
    rows.sort(key=lambda row: "user" not in row)
    assert rows[0]["user"] == {**ann.user, "guest": True}
    assert rows[0]["rooms"] == 1
    assert "user" not in rows[1]
    for row in rows:
        server.log.find(lambda line, row=row: row["id"] in line, "the id")
    for row in rows:
        assert row["address"] == "127.0.0.1"
        assert row["age_ms"] >= 0 and row["idle_ms"] >= 0
        assert row["queue_bytes"] >= 0
    assert len(chatctl(server)("connections").lines) == 3


def test_users(start_chatd, sign_in, chatctl):
    server = start_chatd()
    program = chatctl(server)
    ann = sign_in(server, "ann")
    bob = sign_in(server, "bob")
    sign_in(server, "bob")
    bob.close()
    wait_until(lambda: len(program.rows("users")) == 2, "bob has gone")
    rows = {row["id"]: row for row in program.rows("users")}
    assert rows[ann.user["id"]]["name"] == "ann"
    assert rows[ann.user["id"]]["connections"] == 1
    everybody = {row["id"]: row for row in program.rows("users", "--all")}
    assert everybody.keys() == rows.keys() | {bob.user["id"]}
    assert everybody[bob.user["id"]]["connections"] == 0
    assert everybody[bob.user["id"]]["last_seen"] > 1_600_000_000_000


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("日本語", "日本語"),
        ("Zoë", "Zoë"),
        ("e\u0301ve", "e\u0301ve"),
        ("back\\slash", "back\\x5cslash"),
    ],
)
def test_names_of_all_kinds_keep_the_columns(
    start_chatd, sign_in, chatctl, name, shown
):
    server = start_chatd()
    sign_in(server, name)
    sign_in(server, "x" * 20)
    heading, *lines = chatctl(server)("users").lines
    place = columns(heading[: heading.index("GUEST")])
    for line in lines:
        assert columns(line[: line.index("yes")]) == place, line
    assert any(f" {shown} " in line for line in lines)


def test_no_name_reaches_the_terminal(start_chatd, sign_in, chatctl):
    """One that the protocol would not take, as a damaged database has it."""
    server = start_chatd()
    sign_in(server, "ann").close()
    server.stop()
    hostile = "\x1b[31m\x9b\u202e\u200b\x7f\n\\"
    with contextlib.closing(sqlite3.connect(server.data / "chat.db")) as database:
        database.execute("UPDATE users SET name = ?", (hostile,))
        database.commit()
    server.start()
    program = chatctl(server)
    text = program("users", "--all").text
    assert "\\x1b[31m\\xc2\\x9b\\xe2\\x80\\xae\\xe2\\x80\\x8b\\x7f\\x0a\\x5c" in text
    assert text.isascii() and "\x1b" not in text and "\x7f" not in text
    raw = program("--json", "users", "--all")
    assert raw.text.isascii() and raw.text.isprintable() is False
    assert raw.text.replace("\n", "").isprintable()
    assert raw.objects[0]["name"] == hostile


def test_a_long_list_is_whole(start_chatd, connect, chatctl):
    server = start_chatd()
    for _ in range(400):
        connect(server)
    rows = chatctl(server).rows("connections")
    assert len({row["id"] for row in rows}) == len(rows) == 400


def test_a_long_list_is_made_as_it_is_read(start_chatd, sign_in, chatctl, open_control):
    """One reader stops in the midst of it, another goes: nobody else waits."""
    server = start_chatd()
    sign_in(server).close()
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "chat.db")) as database:
        database.executemany(
            "INSERT INTO users (name, guest_key, seen) VALUES (?, ?, 0)",
            ((f"guest {i}", f"key-{i}") for i in range(20000)),
        )
        database.commit()
    server.start()
    stuck, gone = open_control(server), open_control(server)
    for control in (stuck, gone):
        control.ask(command="users", all=True)
        assert control.line()["id"] == "1"
    gone.close()
    rows = chatctl(server).rows("users", "--all")
    assert [int(row["id"]) for row in rows] == list(range(1, 20002))
    sign_in(server, "bob").send("lobby", "nobody waits")
    for row in rows[1:]:
        assert stuck.line()["id"] == row["id"]
    assert stuck.line()["name"] == "bob", "who came before its page was made"
    assert stuck.line() == {"ok": True}


# ---- what is done to whom ----


def test_kick_from_a_room(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    done = chatctl(server).row(
        "kick", "bob", "--room", "lobby", "--reason", "enough"
    )
    assert done["user"]["id"] == bob.user["id"] and done["changed"]
    entry = ann.take("kick")
    assert entry["seq"] == done["seq"]
    assert entry["from"]["name"] == "operator"
    assert entry["user"]["name"] == "bob" and entry["reason"] == "enough"
    assert bob.take("kick") == entry
    assert bob.take("membership")["state"] == "removed"
    assert bob.refused("send", room="lobby", text="?", key=new_key()) == "forbidden"
    again = chatctl(server).row("kick", "bob", "--room", "lobby")
    assert not again["changed"]
    bob.join("lobby")
    said = chatctl(server)("kick", bob.user["id"], "--room", "lobby").text
    assert said == f"bob (guest, id {bob.user['id']}) in lobby: done\n"


def test_kick_from_the_server(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    said = chatctl(server)("kick", "bob").text
    assert "1 connection closed" in said
    assert bob.wait_closed() == 4010
    assert bob.take("close")["code"] == 4010
    back = connect(server)
    assert back.hello_token(bob.hello_reply["token"])["user"] == bob.user
    ann.send("lobby", "ann stays")
    assert chatctl(server).row("kick", "bob")["changed"]


def test_ban_from_a_room(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    program = chatctl(server)
    assert program.row("ban", "bob", "--room", "lobby")["changed"]
    assert ann.take("ban")["on"]
    assert bob.refused("join", room="lobby", key=new_key()) == "forbidden"
    assert not program.row("ban", "bob", "--room", "lobby")["changed"]
    assert program.row("unban", "bob", "--room", "lobby")["changed"]
    assert not ann.take("ban")["on"]
    bob.join("lobby")


def test_ban_from_the_server(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    ann.take("join")
    program = chatctl(server)
    done = program.row("ban", "bob")
    assert done["changed"] and done["connections"] == 1
    assert bob.wait_closed() == 4503
    close = bob.take("close")
    assert close["code"] == 4503 and "banned" in close["message"]
    assert not program.row("ban", bob.user["id"])["changed"]
    server.stop()
    server.start()
    for credential in (
        {"token": bob.hello_reply["token"]},
        {"guest": "bob", "key": bob.guest_key},
    ):
        back = connect(server)
        request = back.post("hello", version=1, **credential)
        assert back.reply(request)["error"] == {
            "code": "unauthorized",
            "message": "an operator has banned you from this server",
        }
        assert back.wait_closed() == 4503
    [row] = [r for r in program.rows("users", "--all") if r["name"] == "bob"]
    assert row["banned"] > 1_600_000_000_000
    assert program.row("unban", bob.user["id"])["changed"]
    back = connect(server)
    assert back.hello_token(bob.hello_reply["token"])["user"] == bob.user
    assert [room["room"] for room in back.hello_reply["rooms"]] == ["lobby"]


def test_a_client_is_kicked_comes_back_and_is_banned(
    build, start_chatd, chatctl, tmp_path
):
    """chat-tui: a kick costs it a reconnect, a ban ends it and it says why."""
    server = start_chatd()
    program = chatctl(server)
    client = Headless(build, tmp_path / "home", server.url, "lobby", "bob")
    client.say("one")
    client.wait_for("one")
    assert program.row("kick", "bob")["connections"] == 1
    client.say("two")
    client.wait_for("two")
    program.row("ban", "bob")
    assert client.process.wait(DEADLINE) == 2
    assert "banned" in client.errors()
    assert [entry["seq"] for entry in client.entries()] == [1, 2, 3]
    assert program.rows("connections") == []


def test_an_account_that_is_banned_cannot_log_in(start_chatd, connect, chatctl):
    server = start_chatd()
    wire = connect(server)
    account = {"user": "Carol", "password": "correct horse"}
    wire.ask("hello", version=1, register=account, key=new_key())
    done = chatctl(server).row("ban", "carol")
    assert done["user"]["name"] == "Carol" and not done["user"]["guest"]
    assert wire.wait_closed() == 4503
    back = connect(server)
    assert back.refused("hello", version=1, login=account) == "unauthorized"


def test_role(start_chatd, sign_in, chatctl):
    """The lobby has no owner: an operator names its first moderator."""
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    about_bob = {"room": "lobby", "user": bob.user["id"]}
    assert ann.refused("kick", **about_bob, key=new_key()) == "forbidden"
    assert chatctl(server).row("role", "lobby", "ann", "moderator")["changed"]
    assert ann.take("role")["role"] == "moderator"
    ann.ask("kick", **about_bob, key=new_key())
    assert bob.take("membership")["state"] == "removed"
    assert chatctl(server).row("role", "lobby", "ann", "member")["changed"]
    assert chatctl(server).error("role", "lobby", "ann", "king") == "bad_request"
    assert chatctl(server).error("role", "lobby", "bob", "owner") == "not_found"


def test_an_operator_is_above_owners(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    ann.join("den", create=True, private=True)
    assert chatctl(server).row("kick", "ann", "--room", "den")["changed"]
    assert ann.take("membership")["state"] == "removed"


def test_token_revoke(start_chatd, sign_in, connect, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    assert chatctl(server).row("token", "revoke", "ann")["changed"]
    assert ann.wait_closed() == 4500
    back = connect(server)
    token = ann.hello_reply["token"]
    assert back.refused("hello", version=1, token=token) == "unauthorized"
    assert not chatctl(server).row("token", "revoke", ann.user["id"])["changed"]


def test_who_is_meant(start_chatd, sign_in, chatctl):
    server = start_chatd()
    program = chatctl(server)
    sign_in(server, "ann")
    twins = [sign_in(server, "twin") for _ in range(2)]
    done = program("kick", "twin")
    assert done.status == 1
    ids = {line.split()[3].rstrip(")") for line in done.lines}
    assert ids == {twin.user["id"] for twin in twins}
    assert "several users have this name" in done.errors
    assert program.error("kick", "twin") == "ambiguous"
    assert program.error("kick", "nobody") == "not_found"
    assert program.error("kick", "999") == "not_found"
    assert program.error("kick", "ann", "--room", "nowhere") == "not_found"
    assert program.error("kick", "ann", "--room", "No Room") == "bad_request"
    assert program.error("kick", "ann", "--room", "dm.1.2") in (
        "not_found",
        "forbidden",
    )
    assert program.row("kick", twins[0].user["id"])["changed"]
    assert twins[0].wait_closed() == 4010
    twins[0].close()
    wait_until(lambda: len(program.rows("connections")) == 2, "a twin has gone")
    assert program.row("kick", "twin")["user"]["id"] == twins[1].user["id"]


def test_a_name_may_be_a_number(start_chatd, sign_in, chatctl):
    server = start_chatd()
    sign_in(server, "ann")
    number = sign_in(server, "1234")
    done = chatctl(server).row("kick", "1234")
    assert done["user"]["id"] == number.user["id"]


# ---- the operator's account ----


def test_nobody_takes_the_operator_s_name(start_chatd, connect, chatctl, sign_in):
    server = start_chatd()
    account = {"user": "Operator", "password": "correct horse"}
    for _ in range(2):
        wire = connect(server)
        guest = {"guest": "operator", "key": new_key()}
        assert wire.refused("hello", version=1, **guest) == "name_taken"
        register = {"register": account, "key": new_key()}
        assert wire.refused("hello", version=1, **register) == "name_taken"
        assert wire.refused("hello", version=1, login=account) == "unauthorized"
        bob = sign_in(server, "bob")
        chatctl(server).row("kick", bob.user["id"], "--room", "lobby")


def test_the_log_of_an_operator_is_sound(build, start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    program = chatctl(server)
    program.row("role", "lobby", "ann", "owner")
    program.row("kick", "ann", "--room", "lobby")
    program.row("ban", "ann", "--room", "lobby")
    server.stop()
    server.start()
    program.row("unban", ann.user["id"], "--room", "lobby")
    done = chatctl()("verify", server.data / "chat.db")
    assert done.status == 0, done.text
    log = sign_in(server, "eve").log("lobby")
    by = {e["from"]["id"] for e in log if e["event"] in ("kick", "ban", "role")}
    assert len(by) == 1


# ---- the log ----


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
