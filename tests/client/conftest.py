"""Fixtures: chat-tui in a terminal of its own, against a real chatd.

CHAT_TUI and CHATD name the programs, by default those of the build folder
(CHAT_BUILD, else build). Without them the tests are left out.
"""

import os
import pathlib
import shlex
import shutil
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.chatd import Chatd  # noqa: E402
from drivers.fixtures import folder, opening, starting  # noqa: E402, F401
from drivers.lines import wait_until  # noqa: E402
from drivers.programs import Program  # noqa: E402
from drivers.terminal import Terminal  # noqa: E402



class Screen(Terminal):
    """A terminal that can also paste, record and tell colours."""

    def paste(self, text):
        """As a terminal does: bracketed when the program asked for it."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p", "-r")

    def record(self, path):
        """Keeps what the program writes from now on."""
        self._tmux("pipe-pane", "-O", f"cat > {shlex.quote(str(path))}")

    def screen_with_colours(self):
        return self._tmux("capture-pane", "-p", "-e")


BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
CHAT_TUI = pathlib.Path(os.environ.get("CHAT_TUI", BUILD / "client/chat-tui"))
CHATD = pathlib.Path(os.environ.get("CHATD", BUILD / "server/chatd"))


@pytest.fixture(autouse=True)
def programs():
    for program in (CHAT_TUI, CHATD):
        if not program.exists():
            pytest.skip(f"no {program.name} was built")
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")


@pytest.fixture
def chatd(folder):
    with starting(Chatd) as start:
        yield start(CHATD.parents[1], folder / "data")


@pytest.fixture
def start(folder, chatd):
    """Starts chat-tui as a person of this name, with a home of their own."""

    def start_terminal(name="ann", *options, width=80, height=24, env=(), home=None):
        path = folder / (home or f"home-{name}")
        command = ["env", "TZ=UTC", *env, CHAT_TUI, chatd.url, *options]
        if name:
            command += ["--name", name]
        return Screen(path, command, width=width, height=height)

    with opening(start_terminal) as start_one:
        yield start_one


@pytest.fixture
def speak(folder, chatd):
    """Starts somebody who is spoken through: chat-tui --headless."""
    people = []

    def start_speaker(name="bob", room="lobby", *options):
        home = folder / f"home-{name}-{room}"
        home.mkdir(parents=True, exist_ok=True)
        person = Program(
            home,
            [CHAT_TUI, chatd.url, "--headless", "--room", room, "--name", name,
             *options],
        )  # fmt: skip
        people.append(person)
        wait_until(person.entries, f"{name} joins")
        return person

    yield start_speaker
    for person in people:
        person.kill()
