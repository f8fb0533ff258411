"""chatctl verify: what is sound passes, and each damage has its name."""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import tempfile

import pytest

# In lobby: 1 ann joins, 2 bob joins, 3 to 12 messages, 13 an edit, 14 a
# reaction. In hall: 1 ann joins, 2 bob joins, 3 message, 4 bob leaves, 5
# message, 6 a topic, 7 a ban of bob, 8 a deletion of 5.
LOBBY = "room = (SELECT id FROM rooms WHERE name = 'lobby')"
HALL = "room = (SELECT id FROM rooms WHERE name = 'hall')"
ANN = "(SELECT id FROM users WHERE name = 'ann')"
BOB = "(SELECT id FROM users WHERE name = 'bob')"
COPY = "INSERT INTO entries (room, seq, user, n, ts, key, digest, bytes)"


def rewrite(old, new, seq=5):
    """An entry's bytes with one piece replaced."""
    return (
        "UPDATE entries SET bytes ="
        f" CAST(replace(CAST(bytes AS TEXT), '{old}', '{new}') AS BLOB)"
        f" WHERE {LOBBY} AND seq = {seq}"
    )


DAMAGES = [
    # (what was done, the check that must name it, a part of its line)
    (f"DELETE FROM entries WHERE {LOBBY} AND seq = 7", "seq", "entries 7 to 7"),
    (f"DELETE FROM entries WHERE {LOBBY} AND seq = 1", "seq", "entries 1 to 1"),
    (f"DELETE FROM entries WHERE {LOBBY} AND seq > 10", "seq", "up to the head, 14"),
    (f"DELETE FROM entries WHERE {LOBBY}", "seq", "up to the head, 14"),
    (f"UPDATE entries SET seq = 99 WHERE {LOBBY} AND seq = 14", "seq", "14 to 98"),
    (f"UPDATE entries SET seq = -1 WHERE {LOBBY} AND seq = 14", "seq", "behind"),
    (f"UPDATE entries SET ts = ts - 60000 WHERE {LOBBY} AND seq = 7", "ts", "seq 7"),
    (f"UPDATE entries SET n = n + 1 WHERE {LOBBY} AND seq = 7", "n", "seq 7"),
    (f"UPDATE entries SET key = 'other' WHERE {LOBBY} AND seq = 7", "bytes", "in key"),
    (f"UPDATE entries SET key = 'a b' WHERE {LOBBY} AND seq = 7", "key", "breaks"),
    (f"UPDATE entries SET key = '' WHERE {LOBBY} AND seq = 7", "key", "breaks"),
    (f"UPDATE entries SET digest = x'00' WHERE {LOBBY} AND seq = 7", "key", "digest"),
    (f"UPDATE entries SET user = {BOB} WHERE {LOBBY} AND seq = 3", "bytes", "in from"),
    (f"UPDATE entries SET user = 77 WHERE {LOBBY} AND seq = 3", "reference", "77"),
    (f"UPDATE entries SET bytes = x'7b' WHERE {LOBBY} AND seq = 7", "bytes", "seq 7"),
    (f"UPDATE entries SET bytes = x'' WHERE {LOBBY} AND seq = 7", "bytes", "seq 7"),
    (rewrite("lobby", "hobby"), "bytes", "in room"),
    (rewrite('"seq":5', '"seq":6'), "bytes", "in seq"),
    (rewrite('"n":3', '"n":4'), "bytes", "in n"),
    (rewrite('"ts":', '"ts":1'), "bytes", "in ts"),
    (rewrite('"event":"message"', '"event":"typing"'), "bytes", "no log has"),
    (rewrite('"event":"message"', '"event":"strange"'), "bytes", "no log has"),
    (rewrite('"reply_to":2', '"reply_to":9', seq=4), "bytes", "answers 9"),
    (rewrite('"event":"message"', '"event":"leave"'), "member", "made it"),
    (rewrite('"event":"join"', '"event":"leave"', seq=2), "member", "made it"),
    (f"UPDATE rooms SET head = head - 1 WHERE name = 'lobby'", "room", "head is 13"),
    (f"UPDATE rooms SET head = head + 1 WHERE name = 'lobby'", "seq", "head, 15"),
    (f"UPDATE rooms SET n = n + 1 WHERE name = 'lobby'", "room", "says n 11"),
    (f"UPDATE rooms SET last_ts = 0 WHERE name = 'lobby'", "room", "last_ts 0"),
    (f"UPDATE rooms SET members = 3 WHERE name = 'lobby'", "room", "members 3"),
    (f"UPDATE rooms SET first = 3 WHERE name = 'lobby'", "room", "begins at 3"),
    ("UPDATE rooms SET epoch = '' WHERE name = 'lobby'", "room", "epoch"),
    ("UPDATE rooms SET name = 'LOBBY' WHERE name = 'lobby'", "room", "name"),
    (f"DELETE FROM members WHERE {LOBBY} AND user = {BOB}", "member", "no row"),
    (f"INSERT INTO members (room, user, role, read, read_n) VALUES ((SELECT id FROM rooms WHERE name = 'kitchen'),"
     f" {ANN}, 1, 1, 0)", "member", "by the log none"),
    (f"UPDATE members SET role = 3 WHERE {LOBBY} AND user = {BOB}", "member", "role 3"),
    (f"UPDATE members SET role = 1 WHERE {HALL} AND user = {ANN}", "member", "role 1"),
    (f"UPDATE members SET read = 99 WHERE {LOBBY}", "marker", "seq 99"),
    (f"UPDATE members SET read_n = 1 WHERE {LOBBY} AND user = {ANN}", "marker", "with 1"),
    ("DELETE FROM users WHERE name = 'bob'", "reference", "user"),
    ("DELETE FROM rooms WHERE name = 'kitchen'", "reference", "room"),
    ("UPDATE tokens SET user = 55", "reference", "tokens name user 55"),
    ("UPDATE rooms SET topic = 'other' WHERE name = 'hall'", "room", "topic"),
    (f"UPDATE changes SET deleted = 0 WHERE {HALL}", "change", "entries delete"),
    (f"UPDATE changes SET ref = 99 WHERE {HALL}", "change", "row of changes"),
    (f"UPDATE edits SET seq = 99 WHERE {LOBBY}", "change", "row of edits"),
    (f"UPDATE reactions SET ref = 99 WHERE {LOBBY}", "change", "row of reactions"),
    (f"UPDATE reactions SET user = 99 WHERE {LOBBY}", "reference", "reactions"),
    ("UPDATE users SET rooms = rooms + 1", "member", "counts"),
    (f"DELETE FROM members WHERE {HALL} AND role = 5", "member", "no row"),
    (f"UPDATE members SET role = 1 WHERE {HALL} AND role = 5", "member", "role 1"),
    ("DROP INDEX entries_key", "schema", "key,user,room"),
    ("DROP INDEX entries_log", "schema", "room,seq"),
    ("DROP TABLE members", "schema", "members"),
    ("ALTER TABLE rooms RENAME COLUMN n TO m", "sqlite", "no such column"),
    ("CREATE TRIGGER evil AFTER INSERT ON rooms BEGIN SELECT 1; END", "schema", "evil"),
    ("CREATE VIEW strange AS SELECT 1", "schema", "strange"),
]  # fmt: skip


def damage(path, *statements):
    connection = sqlite3.connect(path)
    with contextlib.closing(connection), connection:
        connection.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            connection.execute(statement)


def test_what_a_server_leaves_is_sound(chatctl, database):
    verified = chatctl("verify", database)
    assert verified.status == 0, verified.lines
    assert verified.lines == [f"{database}: sound; 3 rooms, 24 entries, 2 users"]


@pytest.mark.parametrize(("statement", "check", "part"), DAMAGES)
def test_a_damage_has_its_name(chatctl, database, statement, check, part):
    damage(database, statement)
    verified = chatctl("verify", database)
    assert verified.status == 1, verified.lines
    named = [f for f in verified.findings if f.startswith(f"{check}: ") and part in f]
    assert named, verified.lines
    assert "finding" in verified.summary


def test_a_repeated_key_has_its_name(chatctl, database):
    """The index that forbids it is taken away and put back without looking."""
    index = "SELECT rowid, type, name, tbl_name, rootpage, sql FROM sqlite_schema"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        row = connection.execute(f"{index} WHERE name = 'entries_key'").fetchone()
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'entries_key'")
        connection.commit()
    damage(
        database,
        f"UPDATE entries SET key = (SELECT key FROM entries WHERE {LOBBY} AND seq = 3)"
        f" WHERE {LOBBY} AND seq = 5",
        "INSERT INTO sqlite_schema (rowid, type, name, tbl_name, rootpage, sql)"
        f" VALUES ({row[0]}, '{row[1]}', '{row[2]}', '{row[3]}', {row[4]}, '{row[5]}')",
    )
    verified = chatctl("verify", database)
    assert verified.status == 1
    assert any(f.startswith("key: room lobby") for f in verified.findings)
    assert any(f.startswith("sqlite: ") for f in verified.findings)


def test_a_page_of_rubbish_has_its_name(chatctl, database):
    content = bytearray(database.read_bytes())
    content[2 * 4096 : 3 * 4096] = b"\xff" * 4096
    database.write_bytes(content)
    verified = chatctl("verify", database)
    assert verified.status == 1
    assert verified.findings[0].startswith("sqlite: ")


def test_a_file_cut_short_has_its_name(chatctl, database):
    database.write_bytes(database.read_bytes()[: 3 * 4096])
    verified = chatctl("verify", database)
    assert verified.status == 1
    assert verified.findings[0].startswith("sqlite: ")


def test_bytes_of_the_file_reach_no_terminal(chatctl, database):
    damage(database, "UPDATE rooms SET name = char(27, 10, 155, 92) WHERE name = 'hall'")
    for options in ([], ["--json"]):
        verified = chatctl("verify", *options, database)
        assert verified.status == 1
        text = "\n".join(verified.lines)
        assert all(" " <= c <= "~" for c in text.replace("\n", ""))
        assert "x1b" in text and "x0a" in text
    assert verified.objects()[0]["room"].startswith("\\x1b\\x0a")


def test_json_has_an_object_a_line(chatctl, database):
    damage(database, f"DELETE FROM entries WHERE {LOBBY} AND seq = 7")
    verified = chatctl("verify", "--json", database)
    finding, *_, summary = verified.objects()
    assert finding["check"] == "seq"
    assert (finding["room"], finding["seq"]) == ("lobby", 8)
    assert summary["file"] == str(database)
    assert summary["sound"] is False
    assert summary["findings"] == len(verified.lines) - 1
    assert (summary["rooms"], summary["entries"], summary["users"]) == (3, 23, 2)


def test_many_findings_are_counted_and_not_all_printed(chatctl, database):
    rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION SELECT x + 1 FROM c WHERE x < 500)"
    damage(database, f"{rows} INSERT INTO tokens SELECT CAST(x AS BLOB), x + 99, 0 FROM c")
    verified = chatctl("verify", "--json", database)
    references = [o for o in verified.objects() if o.get("check") == "reference"]
    assert len(references) == 100
    assert verified.objects()[-1]["findings"] >= 500


def test_a_file_that_a_crash_left_is_read_with_its_wal(chatctl, chatd, speak):
    wire = speak()
    for number in range(20):
        wire.send("lobby", f"{number}")
    chatd.kill()
    path = chatd.data / "chat.db"
    wal = path.with_name("chat.db-wal").read_bytes()
    main = path.read_bytes()
    verified = chatctl("verify", path)
    assert verified.status == 0, verified.lines
    assert "21 entries" in verified.summary
    assert path.with_name("chat.db-wal").read_bytes() == wal
    assert path.read_bytes() == main
    chatd.start()
    wire = speak("bob")
    assert wire.send("lobby", "after")["seq"] == 23


def test_a_file_in_use_is_read_and_left_alone(chatctl, chatd, speak):
    wire = speak()
    path = chatd.data / "chat.db"
    for number in range(20):
        wire.send("lobby", f"{number}")
        verified = chatctl("verify", path)
        assert verified.status == 0, verified.lines
        assert f"{number + 2} entries" in verified.summary


@pytest.fixture
def open_folder():
    """One that every user can reach, with a name that a URI would split."""
    with tempfile.TemporaryDirectory(prefix="chat-a?b#c%41") as name:
        path = pathlib.Path(name)
        path.chmod(0o755)
        yield path
        path.chmod(0o755)


def test_a_copy_that_nobody_may_write_is_read(chatctl, database, open_folder):
    """There SQLite cannot share memory; root may write anywhere."""
    copy = open_folder / "copy.db"
    shutil.copy(database, copy)
    copy.chmod(0o444)
    open_folder.chmod(0o555)
    options = {"user": 65534} if os.getuid() == 0 else {}
    try:
        verified = chatctl("verify", copy, **options)
    except PermissionError:
        pytest.skip("another user cannot reach the build folder")
    assert verified.status == 0, verified.errors
    assert os.listdir(open_folder) == ["copy.db"]


@pytest.mark.parametrize("version", [0, 3, 5, 9, -1])
def test_an_unknown_version_is_refused(chatctl, database, version):
    damage(database, f"PRAGMA user_version = {version}")
    verified = chatctl("verify", database)
    assert verified.status == 2
    assert f"version {version}" in verified.errors
    assert verified.lines == []


def test_what_is_no_database_of_ours_is_refused(chatctl, database, tmp_path):
    other = tmp_path / "other.db"
    damage(other, "CREATE TABLE t (x)")
    text = tmp_path / "text"
    text.write_text("not a database\n" * 100)
    empty = tmp_path / "empty"
    empty.touch()
    for path in (other, text, empty):
        verified = chatctl("verify", path)
        assert verified.status == 2
        assert "not a database of chatd" in verified.errors
    for path in (tmp_path / "absent", tmp_path):
        assert chatctl("verify", path).status == 2
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["verify"], ["verify", "--x"], ["verify", "a", "b"]]
)
def test_wrong_use_is_explained(chatctl, arguments):
    verified = chatctl(*arguments)
    assert verified.status == 2
    assert "usage: chatctl" in verified.errors


def test_help_and_version(chatctl):
    assert "verify" in "\n".join(chatctl("--help").lines)
    assert chatctl("--version").lines[0].startswith("chatctl ")
