"""Tasks of one log behind HAProxy, on DynamoDB Local and Redis.

CHAT_BUILD names the build folder (default: build). Where something is missing
the tests are skipped.
"""

import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / f"tests/{part}") for part in ("e2e", "crash", "dynamodb", "operate")]

from cluster import Services, what_is_missing  # noqa: E402
from drivers.fixtures import build, connect, folder, sign_in  # noqa: E402, F401
from drivers.fixtures import starting  # noqa: E402


@pytest.fixture(scope="session")
def services(build):
    if missing := what_is_missing(build):
        pytest.skip(missing)
    started = Services(build)
    yield started
    started.stop()


@pytest.fixture
def start_cluster(services, build, folder):
    """Starts clusters; each task ends cleanly, by itself or here."""

    def make(name="data", **options):
        return services.make_cluster(build, folder / name, **options)

    with starting(make) as start:
        yield start
