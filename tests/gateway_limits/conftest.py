"""chatd behind the emulator of API Gateway whose limits are near, with clients.

CHAT_BUILD names the build folder (default: build).
"""

import functools
import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOCAL = ROOT / "packaging/aws/local"
sys.path[:0] = [str(ROOT / "tests/e2e"), str(LOCAL)]

from drivers.browser import Browser  # noqa: E402
from drivers.chatd import Chatd  # noqa: E402
from drivers.fixtures import build, opening  # noqa: E402, F401
from drivers.lines import DEADLINE, Lines  # noqa: E402
from drivers.programs import SdkProgram  # noqa: E402
from relay import Relay  # noqa: E402
from twin.web import Page  # noqa: E402

# Shorter by about the same: two hours, ten minutes, and what the clients hear.
# The SDK believes in no shorter life of a connection than ten seconds.
DURATION_SECONDS = 14
IDLE_SECONDS = 8
HEARD = {
    '"connection_ms":7200000': '"connection_ms":10000',
    '"ping_ms":25000': '"ping_ms":1000',
}
ENVIRONMENT = {
    "CHATD_GATEWAY_SECRET": "the-secret",
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "key-id",
    "AWS_SECRET_ACCESS_KEY": "a-secret-key",
}


class Gateway:
    """The emulator, a process that says a line for each connection."""

    def __init__(self, integration):
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gateway", "--integration", integration),
                *("--listen", "127.0.0.1:0", "--callback-listen", "127.0.0.1:0"),
                *("--duration-seconds", str(DURATION_SECONDS)),
                *("--idle-seconds", str(IDLE_SECONDS)),
            ],
            cwd=LOCAL,
            env={**os.environ, **ENVIRONMENT},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines = Lines(self._process.stderr)
        said = json.loads(self._lines.find(lambda line: "listening" in line, "listening"))
        self.url = f"ws://127.0.0.1:{said['port']}/local"
        self.callback = f"http://127.0.0.1:{said['callback_port']}/local"

    def ended(self):
        """What it said of each connection that is over."""
        lines = map(json.loads, self._lines.all())
        return [line for line in lines if line["event"] == "disconnected"]

    def stop(self):
        self._process.terminate()
        self._process.wait(DEADLINE)


@pytest.fixture
def relay():
    relay = Relay(HEARD)
    yield relay
    relay.close()


@pytest.fixture
def gateway(relay, build, tmp_path):
    """With chatd behind it."""
    gateway = Gateway(relay.url)
    environment = {**ENVIRONMENT, "CHATD_GATEWAY_CALLBACK": gateway.callback}
    server = Chatd(build, tmp_path / "data", environment=environment)
    server.start()
    relay.port = server.port
    yield gateway
    gateway.stop()
    server.stop()


@pytest.fixture
def sdk(build, gateway, tmp_path):
    """Starts programs on the SDK."""

    def start(name, room):
        return SdkProgram(build, tmp_path / name, gateway.url, room, name)

    with opening(start, end="kill") as open_program:

        def start_online(name, room):
            program = open_program(name, room)
            program.find(lambda o: o.get("state", {}).get("online"))
            return program

        yield start_online


@pytest.fixture
def web(gateway):
    """The address of the page, which finds the gateway by its config.json."""
    Page.url = gateway.url
    handler = functools.partial(Page, directory=ROOT / "web")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(web):
    """Opens pages."""
    browser = Browser()
    pages = []

    def open_page(name):
        pages.append(browser.open(web))
        pages[-1].sign_in(name)
        return pages[-1]

    yield open_page
    for one in pages:
        one.close()
    browser.close()
