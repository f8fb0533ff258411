"""chatd on DynamoDB: one service for all tests, tables for each.

CHAT_BUILD names the build folder (default: build). Without DynamoDB Local and
Java the tests are skipped.
"""

import json
import os
import pathlib
import shutil
import sys
import tempfile
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.chatd import Chatd, prefix_of  # noqa: E402
from drivers.programs import Headless  # noqa: E402
from drivers.wire import Wire  # noqa: E402
from faulty import Faulty  # noqa: E402
from local import KEYS, running_or_skipped  # noqa: E402


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture(scope="session")
def dynamodb(build):
    with running_or_skipped(build) as service:
        yield service


@pytest.fixture(scope="session")
def keys():
    return KEYS


@pytest.fixture
def folder():
    path = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def faulty(dynamodb):
    proxy = Faulty(dynamodb.port)
    yield proxy
    proxy.close()


@pytest.fixture
def start_task(build, folder, keys):
    """Starts tasks on the tables of this test; each must end well."""
    tasks = []

    def start(name, service):
        environment = {
            **keys,
            "CHATD_STORE": "dynamodb",
            "CHATD_DYNAMODB_ENDPOINT": service.url,
            "CHATD_TABLE_PREFIX": prefix_of(folder),
            "CHATD_OPS_LISTEN": "127.0.0.1:0",
        }
        tasks.append(Chatd(build, folder / name, environment=environment))
        tasks[-1].start()
        return tasks[-1]

    yield start
    for task in tasks:
        task.stop()


@pytest.fixture
def start_sender(build, folder):
    senders = []

    def start(name, task, room):
        senders.append(Headless(build, folder / name, task.url, room, name))
        return senders[-1]

    yield start
    for sender in senders:
        sender.kill()


@pytest.fixture
def ready():
    """The status and the page of a task's /readyz."""

    def ask(task):
        line = task.log.find(lambda line: "ops_port" in line, "an address for ops")
        url = f"http://127.0.0.1:{json.loads(line)['ops_port']}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    return ask


@pytest.fixture
def connect():
    """Opens clients without a session."""
    opened = []

    def open_wire(task):
        opened.append(Wire(task.url))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.close()


@pytest.fixture
def sign_in(connect):
    def open_session(task, name):
        wire = connect(task)
        wire.hello(name)
        return wire

    return open_session
