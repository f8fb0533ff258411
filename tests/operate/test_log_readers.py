"""Who reads the log slowly, or not at all, does not hold up the server."""

import json
import os
import re
import select
import signal
import subprocess
import time

import pytest
from drivers.chatd import is_listening
from drivers.lines import DEADLINE
from drivers.wire import Wire
from log_lines import DEBUG, line_of

# Their lines are more than the pipe and the ring of the log take.
REQUESTS = 12_000
AT_A_TIME = 30


class Unread:
    """A chatd whose log nobody reads once it listens."""

    def __init__(self, build, data, options=(), with_metrics=False):
        self.data = data
        reads, writes = os.pipe()
        self.log = os.fdopen(reads, errors="replace")
        command = [build / "server/chatd", "--listen", "127.0.0.1:0", "--data", data]
        self.process = subprocess.Popen(
            [*command, "--rate-limits", "off", *DEBUG, *options],
            stdin=subprocess.DEVNULL,
            stdout=writes if with_metrics else subprocess.DEVNULL,
            stderr=writes,
        )
        os.close(writes)
        line = next(line for line in self.log if is_listening(line))
        self.url = f"ws://127.0.0.1:{json.loads(line)['port']}/ws"

    def lines(self):
        return map(json.loads, self.log)

    def close(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.log.close()


@pytest.fixture
def unread(build, tmp_path):
    server = Unread(build, tmp_path)
    yield server
    server.close()


def fill_the_log(server):
    """Requests whose lines fill it; the wire that asked, each was answered."""
    wire = Wire(server.url)
    wire.hello("ann")
    for _ in range(REQUESTS // AT_A_TIME):
        for _ in range(AT_A_TIME):
            wire.send_frame('{"action":"rooms"}')
        wire.settle()
    return wire


def test_what_is_missing_is_what_it_says(unread):
    wire = fill_the_log(unread)
    name = wire.handshake_headers["X-Request-Id"]
    asked = set()
    for line in unread.lines():
        if line["event"] == "log_lines_dropped":
            break
        if line["event"] == "request":
            asked.add(line["request"])
    assert all(request.startswith(name) for request in asked)
    settled = REQUESTS // AT_A_TIME
    assert line["level"] == "warning"
    assert line["count"] == 1 + REQUESTS + settled - len(asked) > 0
    wire.close()
    unread.process.send_signal(signal.SIGTERM)
    rest = [line["event"] for line in unread.lines()]
    assert "log_lines_dropped" not in rest
    assert rest[-1] == "stopped"
    assert unread.process.wait(DEADLINE) == 0


def test_what_an_operator_does_is_not_dropped(unread, chatctl):
    fill_the_log(unread).close()
    program = chatctl(unread)
    for level in "debug", "error":
        assert program("log", "level", level).status == 0
    events = []
    for line in unread.lines():
        events.append(line["event"])
        if line["event"] == "log_lines_dropped" and "audit" not in events:
            unread.process.send_signal(signal.SIGTERM)
    assert events.count("audit") == 2
    assert events.index("log_lines_dropped") < events.index("audit")


def test_the_end_does_not_wait_for_it(unread):
    fill_the_log(unread).close()
    unread.process.send_signal(signal.SIGTERM)
    assert unread.process.wait(DEADLINE) == 0


def test_a_reader_that_has_gone_is_not_missed(unread):
    unread.log.close()
    fill_the_log(unread).close()
    unread.process.send_signal(signal.SIGTERM)
    assert unread.process.wait(DEADLINE) == 0


def test_metrics_beside_it_stay_whole_lines(build, tmp_path):
    """They are longer than one write; standard output is the same pipe."""
    emf = ["--emf", "on", "--emf-interval", "1", "--color", "blue"]
    server = Unread(build, tmp_path, emf, with_metrics=True)
    try:
        began = time.monotonic()
        wire = fill_the_log(server)
        while time.monotonic() < began + 2.5:  # so that metrics wait as well
            wire.settle()
        wire.close()
        server.process.send_signal(signal.SIGTERM)
        texts = list(server.log)
        assert max(map(len, texts)) > select.PIPE_BUF
        lines = [json.loads(text) for text in texts]
        assert sum("_aws" in line for line in lines) >= 2
    finally:
        server.close()


def test_the_level_changes_while_it_runs(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server, "ann")
    name = ann.handshake_headers["X-Request-Id"]
    ann.settle()
    for level in "debug", "error", "debug":
        chatctl(server).rows("log", "level", level)
        ann.settle()
    line_of(server, "request", request=f"{name}-6")
    seen = [x for x in server.log.all() if '"event":"request"' in x]
    numbers = [re.search(r'"request":"[0-9a-f]+-(\d+)"', x)[1] for x in seen]
    assert numbers == ["4", "6"]
