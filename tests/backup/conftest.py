"""Fixtures for backups: a server under load, and chatctl. CHAT_BUILD as in
tests/e2e."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/crash")]

from drivers.fixtures import build, chatd, folder, start_chatd  # noqa: E402, F401
from drivers.fixtures import guest as connect  # noqa: E402, F401
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
def chatctl(build):
    def run(*arguments, **options):
        command = [build / "server/chatctl", *arguments]
        return Done(
            subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
        )

    return run


@pytest.fixture
def load(build, folder, chatd):
    """Writers that keep the server busy."""
    running = Load(build, folder / "load", chatd.url, 8, 4)
    yield running
    running.kill()
