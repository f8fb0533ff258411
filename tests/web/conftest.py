"""Servers, cables and browsers for the tests of the page.

CHATD names the chatd to run. Without it the server in memory of
tests/web/page takes its place, and what needs more than that is left out.
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys

import pytest
from playwright.sync_api import sync_playwright
from support import sign_in

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from drivers.cable import Cable  # noqa: E402

CHATD = os.environ.get("CHATD")
CHROMIUM = "/usr/bin/chromium"
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Server:
    def __init__(self, folder):
        self._folder = folder
        self._process = None
        self.port = 0

    def start(self):
        if CHATD:
            self._start_chatd()
        else:
            self._start_model()

    def _start_chatd(self):
        command = [CHATD, "--listen", f"127.0.0.1:{self.port}"]
        command += ["--data", str(self._folder), "--web", str(ROOT / "web")]
        command += ["--rate-limits", "off"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for line in self._process.stderr:
            event = json.loads(line)
            if event.get("event") == "listening":
                self.port = event["port"]
                return
        raise AssertionError("chatd ended before it listened")

    def _start_model(self):
        command = ["node", str(ROOT / "tests/web/page/serve.mjs"), str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r":(\d+)/", self._process.stdout.readline())[1])

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        for stream in (self._process.stderr, self._process.stdout):
            if stream:
                stream.read()
        self._process.wait(timeout=30)


class PageCable(Cable):
    """Its address is the page's."""

    url = Cable.page_url


@pytest.fixture
def cable(server):
    cable = PageCable(server.port)
    yield cable
    cable.close()


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium():
    installed = CHROMIUM if os.path.exists(CHROMIUM) else None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, server):
    """Pages of people who do not share a profile."""
    contexts = []
    problems = []

    def open_one(url=None, **options):
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: "Content Security Policy" in message.text
            and problems.append(message.text),
        )
        page.goto(url or server.url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, problems


@pytest.fixture
def enter(open_page):
    def enter_as(name, **options):
        page = open_page(**options)
        sign_in(page, name)
        return page

    return enter_as
