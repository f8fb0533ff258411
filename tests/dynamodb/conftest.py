"""chatd on DynamoDB: one service for all tests, tables for each.

CHAT_BUILD names the build folder (default: build). Without DynamoDB Local and
Java the tests are skipped.
"""

import json
import pathlib
import sys
import urllib.error
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.chatd import Chatd, prefix_of  # noqa: E402
from drivers.fixtures import build, connect, folder, sign_in  # noqa: E402, F401
from drivers.fixtures import opening, starting  # noqa: E402
from drivers.programs import Headless  # noqa: E402
from faulty import Faulty  # noqa: E402
from local import KEYS, dynamodb  # noqa: E402, F401


@pytest.fixture(scope="session")
def keys():
    return KEYS


@pytest.fixture
def faulty(dynamodb):
    proxy = Faulty(dynamodb.port)
    yield proxy
    proxy.close()


@pytest.fixture
def start_task(build, folder, keys):
    """Starts tasks on the tables of this test; each must end well."""

    def make(name, service):
        environment = {
            **keys,
            "CHATD_STORE": "dynamodb",
            "CHATD_DYNAMODB_ENDPOINT": service.url,
            "CHATD_TABLE_PREFIX": prefix_of(folder),
            "CHATD_OPS_LISTEN": "127.0.0.1:0",
        }
        return Chatd(build, folder / name, environment=environment)

    with starting(make) as start:
        yield start


@pytest.fixture
def start_sender(build, folder):

    def make(name, task, room):
        return Headless(build, folder / name, task.url, room, name)

    with opening(make, end="kill") as start:
        yield start


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
