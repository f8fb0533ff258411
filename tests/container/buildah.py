"""buildah with a storage of a test's own; nothing of the user's is touched."""

import os
import shutil
import subprocess

import pytest


def require():
    if shutil.which("buildah") is None:
        pytest.skip("no buildah: ./dev package container installs it")
    if os.geteuid() != 0:
        pytest.skip("buildah is run as root here")


class Storage:
    def __init__(self, folder):
        self._options = ["--root", folder / "storage", "--runroot", folder / "run"]
        self._options += ["--storage-driver", "vfs"]

    def __call__(self, verb, *arguments):
        done = subprocess.run(
            ["buildah", *self._options, verb, *arguments],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-8000:]
        return done.stdout.strip()

    def save(self, name, path):
        self("push", "--quiet", name, f"oci-archive:{path}:{name}")
