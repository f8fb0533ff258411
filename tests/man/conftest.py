"""Fixtures: what is built, and a real chatd for what the pages have as examples.

CHAT_BUILD names the build folder (default: build).
"""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "man"), str(ROOT / "tests/e2e")]

from drivers.fixtures import build, chatd, folder, start_chatd  # noqa: E402, F401
from drivers.fixtures import guest as connect  # noqa: E402, F401
