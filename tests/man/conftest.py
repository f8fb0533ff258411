"""Fixtures: the manual pages as they are built, and as a reader sees them.

CHAT_BUILD names the build folder (default: build).
"""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "man"))


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
