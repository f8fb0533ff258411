"""A client of the bare protocol that says one thing after the other and moves
when it is told to, as docs/protocol.md wants it of clients."""

import random
import threading
import time

from drivers.lines import DEADLINE
from drivers.wire import Wire, new_key
from websockets.exceptions import InvalidHandshake, InvalidMessage

NOT_NOW = (InvalidHandshake, InvalidMessage, OSError)


class Talker:
    """Runs in a thread of its own until it is told to end."""

    def __init__(self, url, room, name):
        self._url = url
        self._room = room
        self._wire = Wire(url)
        self._token = self._wire.hello(name)["token"]
        joined = self._wire.join(room)
        self._last, self._epoch = joined["head"], joined["epoch"]
        self.seqs = {}  # what was said -> where it stands
        self.seen = []  # seqs of the room, as they came
        self.moves = 0
        self.error = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        try:
            while not self._ended.is_set():
                self._say()
                self._look()
        except BaseException as error:
            self.error = error

    def _say(self):
        text = f"line {len(self.seqs)}"
        self.seqs[text] = self._wire.send(self._room, text, key=new_key())["seq"]

    def _look(self):
        events, self._wire.events = self._wire.events, []
        for event in events:
            if event["event"] == "drain":
                self._move(event)
            elif "seq" in event and event["seq"] > self._last:
                self._last = event["seq"]
                self.seen.append(event["seq"])

    def _move(self, drain):
        """Opens the new connection before the old one is closed."""
        spread = drain["reconnect_in_ms"] + random.random() * drain["spread_ms"]
        self._ended.wait(spread / 1000)
        old = self._wire
        wanted = {"room": self._room, "epoch": self._epoch, "seq": self._last}
        self._wire = self._connect()
        self._wire.hello_token(self._token, resume=[wanted])
        old.close()
        self.moves += 1

    def _connect(self):
        end = time.monotonic() + DEADLINE
        while True:
            try:
                return Wire(self._url)
            except NOT_NOW:
                if time.monotonic() > end:
                    raise

    def end(self):
        """Until it has seen all that it said."""
        self._ended.set()
        self._thread.join()
        if self.error is not None:
            raise self.error
        last = max(self.seqs.values())
        while self._last < last:
            self._wire.receive()
            self._look()
        return self.seqs

    def close(self):
        self._ended.set()
        self._thread.join()
        self._wire.close()
