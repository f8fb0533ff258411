"""Fixtures: a real chatd, and each kind of client that talks to it.

CHAT_BUILD names the build folder (default: build). In a sanitizer build every
program writes its reports below the test's folder, and a report fails the
test.
"""

import os
import pathlib
import shutil
import tempfile

import pytest
from drivers.browser import Browser
from drivers.chatd import Chatd
from drivers.programs import Headless, SdkProgram
from drivers.terminal import Terminal
from drivers.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


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
def start_chatd(build, folder, reports):
    """Starts servers; each ends cleanly, by itself or here."""
    servers = []

    def start(name="data", **options):
        server = Chatd(build, folder / name, **options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def chatd(start_chatd):
    return start_chatd()


@pytest.fixture
def connect():
    """Opens wire clients without a session."""
    opened = []

    def open_wire(server, **options):
        wire = Wire(server.url, **options)
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
