"""Fixtures: a real chatd, and each kind of client that talks to it.

CHAT_BUILD names the build folder (default: build). With CHAT_CLUSTER the server
is two tasks of one log behind HAProxy, on DynamoDB Local and Redis. With
CHAT_GATEWAY the clients are at the emulator of API Gateway before these, where
the kinds of chaos that CHAT_CHAOS names go wrong. In a sanitizer build every
program writes its reports below the test's folder, and a report fails the test.
"""

import os
import pathlib
import sys
import zlib

import pytest
from drivers.browser import Browser
from drivers.fixtures import build, chatd, connect, folder, sign_in  # noqa: F401
from drivers.fixtures import opening, starting
from drivers.gateway_wire import GatewayWire
from drivers.programs import Headless, SdkProgram
from drivers.server import make_server, use_cluster, use_wire
from drivers.terminal import Terminal

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("cluster", "dynamodb", "gateway_emulator")
sys.path += [str(ROOT / f"tests/{part}") for part in PARTS]

import cluster  # noqa: E402
from behind_gateway import GatewayServices  # noqa: E402
from gateway_exceptions import chaos_for, reason_against  # noqa: E402

IS_GATEWAY = "CHAT_GATEWAY" in os.environ
CHAOS = os.environ.get("CHAT_CHAOS", "").split(",")
IS_CLUSTER = IS_GATEWAY or "CHAT_CLUSTER" in os.environ


def pytest_collection_modifyitems(items):
    """Skips what the server that is asked for cannot give, and says why."""
    for item in items:
        reason = cluster.SINGLE.get(item.originalname) if IS_CLUSTER else None
        if IS_GATEWAY:
            reason = reason or reason_against(item.originalname)
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def services(build):
    if not IS_CLUSTER:
        yield None
        return
    if missing := cluster.what_is_missing(build):
        pytest.skip(missing)
    started = (GatewayServices if IS_GATEWAY else cluster.Services)(build)
    use_cluster(started)
    if IS_GATEWAY:
        use_wire(GatewayWire)
    yield started
    started.stop()


@pytest.fixture(autouse=True)
def chaos(request, services):
    """What goes wrong at the gateway in this test, the same each time."""
    if CHAOS != [""]:
        services.chaos = chaos_for(request.node.originalname, CHAOS)
        services.seed = zlib.crc32(request.node.nodeid.encode())


@pytest.fixture
def reports(folder, monkeypatch):
    """Where sanitizers report; empty when the test ends."""
    path = folder / "reports"
    path.mkdir()
    for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
        given = os.environ.get(variable)
        options = [given] if given else []
        monkeypatch.setenv(variable, ":".join([*options, f"log_path={path}/report"]))
    yield path
    found = "\n".join(report.read_text() for report in sorted(path.iterdir()))
    assert not found, found


@pytest.fixture
def start_chatd(build, folder, reports, services):
    """Starts servers; each ends cleanly, by itself or here."""
    with starting(
        lambda name="data", **options: make_server(build, folder / name, **options)
    ) as start:
        yield start


@pytest.fixture
def start_program(build, folder, reports):
    """Starts programs that are spoken to by lines: kind(server, name)."""
    kinds = {"headless": Headless, "sdk": SdkProgram}

    def start(kind, server, name, room="lobby"):
        home = folder / f"home-{name}"
        return kinds[kind](build, home, server.url, room, name)

    with opening(start, end="kill") as start_one:
        yield start_one


@pytest.fixture
def start_terminal(build, folder, reports):
    """Starts chat-tui in a terminal of its own."""

    def start(server, name, *options, width=100, height=30):
        home = folder / f"home-{name}"
        command = [build / "client/chat-tui", server.url, "--name", name, *options]
        return Terminal(home, command, width=width, height=height)

    with opening(start) as start_one:
        yield start_one


@pytest.fixture(scope="session")
def browser():
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def open_page(browser):
    """Opens the page in a browser profile of its own and signs in."""
    with opening(lambda server: browser.open(server.page_url)) as open_one:

        def open_signed_in(server, name):
            page = open_one(server)
            page.sign_in(name)
            return page

        yield open_signed_in
