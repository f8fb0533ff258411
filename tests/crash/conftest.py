"""Fixtures for crashes and failing storage; CHAT_BUILD as in tests/e2e."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.fixtures import build, folder  # noqa: E402, F401
