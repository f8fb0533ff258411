"""The stack of one machine, driven by its commands as a person would.

CHAT_BUILD names the build folder (default: build). Skipped without DynamoDB
Local, Java, redis-server or HAProxy.
"""

import os
import pathlib
import sys

import pytest
from stack import COMMANDS, ROOT, made, missing

sys.path[:0] = [str(COMMANDS), str(COMMANDS.parent)]


@pytest.fixture(scope="session")
def build():
    folder = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    if name := missing(folder):
        pytest.skip(f"no {name}: ./dev test gets it")
    return folder


@pytest.fixture
def new_stack(build):
    """Not up yet."""
    with made(build) as stack:
        yield stack


@pytest.fixture(scope="session")
def shared(build):
    with made(build) as stack:
        stack.do("up", "--first-port", "0")
        yield stack


@pytest.fixture
def stack(shared):
    """Up, with the weights of the beginning."""
    shared.do("up")
    shared.do("shift", "90", "10")
    return shared
