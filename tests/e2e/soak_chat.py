#!/usr/bin/env python3
"""Four clients share a room for a while; ./dev soak chat.

Two terminals, a page in headless Chromium and an SDK program all talk, at a
given rate together. Each must show every message once and in the order of
the server's log. The page is read often enough that no message can pass
between two looks; the terminals are scrolled back from the end to the first
message. Every ten seconds a row tells chatd's memory.
"""

import argparse
import os
import pathlib
import re
import sys
import tempfile
import threading
import time

from drivers.browser import Browser
from drivers.chatd import Chatd
from drivers.lines import wait_until
from drivers.programs import SdkProgram
from drivers.terminal import Terminal
from drivers.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE_SECONDS = 10
ROWS = 250  # of a terminal: few pages back to the first message
TYPED_SHARE = 0.05  # of the messages, for each of who types on keys
TOKEN = re.compile(r"\b(?:tui-a|tui-b|page|sdk)-\d{6}\b")


class Shown:
    """
    What a client has shown, put together from looks that overlap. The newest
    look holds: an own message stands last until the server has given it its
    place.
    """

    def __init__(self, look):
        self._look = look
        self.tokens = []

    def update(self):
        looked = list(dict.fromkeys(TOKEN.findall(self._look())))
        known = set(self.tokens)
        first = next((token for token in looked if token in known), None)
        if first is not None:
            del self.tokens[self.tokens.index(first) :]
            looked = looked[looked.index(first) :]
        self.tokens += looked

    def twice(self):
        """Tokens that the screen has more than once now."""
        now = TOKEN.findall(self._look())
        return {token for token in now if now.count(token) > 1}


class Pages:
    """A terminal's pages; one counts when two looks have found it the same."""

    def __init__(self, terminal):
        self._terminal = terminal
        self._last = None

    def _look(self, known):
        screen = self._terminal.screen()
        is_drawn, self._last = screen == self._last, screen
        tokens = TOKEN.findall(screen)
        return tokens if is_drawn and tokens and tokens[0] not in known else None

    def next(self, known):
        """The first page that begins with something new."""
        what = f"a page before {known[0] if known else 'all'}"
        return wait_until(lambda: self._look(known), what, 60)


def scroll_back(terminal, first):
    """What a terminal shows, page by page, from its end to `first`."""
    pages = Pages(terminal)
    tokens = pages.next([])
    while first not in tokens:
        terminal.press("PPage")
        page = pages.next(tokens)
        if tokens[0] in page:
            page = page[: page.index(tokens[0])]
        tokens = page + tokens
    return tokens


class Soak:
    def __init__(self, build, folder):
        self.server = Chatd(build, folder / "data")
        self.server.start()
        url = self.server.url
        self.watcher = Wire(url)
        self.watcher.hello("watcher")
        self.watcher.join()
        self.sdk = SdkProgram(build, folder / "sdk", url, "lobby", "sdk")
        tui = build / "client/chat-tui"
        self.terminals = {
            name: Terminal(folder / name, [tui, url, "--name", name], 110, ROWS)
            for name in ("tui-a", "tui-b")
        }
        self.browser = Browser()
        self.page = self.browser.open(self.server.page_url)
        self.page.sign_in("page")
        self.speakers = {"sdk": self.sdk, "page": self.page, **self.terminals}
        self.watcher.wait_joined(self.speakers)
        self.counts = dict.fromkeys(self.speakers, 0)
        self.shown = Shown(self.page.log_text)
        self.rows = []

    def speak(self, name):
        self.counts[name] += 1
        self.speakers[name].say(f"{name}-{self.counts[name]:06}")

    def turn(self, number):
        """Who says the message with this number."""
        typed = int(1 / TYPED_SHARE)
        turns = {0: "tui-a", 1: "tui-b", 2: "page"}
        return turns.get(number % typed, "sdk")

    def sample(self, seconds):
        row = (round(seconds), sum(self.counts.values()), self.server.resident_kib())
        self.rows.append(row)
        print("{:>7} {:>9} {:>9}".format(*row), flush=True)

    def run(self, seconds, rate):
        print("seconds  messages   RSS KiB")
        start = time.monotonic()
        pace = threading.Event()
        number, sampled, looked = 0, -SAMPLE_SECONDS, 0.0
        while (elapsed := time.monotonic() - start) < seconds:
            if elapsed - sampled >= SAMPLE_SECONDS:
                self.sample(elapsed)
                sampled = elapsed
            if elapsed - looked >= 1:
                self.shown.update()
                looked = elapsed
            if number < elapsed * rate:
                self.speak(self.turn(number))
                number += 1
            else:
                pace.wait(1 / rate)
        self.sample(time.monotonic() - start)

    def finish(self):
        """Waits until all is shown everywhere; the server's order."""
        total = sum(self.counts.values())

        def complete():
            self.shown.update()
            return len(self.shown.tokens) >= total

        try:
            wait_until(complete, "every message in the page", 60)
        except AssertionError as timeout:
            print(timeout)
        expected = TOKEN.findall(
            "\n".join(e.get("text", "") for e in self.watcher.log("lobby"))
        )
        for terminal in self.terminals.values():
            terminal.wait_for(expected[-1])
        return expected

    def problems(self, expected):
        logs = {
            name: scroll_back(terminal, expected[0])
            for name, terminal in self.terminals.items()
        }
        logs["page"] = self.shown.tokens
        logs["sdk"] = [e["text"] for e in self.sdk.entries() if "text" in e]
        if len(expected) != sum(self.counts.values()):
            yield f"the log has {len(expected)} of {sum(self.counts.values())}"
        for name, tokens in sorted(logs.items()):
            print(f"{name:6} showed {len(tokens)} of {len(expected)}")
            if tokens != expected:
                missing = len(set(expected) - set(tokens))
                yield f"{name} differs from the log, {missing} missing"
        if twice := self.shown.twice():
            yield f"page shows twice: {sorted(twice)[:5]}"

    def close(self):
        self.page.close()
        self.browser.close()
        self.sdk.kill()
        for terminal in self.terminals.values():
            terminal.close()
        self.watcher.close()
        self.server.stop()


def main():
    parser = argparse.ArgumentParser(prog="./dev soak chat")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=50, help="messages a second")
    arguments = parser.parse_args()
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        soak = Soak(build, pathlib.Path(folder))
        try:
            soak.run(arguments.minutes * 60, arguments.rate)
            problems = list(soak.problems(soak.finish()))
        finally:
            soak.close()
    for problem in problems:
        print(problem)
    print("soak failed" if problems else "all four logs are the server's log")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
