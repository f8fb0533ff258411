"""What the tests of packages share. They use CHAT_BUILD's build and make none."""

import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.fixtures import build  # noqa: E402, F401


@pytest.fixture(scope="session")
def installed(build):
    """The paths that `meson install` writes, below the prefix."""
    command = ["meson", "introspect", "--installed", build]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(
        path.removeprefix("/usr/local/") for path in json.loads(output).values()
    )
