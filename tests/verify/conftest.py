"""Fixtures: a database that a real chatd has made, and chatctl.

CHAT_BUILD names the build folder (default: build).
"""

import json
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.chatd import Chatd  # noqa: E402
from drivers.fixtures import build, chatd, folder, start_chatd  # noqa: E402, F401
from drivers.fixtures import guest as speak  # noqa: E402, F401
from drivers.wire import Wire, new_key  # noqa: E402

DATABASE = "chat.db"


class Verified:
    def __init__(self, done):
        self.status = done.returncode
        self.lines = done.stdout.splitlines()
        self.errors = done.stderr

    @property
    def findings(self):
        return self.lines[:-1]

    @property
    def summary(self):
        return self.lines[-1]

    def objects(self):
        return [json.loads(line) for line in self.lines]


@pytest.fixture(scope="session")
def chatctl(build):
    def run(*arguments, **options):
        done = subprocess.run(
            [build / "server/chatctl", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            **options,
        )
        assert done.returncode in (0, 1, 2), done.stderr
        return Verified(done)

    return run


def talk(server):
    """Rooms of each kind, members who came and went, answers, markers."""
    ann, bob = Wire(server.url), Wire(server.url)
    for wire, name in ((ann, "ann"), (bob, "bob")):
        wire.hello(name)
        wire.join("lobby")
    for number in range(5):
        ann.send("lobby", f"message {number}")
        seq = bob.send("lobby", "answer", reply_to=number + 2)["seq"]
    ann.ask("read", room="lobby", seq=seq)
    bob.join("kitchen", create=True, private=True)
    bob.send("kitchen", "alone")
    ann.join("hall", create=True)
    bob.join("hall")
    bob.send("hall", "soon gone")
    bob.leave("hall")
    bye = ann.send("hall", "bye")["seq"]
    ann.ask("topic", room="hall", key=new_key(), topic="a hall")
    ann.ask("ban", room="hall", key=new_key(), user=bob.user["id"], on=True)
    ann.ask("delete", room="hall", key=new_key(), ref=bye)
    bob.ask("edit", room="lobby", key=new_key(), ref=seq, text="better")
    ann.ask("react", room="lobby", key=new_key(), ref=seq, emoji="👍", on=True)
    for wire in (ann, bob):
        wire.settle()
        wire.close()


@pytest.fixture(scope="session")
def sound_file(build, tmp_path_factory):
    server = Chatd(build, tmp_path_factory.mktemp("sound"))
    server.start()
    talk(server)
    server.stop()
    return server.data / DATABASE


@pytest.fixture
def database(sound_file, tmp_path):
    """A copy to damage."""
    return pathlib.Path(shutil.copy(sound_file, tmp_path))
