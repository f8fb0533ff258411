"""A real chatd behind an API Gateway of Python: raw requests in, signed POSTs
out.

CHAT_BUILD names the build folder (default: build).
"""

import pathlib
import sys
import uuid

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / f"tests/{part}") for part in ("e2e", "dynamodb")]

from drivers.chatd import Chatd  # noqa: E402
from drivers.fixtures import build, chatd, starting  # noqa: E402, F401
from drivers.fixtures import guest as direct  # noqa: E402, F401
from local import dynamodb  # noqa: E402, F401
from integration import SECRET, Client  # noqa: E402
from management import KEY, REGION, SECRET as SECRET_KEY, TOKEN, Management  # noqa: E402


@pytest.fixture
def management():
    management = Management()
    yield management
    management.stop()
    assert management.refused == 0, "a signature was wrong"
    assert management.most_in_flight <= 1, "two POSTs at once for a connection"


@pytest.fixture
def start_chatd(build, tmp_path, management):
    """Starts servers; each must end well."""

    def make(name="data", environment=None, **options):
        environment = {
            "CHATD_GATEWAY_SECRET": SECRET,
            "CHATD_GATEWAY_CALLBACK": management.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_SESSION_TOKEN": TOKEN,
            **(environment or {}),
        }
        server = Chatd(build, tmp_path / name, environment=environment, **options)
        server.environment = environment
        return server

    with starting(make) as start:
        yield start


@pytest.fixture
def start_tasks(start_chatd, dynamodb):
    """Starts blue and green, on the same tables."""
    environment = {
        "CHATD_STORE": "dynamodb",
        "CHATD_DYNAMODB_ENDPOINT": dynamodb.url,
        "CHATD_TABLE_PREFIX": f"g{uuid.uuid4().hex[:12]}-",
    }

    def start(**options):
        return [
            start_chatd(color, {**environment, "CHATD_COLOR": color}, **options)
            for color in ("blue", "green")
        ]

    return start


@pytest.fixture
def tasks(start_tasks):
    return start_tasks()


@pytest.fixture
def client(chatd):
    """Opens clients of API Gateway without a session."""

    def open_client(**options):
        return Client(chatd, **options)

    return open_client
