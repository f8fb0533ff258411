"""Fixtures for crashes and failing storage; CHAT_BUILD as in tests/e2e."""

import os
import pathlib
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture
def folder():
    with tempfile.TemporaryDirectory(prefix="chat-") as name:
        yield pathlib.Path(name)
