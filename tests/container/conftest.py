"""The root file system of chatd's image, made of CHAT_BUILD's programs.

Packages are unpacked once a build folder. Where that cannot be, or a kernel
forbids what a container is made of, tests are skipped and say why.
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTAINER = ROOT / "packaging/container"
PARTS = ("front", "e2e", "aws_local")
sys.path[:0] = [str(CONTAINER), *(str(ROOT / f"tests/{part}") for part in PARTS)]

from drivers.fixtures import build, enter, opening  # noqa: E402, F401
from drivers.wire import Wire  # noqa: E402
from run import FORBIDDEN  # noqa: E402
from wire import DEADLINE, Server  # noqa: E402

EPOCH = "1700000000"
UNPACK_SECONDS = 300
# Of apt, when the mirror is not reached.
NO_NETWORK = ("Could not resolve", "Could not connect", "Temporary failure", "Failed to fetch")


def is_debian_12():
    release = pathlib.Path("/etc/os-release").read_text()
    return "ID=debian\n" in release and 'VERSION_ID="12"\n' in release


@pytest.fixture(scope="session")
def architecture():
    """This machine's, as Debian calls it, and OCI too."""
    command = ["dpkg", "--print-architecture"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def unpack(folder, architecture):
    command = [CONTAINER / "unpack.sh", folder, architecture]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=UNPACK_SECONDS
    )
    if done.returncode == 0:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if any(text in done.stderr for text in NO_NETWORK):
        pytest.skip(f"no packages: {done.stderr.splitlines()[-1]}")
    raise AssertionError(done.stderr)


@pytest.fixture(scope="session")
def unpacked(build, request):
    """The packages, no older than the scripts that unpack them."""
    if not is_debian_12():
        pytest.skip("chatd is linked with libraries of another system than Debian 12")
    if shutil.which("mmdebstrap") is None:
        pytest.skip("no mmdebstrap")
    folder = build / "container/packages"
    ready = folder.with_name("packages.ready")
    made_by = [CONTAINER / name for name in ("packages.txt", "unpack.sh", "record.sh")]
    newest = max(path.stat().st_mtime for path in made_by)
    if not ready.exists() or ready.stat().st_mtime < newest:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(exist_ok=True)
        unpack(folder, request.getfixturevalue("architecture"))
        ready.touch()
    return folder


@pytest.fixture(scope="session")
def make_tree(unpacked):
    """Runs tree.py: (status, standard error)."""

    def make(programs, folder):
        done = subprocess.run(
            [CONTAINER / "tree.py", unpacked, programs, folder],
            env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stderr

    return make


@pytest.fixture(scope="session")
def tree(build, make_tree):
    folder = build / "container/tree"
    status, message = make_tree(build / "server", folder)
    assert status == 0, message
    return folder


@pytest.fixture(scope="session")
def archive(tree):
    return tree.with_name("tree.tar")


class Contained(Server):
    """chatd out of a tree. It is told by the environment, as in a container."""

    def __init__(self, tree, **environment):
        self.tree = tree
        self.environment = {**os.environ, "CHATD_LISTEN": "127.0.0.1:0", **environment}
        self.process = subprocess.Popen(
            [CONTAINER / "run.py", tree],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ended = False
        self.port = self._listening()["port"]

    def _listening(self):
        text = ""
        for line in self.process.stderr:
            if '"event":"listening"' in line:
                return json.loads(line)
            text += line
        if self.process.wait(DEADLINE) == FORBIDDEN:
            pytest.skip(text.strip())
        raise AssertionError(text)

    def healthcheck(self):
        """The status of the image's health check."""
        listen = {"CHATD_LISTEN": f"127.0.0.1:{self.port}"}
        command = [CONTAINER / "run.py", self.tree, "--healthcheck"]
        return subprocess.run(command, env={**self.environment, **listen}).returncode


@pytest.fixture(scope="session")
def start(tree):
    """Starts servers; each must end well."""
    with opening(functools.partial(Contained, tree), end="stop") as run:
        yield run


@pytest.fixture(scope="module")
def server(start):
    return start(CHATD_RATE_LIMITS="off")


@pytest.fixture
def person(server):
    """Signs in as a guest who is in the room."""
    url = f"ws://127.0.0.1:{server.port}/ws"
    with opening(lambda: Wire(url)) as open_wire:
        yield lambda name: enter(open_wire(), name, "lobby")
