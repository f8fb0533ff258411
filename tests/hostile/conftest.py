"""A real chatd, peers of plain sockets that may say anything, and a report.

CHATD names the program (default: that of build/). A server must end well when
its tests are done; under a sanitizer it does not after an error. What a test
measures goes through `figures` into the summary: nothing passes or fails by it.
"""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/front"), str(ROOT / "tests/e2e")]

from conforming import Conforming  # noqa: E402
from drivers.fixtures import enter, opening  # noqa: E402
from drivers.wire import Wire  # noqa: E402
from wire import Server  # noqa: E402

CHATD = os.environ.get("CHATD", ROOT / "build/server/chatd")

figures_key = pytest.StashKey()


class HostileServer(Server):
    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    def still_serves(self):
        assert self.request("GET", "/healthz").status == 200

    def person(self, name="ann", room="lobby", **options):
        """A client that keeps to the rules, in a room."""
        return enter(Wire(self.url, **options), name, room)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """Starts servers, by default without limits of rate."""

    def make(*options, rate_limits="off"):
        folder = tmp_path_factory.mktemp("data")
        return HostileServer(CHATD, folder, "--rate-limits", rate_limits, *options)

    with opening(make, end="stop") as run:
        yield run


@pytest.fixture(scope="module")
def server(start):
    return start()


@pytest.fixture
def conform(server):
    """Opens clients that hear by the rules of RFC 6455."""
    with opening(lambda: Conforming(server.port)) as connect:
        yield connect


@pytest.fixture
def people(server):
    """Opens clients that keep to the rules; they leave with the test."""

    def make(name="ann", room="lobby", on=server, **options):
        return on.person(name, room, **options)

    with opening(make) as open_person:
        yield open_person


@pytest.fixture(scope="session")
def figures(request):
    lines = request.config.stash.setdefault(figures_key, [])

    def tell(what, **values):
        lines.append((what, values))

    return tell


def pytest_terminal_summary(terminalreporter, config):
    lines = config.stash.get(figures_key, [])
    if lines:
        terminalreporter.section("figures (nothing is gated by them)")
    for what, values in lines:
        text = ", ".join(f"{name} {value}" for name, value in values.items())
        terminalreporter.write_line(f"{what}: {text}")
