"""Fixtures for backups: a server under load, and chatctl. CHAT_BUILD as in
tests/e2e."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/crash")]

from drivers.chatd import Chatd  # noqa: E402
from drivers.wire import Wire  # noqa: E402
from kills import Load  # noqa: E402


class Done:
    """What chatctl said."""

    def __init__(self, done):
        self.status = done.returncode
        self.lines = done.stdout.splitlines()
        self.errors = done.stderr

    def objects(self):
        return [json.loads(line) for line in self.lines]

    def expect(self, status):
        assert self.status == status, "\n".join([*self.lines, self.errors])
        return self


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture(scope="session")
def chatctl(build):
    def run(*arguments, **options):
        command = [build / "server/chatctl", *arguments]
        return Done(
            subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
        )

    return run


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="chat-") as name:
        yield pathlib.Path(name)


@pytest.fixture
def chatd(build, folder):
    server = Chatd(build, folder / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connect(chatd):
    opened = []

    def sign_in(name, room="lobby"):
        wire = Wire(chatd.url)
        opened.append(wire)
        wire.hello(name)
        wire.join(room)
        return wire

    yield sign_in
    for wire in opened:
        wire.close()


@pytest.fixture
def load(build, folder, chatd):
    """Writers that keep the server busy."""
    running = Load(build, folder / "load", chatd.url, 8, 4)
    yield running
    running.kill()
