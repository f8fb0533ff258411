"""chatctl backup: of a server under load, whole or not at all."""

import errno
import os
import signal
import sqlite3
import subprocess

import pytest
from drivers.lines import wait_until
from test_storage import SYNC, WRITE, Fault


def log_of(path):
    """The rows of each room, in order."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT r.name, e.seq, e.user, e.n, e.ts, e.key, e.digest, e.bytes"
        " FROM entries e JOIN rooms r ON r.id = e.room ORDER BY r.name, e.seq"
    ).fetchall()
    connection.close()
    logs = {}
    for name, *row in rows:
        logs.setdefault(name, []).append(tuple(row))
    return logs


def acked(load):
    """(room, key, seq) of what is acknowledged by now; whole lines of it."""
    lines = load.acks.read_text().rpartition("\n")[0].splitlines()
    return [(room, key, int(seq)) for room, key, seq in map(str.split, lines)]


def test_a_backup_under_load_is_sound_and_has_what_was_acknowledged(
    chatctl, chatd, load, folder
):
    file = folder / "backup.db"
    count = load.wait_acked(3000)
    before = acked(load)
    done = chatctl("backup", "--data", chatd.data, "--json", file).expect(0)
    load.wait_acked(count + 1000)
    load.finish()

    summary = done.objects()[-1]
    assert summary["verified"] is True
    assert summary["bytes"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(os.listdir(folder)) == ["backup.db", "data", "load"]
    verified = chatctl("verify", "--json", file).expect(0).objects()[-1]
    assert verified["sound"] is True
    assert {k: verified[k] for k in ("rooms", "entries", "users")} == {
        k: summary[k] for k in ("rooms", "entries", "users")
    }
    copied, live = log_of(file), log_of(chatd.data / "chat.db")
    for room, key, seq in before:
        assert copied[room][seq - 1][4] == key
    for room, log in copied.items():
        assert log == live[room][: len(log)]
        assert len(log) < len(live[room])
    heads = {o["room"]: o["head"] for o in done.objects()[:-1]}
    assert {room: head for room, head in heads.items() if head} == {
        room: len(log) for room, log in copied.items()
    }


def test_the_log_before_the_backup_is_begun_anew_after_it(chatctl, chatd, load, folder):
    for number in range(3):
        load.wait_acked((number + 1) * 2000)
        chatctl("backup", "--data", chatd.data, folder / f"{number}.db").expect(0)
    load.finish()
    chatd.stop()
    assert not (chatd.data / "chat.db-wal").exists()
    chatctl("verify", chatd.data / "chat.db").expect(0)


def test_of_a_stopped_and_of_a_crashed_server(chatctl, chatd, connect, folder):
    ann = connect("ann")
    ann.send("lobby", "kept")
    chatd.kill()
    files = {
        name: (chatd.data / name).read_bytes() for name in ("chat.db", "chat.db-wal")
    }
    chatctl("backup", "--data", chatd.data, folder / "crashed.db").expect(0)
    for name, content in files.items():
        assert (chatd.data / name).read_bytes() == content
    chatd.start()
    chatd.stop()
    chatctl("backup", "--data", chatd.data, folder / "stopped.db").expect(0)
    assert log_of(folder / "crashed.db") == log_of(folder / "stopped.db")
    assert b"kept" in log_of(folder / "stopped.db")["lobby"][-1][-1]


def test_the_folder_is_found_as_the_server_finds_it(chatctl, chatd, folder):
    kept = {**os.environ, "HOME": str(folder / "nowhere")}
    for name in ("CHATD_DATA", "STATE_DIRECTORY", "XDG_STATE_HOME"):
        kept.pop(name, None)
    for number, name in enumerate(("CHATD_DATA", "STATE_DIRECTORY")):
        environment = {**kept, name: str(chatd.data)}
        chatctl("backup", folder / f"{number}.db", env=environment).expect(0)
    if not os.path.exists("/var/lib/chatd"):  # the service's, which comes next
        done = chatctl("backup", folder / "none.db", env=kept).expect(2)
        assert "nowhere/.local/state/chatd/chat.db" in done.errors


def test_erased_text_is_not_in_it(chatctl, chatd, connect, folder):
    ann = connect("ann")
    for number in range(50):
        seq = ann.send("lobby", f"a secret of number {number}")["seq"]
        ann.ask("delete", room="lobby", key=f"d{number}", ref=seq)
    ann.send("lobby", "what stays")
    file = folder / "backup.db"
    chatctl("backup", "--data", chatd.data, file).expect(0)
    content = file.read_bytes()
    assert b"what stays" in content
    assert b"a secret of number" not in content


def test_a_file_is_replaced_only_by_force(chatctl, chatd, connect, folder):
    file = folder / "backup.db"
    file.write_text("something else")
    done = chatctl("backup", "--data", chatd.data, file).expect(2)
    assert "--force" in done.errors
    assert file.read_text() == "something else"
    chatctl("backup", "--data", chatd.data, "--force", file).expect(0)
    first = file.read_bytes()
    connect("ann").send("lobby", "more")
    chatctl("backup", "--data", chatd.data, "--force", file).expect(0)
    assert file.read_bytes() != first
    chatctl("verify", file).expect(0)
    assert sorted(os.listdir(folder)) == ["backup.db", "data"]


@pytest.mark.parametrize(
    "name", ["chat.db", "chat.db-wal", "chat.db.lock", "chat.db.backup"]
)
def test_the_server_s_own_files_are_left_alone(chatctl, chatd, connect, name):
    connect("ann").send("lobby", "kept")
    done = chatctl("backup", "--data", chatd.data, "--force", chatd.data / name)
    assert "the server uses" in done.expect(2).errors
    chatctl("verify", chatd.data / "chat.db").expect(0)


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_what_would_be_read_as_part_of_it_is_in_the_way(chatctl, chatd, folder, suffix):
    (folder / f"backup.db{suffix}").write_text("of another file")
    done = chatctl("backup", "--data", chatd.data, folder / "backup.db").expect(2)
    assert f"backup.db{suffix}" in done.errors
    assert not (folder / "backup.db").exists()


def test_a_damaged_database_makes_no_backup_unless_told_to(chatctl, chatd, folder):
    chatd.stop()
    connection = sqlite3.connect(chatd.data / "chat.db")
    connection.execute("UPDATE rooms SET head = 7")
    connection.commit()
    connection.close()
    file = folder / "backup.db"
    done = chatctl("backup", "--data", chatd.data, file).expect(1)
    assert "--no-verify" in done.errors
    assert any("head" in line for line in done.lines)
    assert not file.exists()
    chatctl("backup", "--data", chatd.data, "--no-verify", file).expect(0)
    chatctl("verify", file).expect(1)


def test_what_cannot_be_backed_up_says_why(chatctl, chatd, folder):
    other = folder / "other"
    other.mkdir()
    done = chatctl("backup", "--data", other, folder / "a.db").expect(2)
    assert "unable to open" in done.errors
    sqlite3.connect(other / "chat.db").execute("CREATE TABLE t (x)").close()
    done = chatctl("backup", "--data", other, folder / "a.db").expect(2)
    assert "not a database of chatd" in done.errors
    (folder / "there").mkdir()
    done = chatctl("backup", "--data", chatd.data, "--force", folder / "there").expect(2)
    assert "not a regular file" in done.errors
    done = chatctl("backup", "--data", chatd.data, folder / "no/where").expect(2)
    assert "No such file or directory" in done.errors
    assert sorted(os.listdir(folder)) == ["data", "other", "there"]
    for wrong in ([], ["a", "b"], ["--what", "a"], ["--data"]):
        assert "usage: chatctl backup" in chatctl("backup", *wrong).expect(2).errors


# ---- what goes wrong on the way ----


@pytest.mark.parametrize(
    "kinds, error, why",
    [
        (WRITE, errno.ENOSPC, "no space"),
        (WRITE, errno.EIO, "disk I/O error"),
        (SYNC, errno.EIO, " error"),
    ],
)
@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_disk_that_fails_leaves_what_was_there(
    build, chatctl, chatd, connect, folder, command, kinds, error, why
):
    file = folder / "backup.db"
    ann = connect("ann")
    ann.send("lobby", "first")
    chatctl("backup", "--data", chatd.data, file).expect(0)
    ann.send("lobby", "second")
    if command == "restore":
        chatd.stop()
        made, options = chatd.data / "chat.db", []
    else:
        made, options = file, ["--force"]
    before = log_of(made)
    fault = Fault(folder / "fault")
    fault.begin(kinds, error)
    prefix = f"{made}.restoring" if command == "restore" else f"{made}.partial"
    environment = {
        **os.environ,
        "LD_PRELOAD": str(build / "tests/crash/libmedium_preload.so"),
        "CHAT_MEDIUM_PREFIX": prefix,
        "CHAT_MEDIUM_FAULT": str(folder / "fault"),
        "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
    }
    done = chatctl(command, "--data", chatd.data, *options, file, env=environment)
    assert fault.hits > 0
    assert why in done.expect(2).errors
    assert log_of(made) == before
    left = [path.name for path in made.parent.iterdir()]
    assert not [name for name in left if "partial" in name or "restoring" in name]
    fault.end()
    chatctl(command, "--data", chatd.data, *options, file).expect(0)


def test_an_interrupted_backup_leaves_the_one_before(build, chatctl, chatd, load, folder):
    load.wait_acked(10000)
    load.finish()
    file, partial = folder / "backup.db", folder / "backup.db.partial"
    file.write_text("from before")
    command = [build / "server/chatctl", "backup", "--data", chatd.data, "--force", file]
    for _ in range(20):  # now and then it ends before it is told to
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        wait_until(
            lambda: process.poll() is not None
            or (partial.exists() and partial.stat().st_size > 0),
            "the copy has begun",
        )
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=60)[1]
        if process.returncode != 0:
            break
        file.write_text("from before")
    assert process.returncode == 2
    assert "interrupted" in errors
    assert file.read_text() == "from before"
    assert not partial.exists()
    chatctl("backup", "--data", chatd.data, "--force", file).expect(0)


def test_two_backups_do_not_write_one_file(chatctl, chatd, folder):
    file, partial = folder / "backup.db", folder / "backup.db.partial"
    partial.write_text("left by one that was killed")
    holder = subprocess.Popen(
        ["flock", partial, "sh", "-c", "echo held; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout.readline() == b"held\n"
    done = chatctl("backup", "--data", chatd.data, file).expect(2)
    assert "another process is writing" in done.errors
    holder.communicate()
    chatctl("backup", "--data", chatd.data, file).expect(0)
    assert not partial.exists()
