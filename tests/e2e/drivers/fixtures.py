"""Fixtures that parts of the tests share. A part's conftest imports those that
it wants, under the name that its tests use.

CHAT_BUILD names the build folder (default: build).
"""

import contextlib
import os
import pathlib
import tempfile

import pytest
from drivers.chatd import ROOT, Chatd
from drivers.server import make_wire


@contextlib.contextmanager
def opening(make, end="close"):
    """Gives a function that does what `make` does. In the end this method is
    called of each that was made, in their order."""
    opened = []

    def open_one(*arguments, **options):
        opened.append(make(*arguments, **options))
        return opened[-1]

    yield open_one
    for one in opened:
        getattr(one, end)()


@contextlib.contextmanager
def starting(make):
    """Starts the servers that `make` gives; each must end well."""
    with opening(make) as open_server:

        def start(*arguments, **options):
            server = open_server(*arguments, **options)
            server.start()
            return server

        yield start


def enter(wire, name, room):
    """Says hello as a guest, and joins the room if one is named."""
    wire.hello(name)
    if room:
        wire.join(room)
    return wire


@pytest.fixture(scope="session")
def build():
    return pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


@pytest.fixture
def folder():
    """A short path: unix sockets live in it."""
    with tempfile.TemporaryDirectory(
        prefix="chat-", ignore_cleanup_errors=True
    ) as name:
        yield pathlib.Path(name)


@pytest.fixture
def start_chatd(build, folder):
    """Starts servers; each must end well."""
    with starting(
        lambda name="data", **options: Chatd(build, folder / name, **options)
    ) as start:
        yield start


@pytest.fixture
def chatd(start_chatd):
    return start_chatd()


@pytest.fixture
def connect():
    """Opens wire clients without a session."""
    with opening(lambda server, **options: make_wire(server.url, **options)) as open_wire:
        yield open_wire


@pytest.fixture
def sign_in(connect):
    """Opens wire clients that said hello as a guest."""
    return lambda server, name="ann", room=None: enter(connect(server), name, room)


@pytest.fixture
def guest(chatd):
    """Opens wire clients that said hello to this chatd, and are in a room."""
    with opening(lambda: make_wire(chatd.url)) as open_wire:
        yield lambda name="ann", room="lobby": enter(open_wire(), name, room)
