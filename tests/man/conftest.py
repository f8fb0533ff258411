"""Fixtures: what is built, and a real chatd for what the pages have as examples.

CHAT_BUILD names the build folder (default: build).
"""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "man"), str(ROOT / "tests/e2e")]

from drivers.chatd import Chatd  # noqa: E402
from drivers.wire import Wire  # noqa: E402


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture
def folder():
    """A short path: a socket lives in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def chatd(build, folder):
    server = Chatd(build, folder / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connect(chatd):
    """Somebody who has said hello, and is in the lobby."""
    wires = []

    def connected(name):
        wire = Wire(chatd.url)
        wires.append(wire)
        wire.hello(name)
        wire.join("lobby")
        return wire

    yield connected
    for wire in wires:
        wire.close()
