"""Senders in one room while tasks die, DynamoDB fails and Redis goes wrong, and
what must hold afterwards."""

import hashlib
import itertools
import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from drivers.wire import Wire
from faulty import Faulty
from kills import Load
from page import read_log

ROOM = "room-0"  # of load.c
SENDERS = 32
ROUND_SECONDS = 2  # one task dies in each


@dataclass
class Figures:
    acked: int = 0
    entries: int = 0
    kills: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    unlike: int = 0  # receivers and tasks with another log
    seconds: float = 0.0
    dynamodb: Counter = field(default_factory=Counter)
    redis: Counter = field(default_factory=Counter)

    def problems(self):
        return self.lost + self.doubled + self.gaps + self.unlike

    def __str__(self):
        rate = self.acked / self.seconds if self.seconds else 0
        dynamodb = ", ".join(f"{n} {what}" for what, n in self.dynamodb.items())
        redis = ", ".join(f"{what} {n} times" for what, n in self.redis.items())
        return (
            f"{self.acked} sends acknowledged in {self.seconds:.0f} s "
            f"({rate:.0f}/s) by {SENDERS} senders, {self.entries} entries; "
            f"{self.kills} tasks killed and restarted; "
            f"requests to DynamoDB: {dynamodb}; Redis: {redis}: "
            f"{self.lost} lost, {self.doubled} doubled, {self.gaps} gaps, "
            f"{self.unlike} other logs"
        )


class Trial:
    def __init__(self, services, build, folder, window):
        """`window`: messages of a sender that are under way."""
        self._window = window
        self._services = services
        self._build = build
        self._folder = folder
        self.figures = Figures()

    def _redis_faults(self):
        """Each is there for a round and then mended, one after the other."""
        redis = self._services.redis
        return itertools.cycle(
            [
                ("hung", redis.hang, redis.go_on),
                ("flushed", redis.flush, None),
                ("killed", redis.kill, redis.start),
                ("well", None, None),
            ]
        )

    def _break_things(self, cluster, load, sends):
        """Until so many are acknowledged, and each fault has been at least once."""
        faults = self._redis_faults()
        tasks = itertools.cycle(cluster.tasks.values())
        acked = 0
        while acked < sends or self.figures.kills < 4:
            name, begin, end = next(faults)
            task = next(tasks)
            if begin:
                begin()
                self.figures.redis[name] += 1
            task.kill()
            self.figures.kills += 1
            task.start()
            threading.Event().wait(ROUND_SECONDS)
            if end:
                end()
            acked = load.acked()

    def run(self, sends):
        started = time.monotonic()
        faulty = Faulty(self._services.dynamodb.port)
        try:
            cluster = self._services.make_cluster(
                self._build,
                self._folder / "data",
                environment={"CHATD_DYNAMODB_ENDPOINT": faulty.url},
            )
            try:
                self._run(cluster, faulty, sends, started)
            finally:
                cluster.close()
        finally:
            faulty.close()
        return self.figures

    def _run(self, cluster, faulty, sends, started):
        cluster.start()
        home = self._folder / "load"
        load = Load(self._build, home, cluster.url, SENDERS, 1, self._window)
        try:
            self._break_things(cluster, load, sends)
            logs = load.finish()
        finally:
            load.kill()
        self.figures.seconds = time.monotonic() - started
        self.figures.dynamodb = faulty.counts
        faulty.faults = False
        stored = [self._read(task) for task in cluster.tasks.values()]
        self._compare(stored, load.acks, logs)

    def _read(self, task):
        wire = Wire(task.url)
        try:
            wire.hello("reader")
            wire.join(ROOM)
            return read_log(wire, ROOM)
        finally:
            wire.close()

    def _compare(self, stored, acks, logs):
        figures = self.figures
        log, other = stored
        # The second reader came into the room after the first had read.
        figures.unlike += log != other[: len(log)]
        entries = [json.loads(entry) for entry in log]
        figures.entries = len(entries)
        figures.gaps += [e["seq"] for e in entries] != [*range(1, len(entries) + 1)]
        keys = [(entry["from"]["id"], entry["key"]) for entry in entries]
        figures.doubled += len(keys) - len(set(keys))
        for line in acks.read_text().splitlines():
            _, key, seq = line.split()
            figures.acked += 1
            at = int(seq) - 1
            figures.lost += at >= len(keys) or keys[at][1] != key
        for shown in logs:
            wanted = digest(log[shown["first"] - 1 : shown["last"]])
            figures.unlike += wanted != shown["sha256"]


def digest(entries):
    made = hashlib.sha256()
    for entry in entries:
        made.update(entry.encode() + b"\n")
    return made.hexdigest()
