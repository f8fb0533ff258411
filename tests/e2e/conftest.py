"""Fixtures: a real chatd, and each kind of client that talks to it.

CHAT_BUILD names the build folder (default: build). With CHAT_CLUSTER the server
is two tasks of one log behind HAProxy, on DynamoDB Local and Redis. With
CHAT_GATEWAY the clients are at the emulator of API Gateway before these, where
the kinds of chaos that CHAT_CHAOS names go wrong. In a sanitizer build every
program writes its reports below the test's folder, and a report fails the test.
"""

import os
import pathlib
import shutil
import sys
import tempfile
import zlib

import pytest
from drivers.browser import Browser
from drivers.gateway_wire import GatewayWire
from drivers.programs import Headless, SdkProgram
from drivers.server import make_server, make_wire, use_cluster, use_wire
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


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


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
def folder():
    """A short path: a terminal's socket lives in it."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="chat-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


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
    servers = []

    def start(name="data", **options):
        server = make_server(build, folder / name, **options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def chatd(start_chatd):
    return start_chatd()


@pytest.fixture
def connect():
    """Opens wire clients without a session."""
    opened = []

    def open_wire(server, **options):
        wire = make_wire(server.url, **options)
        opened.append(wire)
        return wire

    yield open_wire
    for wire in opened:
        wire.close()


@pytest.fixture
def sign_in(connect):
    """Opens wire clients and says hello as a guest."""

    def open_session(server, name="ann", room=None):
        wire = connect(server)
        wire.hello(name)
        if room:
            wire.join(room)
        return wire

    return open_session


@pytest.fixture
def start_program(build, folder, reports):
    """Starts programs that are spoken to by lines: kind(server, name)."""
    programs = []
    kinds = {"headless": Headless, "sdk": SdkProgram}

    def start(kind, server, name, room="lobby"):
        home = folder / f"home-{name}"
        program = kinds[kind](build, home, server.url, room, name)
        programs.append(program)
        return program

    yield start
    for program in programs:
        program.kill()


@pytest.fixture
def start_terminal(build, folder, reports):
    """Starts chat-tui in a terminal of its own."""
    terminals = []

    def start(server, name, *options, width=100, height=30):
        home = folder / f"home-{name}"
        command = [build / "client/chat-tui", server.url, "--name", name, *options]
        terminal = Terminal(home, command, width=width, height=height)
        terminals.append(terminal)
        return terminal

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture(scope="session")
def browser():
    started = Browser()
    yield started
    started.close()


@pytest.fixture
def open_page(browser):
    """Opens the page in a browser profile of its own and signs in."""
    pages = []

    def open_signed_in(server, name):
        page = browser.open(server.page_url)
        pages.append(page)
        page.sign_in(name)
        return page

    yield open_signed_in
    for page in pages:
        page.close()
