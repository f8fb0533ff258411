"""A real chatd, and clients that show every byte: those of tests/e2e.

CHAT_BUILD names the build folder (default: build).
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / f"tests/{part}") for part in ("e2e", "crash", "front")]

from collector import Collector  # noqa: E402
from drivers.chatd import Chatd  # noqa: E402
from drivers.wire import Wire  # noqa: E402
from operator_tools import Chatctl, Socket  # noqa: E402


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture
def folder():
    """A short path: unix sockets live in it."""
    with tempfile.TemporaryDirectory(prefix="chat-") as name:
        yield pathlib.Path(name)


@pytest.fixture
def start_chatd(build, tmp_path):
    """Starts servers; each must end well."""
    servers = []

    def start(name="data", **options):
        server = Chatd(build, tmp_path / name, **options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect():
    """Opens clients without a session."""
    opened = []

    def open_wire(server, **options):
        opened.append(Wire(server.url, **options))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.close()


@pytest.fixture
def sign_in(connect):
    """Opens clients that said hello as a guest, and joined a room."""

    def open_session(server, name="ann", room="lobby"):
        wire = connect(server)
        wire.hello(name)
        if room:
            wire.join(room)
        return wire

    return open_session


@pytest.fixture
def chatctl(build):
    """chatctl for a server."""
    return lambda server=None: Chatctl(build, server)


@pytest.fixture
def open_control():
    """Opens connections to the control socket."""
    opened = []

    def open_socket(server):
        opened.append(Socket(server))
        return opened[-1]

    yield open_socket
    for control in opened:
        control.close()


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
