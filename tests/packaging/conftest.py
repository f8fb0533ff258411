"""What the tests of packages share. They use CHAT_BUILD's build and make none."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture(scope="session")
def installed(build):
    """The paths that `meson install` writes, below the prefix."""
    command = ["meson", "introspect", "--installed", build]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(
        path.removeprefix("/usr/local/") for path in json.loads(output).values()
    )
