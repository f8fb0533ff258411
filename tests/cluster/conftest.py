"""Tasks of one log behind HAProxy, on DynamoDB Local and Redis.

CHAT_BUILD names the build folder (default: build). Where something is missing
the tests are skipped.
"""

import os
import pathlib
import shutil
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / f"tests/{part}") for part in ("e2e", "crash", "dynamodb", "operate")]

from cluster import Services, what_is_missing  # noqa: E402
from drivers.wire import Wire  # noqa: E402


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture(scope="session")
def services(build):
    if missing := what_is_missing(build):
        pytest.skip(missing)
    started = Services(build)
    yield started
    started.stop()


@pytest.fixture
def folder():
    """A short path: the proxy's socket lives in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def start_cluster(services, build, folder):
    """Starts clusters; each task ends cleanly, by itself or here."""
    clusters = []

    def start(name="data", **options):
        clusters.append(services.make_cluster(build, folder / name, **options))
        clusters[-1].start()
        return clusters[-1]

    yield start
    for cluster in clusters:
        cluster.close()


@pytest.fixture
def sign_in():
    """Opens wire clients at a task, or at all, and says hello as a guest."""
    opened = []

    def open_session(server, name, room=None):
        opened.append(Wire(server.url))
        opened[-1].hello(name)
        if room:
            opened[-1].join(room)
        return opened[-1]

    yield open_session
    for wire in opened:
        wire.close()
