"""A connection that is cut behind every byte, in both directions: the client
ends with the log that the server has, each message in it once."""

import json
import sqlite3
import subprocess

from drivers.chatd import Chatd
from kills import Stored

SECONDS = 240  # what takes longer has hung


def test_a_cut_behind_every_byte(build, folder):
    server = Chatd(build, folder / "data")
    server.start()
    try:
        done = subprocess.run(
            [build / "tests/crash/cut", str(server.port)],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    finally:
        server.stop()
    assert done.returncode == 0, done.stderr
    sessions = {s["room"]: s for s in map(json.loads, done.stdout.splitlines())}
    for direction in "sc":
        cuts = [s for r, s in sessions.items() if r[0] == direction and s["cut"]]
        rooms = {s["room"] for s in cuts}
        assert len(cuts) > 500
        assert {f"{direction}-{n:06}" for n in range(len(cuts) - 32)} <= rooms

    database = server.data / "chat.db"
    with sqlite3.connect(database) as connection:
        for name, room in connection.execute("SELECT name, id FROM rooms").fetchall():
            if name == "lobby":
                continue
            stored = Stored(connection, room)
            entries = [json.loads(entry) for entry in stored.bytes]
            texts = [e["text"] for e in entries if e["event"] == "message"]
            assert texts == ["message 1", "message 2", "message 3"], name
            assert len(entries) == 4, name
            assert stored.digest(1, 4) == sessions[name]["sha256"], name
    connection.close()
    verify = [build / "server/chatctl", "verify", database]
    assert subprocess.run(verify, timeout=SECONDS).returncode == 0
