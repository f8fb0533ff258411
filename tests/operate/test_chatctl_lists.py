"""What chatctl lists, and how it looks."""

import contextlib
import sqlite3
import unicodedata

import pytest
from drivers.lines import wait_until


def columns(text):
    """That a terminal gives it."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) + wide - marks


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


def test_who_is_here_is_seen(start_chatd, sign_in, connect, chatctl):
    """The store knows of it by the hour only."""
    server = start_chatd()
    ann = sign_in(server, "ann")
    server.stop()
    with contextlib.closing(sqlite3.connect(server.data / "chat.db")) as database:
        database.execute("UPDATE users SET seen = seen - 1800000")
        [(before,)] = database.execute("SELECT seen FROM users").fetchall()
        database.commit()
    server.start()
    program = chatctl(server)
    [away] = program.rows("users", "--all")
    assert away["last_seen"] == before
    back = connect(server)
    back.hello_token(ann.hello_reply["token"])
    for arguments in ["users"], ["users", "--all"]:
        [row] = program.rows(*arguments)
        assert row["last_seen"] > before + 1700000


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
