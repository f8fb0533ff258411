"""A real chatd, and clients that show every byte: those of tests/e2e.

CHAT_BUILD names the build folder (default: build).
"""

import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / f"tests/{part}") for part in ("e2e", "crash", "front")]

from collector import Collector  # noqa: E402
from drivers.chatd import Chatd  # noqa: E402
from drivers.fixtures import build, connect, folder  # noqa: E402, F401
from drivers.fixtures import enter, opening, starting  # noqa: E402
from operator_tools import Chatctl, Socket  # noqa: E402


@pytest.fixture
def start_chatd(build, tmp_path):
    """Starts servers below tmp_path, where tests look; each must end well."""
    with starting(
        lambda name="data", **options: Chatd(build, tmp_path / name, **options)
    ) as start:
        yield start


@pytest.fixture
def sign_in(connect):
    """Opens clients that said hello as a guest, and joined a room."""
    return lambda server, name="ann", room="lobby": enter(connect(server), name, room)


@pytest.fixture
def chatctl(build):
    """chatctl for a server."""
    return lambda server=None: Chatctl(build, server)


@pytest.fixture
def open_control():
    """Opens connections to the control socket."""
    with opening(Socket) as open_socket:
        yield open_socket


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """Makes (certificate, key)."""

    def make(name):
        folder = tmp_path_factory.mktemp(name)
        certificate, key = folder / "chain.pem", folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes"]
        command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", f"/CN={name}"]
        command += ["-addext", "subjectAltName=IP:127.0.0.1"]
        command += ["-keyout", key, "-out", certificate]
        subprocess.run(command, check=True, capture_output=True)
        return certificate, key

    return make


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.hold.set()
    made.stop()


@pytest.fixture
def traced(start_chatd, collector):
    """Starts servers that trace a share of all requests."""

    def start(sample=1, options=(), endpoint=None, **more):
        named = ["--trace-endpoint", endpoint or collector.url]
        named += ["--trace-sample", str(sample)]
        return start_chatd(options=[*named, *options], **more)

    return start
