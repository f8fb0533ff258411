"""Lines that a child process writes, and waiting for one of them."""

import os
import threading
import time


def deadline():
    """Seconds; a test that waits longer has failed."""
    if "CHAT_CHAOS" in os.environ:
        return 150.0  # a client waits for 35 s before it asks again
    if "CHAT_GATEWAY" in os.environ:
        return 60.0  # a task holds a client for present for 30 s
    return 30.0


DEADLINE = deadline()


class Timeout(AssertionError):
    """What was waited for did not come."""


def wait_until(condition, what, seconds=DEADLINE):
    """Polls what has no event of its own, such as a screen."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        if time.monotonic() > end:
            raise Timeout(f"not within {seconds:.0f} s: {what}")
        pause.wait(0.05)
    return found


class Lines:
    """Collects the lines of a stream on a thread of its own."""

    def __init__(self, stream):
        self._stream = stream
        self._lines = []
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._collect, daemon=True)
        self._thread.start()

    def _collect(self):
        for line in self._stream:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def all(self):
        with self._changed:
            return list(self._lines)

    def find(self, accept, what, seconds=DEADLINE):
        """The first line that `accept` takes, now or later."""
        end = time.monotonic() + seconds
        seen = 0
        with self._changed:
            while True:
                for line in self._lines[seen:]:
                    if accept(line):
                        return line
                seen = len(self._lines)
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    why = "the program ended" if self._ended else f"{seconds:.0f} s"
                    raise Timeout(f"{why}: no line with {what}\n" + self.tail())
                self._changed.wait(left)

    def tail(self):
        return "\n".join(self._lines[-20:])

    def join(self, seconds=DEADLINE):
        self._thread.join(seconds)
