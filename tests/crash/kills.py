"""Senders under load while chatd is killed, and what must hold afterwards."""

import hashlib
import json
import random
import sqlite3
import subprocess
import threading
import time
from dataclasses import dataclass, field

from drivers.chatd import Chatd
from drivers.programs import Program

PATIENCE = 120  # seconds; what takes longer has hung
STARTING_SECONDS = 0.06  # about what a server takes until it listens
EARLY_KILLS = 5  # one of so many restarts is killed before it listens


class Load(Program):
    """tests/crash/load.c"""

    def __init__(self, build, home, url, senders, rooms, *window):
        home.mkdir(parents=True)
        self.acks = home / "acks"
        arguments = [url, str(senders), str(rooms), self.acks, *map(str, window)]
        super().__init__(home, [build / "tests/crash/load", *arguments])
        self._acked = 0

    def wait_acked(self, count):
        """The number of acknowledgements, once it is `count` or more."""

        def enough(line):
            self._acked = max(self._acked, json.loads(line).get("acked", 0))
            return self._acked >= count

        if self._acked < count:
            self._lines.find(enough, f"{count} acknowledged", PATIENCE)
        return self._acked

    def acked(self):
        """The number of acknowledgements so far, roughly."""
        told = [value["acked"] for value in self.objects() if "acked" in value]
        return told[-1] if told else 0

    def finish(self, seconds=PATIENCE):
        """Lets it end; the logs that its handles were shown."""
        self.say("stop")
        status = self.process.wait(seconds)
        self._lines.join()
        assert status == 0, self.errors()
        return [value["log"] for value in self.objects() if "log" in value]


@dataclass
class Figures:
    kills: int = 0
    early: int = 0  # of them, before the server listened
    acked: int = 0
    entries: int = 0
    lost: int = 0
    doubled: int = 0
    unlike: int = 0  # receivers whose log is not the stored one
    findings: list = field(default_factory=list)
    seconds: float = 0.0

    def problems(self):
        return self.lost + self.doubled + self.unlike + len(self.findings)

    def __str__(self):
        return (
            f"{self.kills} kills ({self.early} before the server listened), "
            f"{self.acked} acknowledged, {self.entries} entries: "
            f"{self.lost} lost, {self.doubled} doubled, "
            f"{self.unlike} receivers with another log, "
            f"{len(self.findings)} findings of verify ({self.seconds:.0f} s)"
        )


class Kills:
    def __init__(self, build, folder, seed, senders=36, rooms=12):
        self._build = build
        self._folder = folder
        self._random = random.Random(seed)
        self._senders = senders
        self._rooms = rooms
        self.server = Chatd(build, folder / "data")
        self.figures = Figures()

    @property
    def database(self):
        return self.server.data / "chat.db"

    def verify(self):
        """The findings of chatctl, in the file that the crash left."""
        done = subprocess.run(
            [self._build / "server/chatctl", "verify", self.database],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode != 0:
            self.figures.findings += (done.stdout + done.stderr).splitlines()

    def _restart(self):
        if self._random.randrange(EARLY_KILLS) == 0:
            self.server.launch()
            threading.Event().wait(self._random.random() * STARTING_SECONDS)
            self.server.kill()
            self.figures.kills += 1
            self.figures.early += 1
        self.server.start()

    def run(self, kills, acks_between, verify_each):
        """Kills at moments that nobody can know, `acks_between` on average."""
        started = time.monotonic()
        self.server.start()
        home = self._folder / "load"
        load = Load(self._build, home, self.server.url, self._senders, self._rooms)
        try:
            acked = 0
            while self.figures.kills < kills:
                acked = load.wait_acked(
                    acked + self._random.randrange(1, 2 * acks_between)
                )
                threading.Event().wait(self._random.random() * 0.01)
                load.say("down")
                self.server.kill()
                self.figures.kills += 1
                if self.figures.kills % verify_each == 0:
                    self.verify()
                self._restart()
                load.say("up")
            logs = load.finish()
        finally:
            load.kill()
        self.server.kill()
        self.verify()
        self._compare(load.acks, logs)
        self.figures.seconds = time.monotonic() - started
        return self.figures

    def _compare(self, acks, logs):
        connection = sqlite3.connect(self.database)
        rooms = dict(connection.execute("SELECT name, id FROM rooms"))
        stored = {name: Stored(connection, room) for name, room in rooms.items()}
        connection.close()
        self.figures.entries = sum(len(log.keys) for log in stored.values())
        self.figures.doubled = sum(log.doubled() for log in stored.values())
        with acks.open() as lines:
            for line in lines:
                room, key, seq = line.split()
                self.figures.acked += 1
                self.figures.lost += stored[room].key_at(int(seq)) != key
        for log in logs:
            stored_digest = stored[log["room"]].digest(log["first"], log["last"])
            self.figures.unlike += stored_digest != log["sha256"]


class Stored:
    """A room's log as it lies in the file."""

    def __init__(self, connection, room):
        rows = connection.execute(
            "SELECT user, key, bytes FROM entries WHERE room = ? ORDER BY seq", (room,)
        )
        self.users, self.keys, self.bytes = [], [], []
        for user, key, entry in rows:
            self.users.append(user)
            self.keys.append(key)
            self.bytes.append(entry.rstrip(b" "))  # place to erase in

    def doubled(self):
        return len(self.keys) - len(set(zip(self.users, self.keys)))

    def key_at(self, seq):
        return self.keys[seq - 1] if seq <= len(self.keys) else None

    def digest(self, first, last):
        digest = hashlib.sha256()
        for entry in self.bytes[first - 1 : last]:
            digest.update(entry + b"\n")
        return digest.hexdigest()
