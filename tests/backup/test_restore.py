"""chatctl restore: a backup in the place of the database, or nothing."""

import os
import re
import shutil
import sqlite3
import subprocess

import pytest
from drivers.chatd import Chatd
from drivers.wire import Wire, new_key
from test_backup import log_of


def query(path, sql):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def damage(path, sql):
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


@pytest.fixture
def file(folder):
    return folder / "backup.db"


@pytest.fixture
def lived(chatctl, chatd, connect, file):
    """A server that went on after its backup, and has ended; its clients."""
    ann, bob = connect("ann"), connect("bob")
    for number in range(5):
        ann.send("lobby", f"kept {number}")
    chatctl("backup", "--data", chatd.data, file).expect(0)
    for number in range(5):
        bob.send("lobby", f"lost {number}")
    ann.join("hall", create=True)
    late = connect("late")
    chatd.stop()
    return {"ann": ann, "bob": bob, "late": late}


def replaced_of(chatd):
    return [p for p in chatd.data.iterdir() if re.search(r"replaced-\d{8}T\d{6}\.\d{3}Z$", p.name)]


def test_the_backup_takes_the_database_s_place(chatctl, chatd, lived, file):
    database = chatd.data / "chat.db"
    before = log_of(database)
    chatctl("restore", "--data", chatd.data, file).expect(0)
    assert log_of(database) == log_of(file)
    chatctl("verify", database).expect(0)
    (replaced,) = replaced_of(chatd)
    assert log_of(replaced) == before
    chatctl("verify", replaced).expect(0)
    assert sorted(os.listdir(chatd.data)) == ["chat.db", "chat.db.lock", replaced.name]
    assert database.stat().st_mode & 0o777 == 0o600

    # Undone by the same means.
    chatctl("restore", "--data", chatd.data, "--discard", replaced).expect(0)
    assert log_of(database) == before
    assert replaced_of(chatd) == [replaced]


def test_what_clients_remember_is_renewed(chatctl, chatd, lived, file):
    database = chatd.data / "chat.db"
    lost = query(database, "SELECT id, name, rooms_rev, seen FROM users ORDER BY id")
    old_epochs = dict(query(database, "SELECT name, epoch FROM rooms"))
    chatctl("restore", "--data", chatd.data, file).expect(0)
    for name, epoch in query(database, "SELECT name, epoch FROM rooms"):
        assert epoch != old_epochs[name]
        assert re.fullmatch("[A-Za-z0-9_-]{16,32}", epoch)
    revisions = dict(query(database, "SELECT id, rooms_rev FROM users"))
    for user, _, revision, _ in lost:
        if user in revisions:
            assert revision + 2**32 <= revisions[user] < 2**53
    chatd.start()
    new = Wire(chatd.url)
    new.hello("new")
    assert int(new.user["id"]) > max(user for user, *_ in lost) + 10**9
    new.join("lobby")
    new.send("lobby", "after", mentions=[new.user["id"]])
    back = Wire(chatd.url)
    back.hello_token(lived["ann"].hello_reply["token"])
    assert back.user == lived["ann"].user
    (room,) = back.hello_reply["rooms"]
    assert room["room"] == "lobby"
    assert back.refused("history", room="lobby", epoch=old_epochs["lobby"], after=1,
                        limit=9) == "epoch_changed"  # fmt: skip
    for wire in (new, back):
        wire.close()
    chatd.stop()
    chatctl("verify", database).expect(0)


def test_a_key_whose_entry_is_lost_makes_it_anew(chatctl, chatd, file, connect):
    ann = connect("ann")
    kept, gone = new_key(), new_key()
    first = ann.send("lobby", "kept", key=kept)["seq"]
    chatctl("backup", "--data", chatd.data, file).expect(0)
    ann.send("lobby", "gone", key=gone)
    chatd.stop()
    chatctl("restore", "--data", chatd.data, file).expect(0)
    chatd.start()
    back = Wire(chatd.url)
    back.hello_token(ann.hello_reply["token"])
    assert back.send("lobby", "kept", key=kept) | {"ts": 0} == {
        "seq": first, "ts": 0, "dup": True
    }  # fmt: skip
    assert "dup" not in back.send("lobby", "gone", key=gone)
    back.close()


def test_tokens_are_kept_or_ended(chatctl, chatd, lived, file):
    done = chatctl("restore", "--data", chatd.data, file).expect(0)
    assert "--end-tokens" in "\n".join(done.lines)
    done = chatctl("restore", "--data", chatd.data, "--json", "--end-tokens", file)
    assert done.expect(0).objects()[-1]["tokens_ended"] is True
    assert query(chatd.data / "chat.db", "SELECT * FROM tokens") == []
    chatd.start()
    wire = Wire(chatd.url)
    token = lived["ann"].hello_reply["token"]
    assert wire.refused("hello", version=1, agent="e2e", token=token) == "unauthorized"
    # A guest's key is no token: it is the same guest.
    wire.hello("ann", key=lived["ann"].guest_key)
    assert wire.user == lived["ann"].user
    wire.close()


def test_guests_of_an_old_backup_are_not_sent_away(chatctl, chatd, lived, file):
    damage(file, "UPDATE users SET seen = 1")
    chatctl("restore", "--data", chatd.data, file).expect(0)
    seen = query(chatd.data / "chat.db", "SELECT min(seen) FROM users")[0][0]
    assert seen > 1_600_000_000_000


def test_into_an_empty_folder(chatctl, build, lived, file, folder):
    other = folder / "other"
    other.mkdir(mode=0o700)
    done = chatctl("restore", "--data", other, "--json", file).expect(0)
    assert "replaced" not in done.objects()[-1]
    assert sorted(os.listdir(other)) == ["chat.db", "chat.db.lock"]
    server = Chatd(build, other)
    server.start()
    wire = Wire(server.url)
    wire.hello_token(lived["bob"].hello_reply["token"])
    assert wire.send("lobby", "here")["seq"] == len(log_of(file)["lobby"]) + 1
    wire.close()
    server.stop()


def test_a_server_that_runs_is_left_alone(chatctl, chatd, connect, file):
    ann = connect("ann")
    chatctl("backup", "--data", chatd.data, file).expect(0)
    done = chatctl("restore", "--data", chatd.data, file).expect(2)
    assert f"in use by process {chatd.process.pid}" in done.errors
    assert ann.send("lobby", "on")["seq"]
    assert not list(chatd.data.glob("*restoring*"))


def test_a_database_that_somebody_reads_is_left_alone(chatctl, chatd, lived, file):
    connection = sqlite3.connect(chatd.data / "chat.db", isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM entries").fetchall()
    done = chatctl("restore", "--data", chatd.data, file).expect(2)
    assert "in use by another process" in done.errors
    connection.close()
    chatctl("restore", "--data", chatd.data, file).expect(0)


@pytest.mark.parametrize(
    "sql, status, why",
    [
        ("UPDATE rooms SET head = head + 1", 1, "head"),
        ("DELETE FROM entries WHERE seq = 3", 1, "missing"),
        ("PRAGMA user_version = 9", 2, "schema version 9"),
        ("PRAGMA application_id = 9", 2, "not a database of chatd"),
    ],
)
def test_a_bad_backup_is_refused(chatctl, chatd, lived, file, sql, status, why):
    before = log_of(chatd.data / "chat.db")
    damage(file, sql)
    done = chatctl("restore", "--data", chatd.data, file).expect(status)
    assert why in "\n".join([*done.lines, done.errors])
    assert log_of(chatd.data / "chat.db") == before
    assert sorted(os.listdir(chatd.data)) == ["chat.db", "chat.db.lock"]


def test_a_cut_backup_is_refused(chatctl, chatd, lived, file):
    content = file.read_bytes()
    for length in (0, 100, 4096, len(content) // 2, len(content) - 4096):
        file.write_bytes(content[:length])
        chatctl("restore", "--data", chatd.data, file).expect(2)
    assert sorted(os.listdir(chatd.data)) == ["chat.db", "chat.db.lock"]
    chatctl("verify", chatd.data / "chat.db").expect(0)


def test_an_older_schema_is_brought_up_to_date(chatctl, chatd, lived, file):
    damage(
        file,
        "ALTER TABLE users DROP COLUMN banned;"
        "DROP INDEX entries_key;"
        "CREATE UNIQUE INDEX entries_key ON entries (room, user, key);"
        "PRAGMA user_version = 2;",
    )
    chatctl("verify", file).expect(2)
    chatctl("restore", "--data", chatd.data, file).expect(0)
    chatctl("verify", chatd.data / "chat.db").expect(0)
    assert query(chatd.data / "chat.db", "PRAGMA user_version") == [(4,)]


def test_a_lost_database_is_replaced_with_all_that_is_left(chatctl, chatd, lived, file):
    """Its first page is gone; its log may be worth something to somebody."""
    database = chatd.data / "chat.db"
    with database.open("r+b") as content:
        content.write(os.urandom(4096))
    lost = database.read_bytes()
    (chatd.data / "chat.db-wal").write_bytes(b"a log")
    chatctl("restore", "--data", chatd.data, file).expect(0)
    chatctl("verify", database).expect(0)
    (replaced,) = replaced_of(chatd)
    assert replaced.read_bytes() == lost
    assert replaced.with_name(replaced.name + "-wal").read_bytes() == b"a log"
    assert not (chatd.data / "chat.db-wal").exists()


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_a_log_without_its_database_is_in_the_way(chatctl, lived, file, folder, suffix):
    other = folder / "other"
    other.mkdir()
    (other / f"chat.db{suffix}").write_text("of another")
    done = chatctl("restore", "--data", other, file).expect(2)
    assert f"chat.db{suffix}" in done.errors
    assert not (other / "chat.db").exists()


def test_what_cannot_be_restored_says_why(chatctl, chatd, lived, file, folder):
    database = chatd.data / "chat.db"
    done = chatctl("restore", "--data", chatd.data, database).expect(2)
    assert "the database itself" in done.errors
    done = chatctl("restore", "--data", chatd.data, folder / "absent").expect(2)
    assert "No such file" in done.errors
    done = chatctl("restore", "--data", folder / "absent", file).expect(2)
    assert "No such file" in done.errors
    other = folder / "other"
    other.mkdir()
    damage(other / "chat.db", "CREATE TABLE t (x)")
    done = chatctl("restore", "--data", other, file).expect(2)
    assert "another program" in done.errors
    for wrong in ([], ["a", "b"], ["--what", "a"]):
        assert "usage: chatctl restore" in chatctl("restore", *wrong).expect(2).errors


# ---- crashes ----


@pytest.fixture
def steps(build, folder):
    """Runs chatctl, which is killed before its step `number`; the steps taken."""

    def run(number, *arguments):
        log = folder / "steps"
        log.unlink(missing_ok=True)
        options = os.environ.get("ASAN_OPTIONS", "")
        environment = {
            **os.environ,
            "LD_PRELOAD": str(build / "tests/backup/libsteps_preload.so"),
            "CHAT_STEPS_LOG": str(log),
            "CHAT_STEPS_KILL": str(number),
            "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
        }
        done = subprocess.run(
            [build / "server/chatctl", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode in (0, -9), done.stderr
        taken = log.read_text().splitlines() if log.exists() else []
        return done.returncode == 0, taken

    return run


@pytest.fixture
def crashed(chatd, connect, lived):
    """A server that was killed: its last entries are in its log alone."""
    chatd.start()
    connect("carl").send("lobby", "in the log")
    chatd.kill()
    return chatd.data


def test_a_restore_that_is_killed_leaves_one_of_the_two(
    chatctl, file, crashed, steps, folder
):
    whole = folder / "whole.db"
    chatctl("backup", "--data", crashed, whole).expect(0)
    old, new = log_of(whole), log_of(file)
    assert old != new
    outcomes = set()
    number, ended = 0, False
    while not ended:
        number += 1
        data = folder / "data-killed"
        shutil.copytree(crashed, data, ignore=shutil.ignore_patterns("*.sock"))
        ended, _ = steps(number, "restore", "--data", data, file)
        check = folder / "check.db"
        chatctl("backup", "--data", data, "--force", check).expect(0)
        log = log_of(check)
        assert log in (old, new), number
        outcomes.add(log == new)
        # It is done again, and ends well.
        if number % 10 == 0 or ended:
            chatctl("restore", "--data", data, "--discard", file).expect(0)
            assert log_of(data / "chat.db") == new
            chatctl("verify", data / "chat.db").expect(0)
            assert not list(data.glob("*restoring*"))
        shutil.rmtree(data)
    assert outcomes == {False, True}
    assert number > 30


def position(steps, *accepted):
    """The last of the steps that is one of those."""
    return max(i for i, step in enumerate(steps) if step in accepted)


def test_a_restore_is_on_disk_before_it_has_the_name(file, crashed, steps):
    ended, taken = steps(0, "restore", "--data", crashed, file)
    assert ended
    data, copy = str(crashed), f"{crashed}/chat.db.restoring"
    (replaced,) = (p.name for p in crashed.iterdir() if "replaced" in p.name)
    first = taken.index(f"rename {data}/{replaced}")
    change = taken.index(f"rename {data}/chat.db")
    assert first == change - 1
    assert position(taken, f"write {copy}", f"truncate {copy}") < position(
        taken[:first], f"sync {copy}"
    )
    gone = taken.index(f"unlink {data}/chat.db-wal")
    assert f"sync {data}" in taken[gone:first]
    assert taken[change + 1] == f"sync {data}"


def test_a_backup_that_is_killed_leaves_the_one_before(
    chatctl, chatd, connect, file, steps, folder
):
    ann = connect("ann")
    ann.send("lobby", "first")
    chatctl("backup", "--data", chatd.data, file).expect(0)
    old = log_of(file)
    ann.send("lobby", "second")
    number, ended = 0, False
    while not ended:
        number += 1
        ended, taken = steps(number, "backup", "--data", chatd.data, "--force", file)
        kept = log_of(file)
        assert len(kept["lobby"]) == len(old["lobby"]) + any(
            step == f"rename {file}" for step in taken
        )
        shutil.copy(file, folder / "copy.db")
        chatctl("verify", folder / "copy.db").expect(0)
        if kept != old:
            break
    assert number > 15
    ended, taken = steps(0, "backup", "--data", chatd.data, "--force", file)
    assert ended
    named = taken.index(f"rename {file}")
    assert taken[named - 1] == f"sync {file}.partial"
    assert taken[named + 1] == f"sync {folder}"
    assert sorted(p.name for p in folder.glob("backup*")) == ["backup.db"]
