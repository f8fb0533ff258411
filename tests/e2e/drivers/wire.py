"""A client of chat.v1 that shows every byte; docs/protocol.md is its source."""

import contextlib
import json
import secrets
import time

from drivers.lines import DEADLINE, Timeout
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

SUBPROTOCOL = "chat.v1"


def new_key():
    return secrets.token_hex(16)


class Refused(AssertionError):
    """A request that should have been answered with ok was not."""


class Wire:
    def __init__(self, url, subprotocols=(SUBPROTOCOL,), **options):
        self._url = url
        self._options = {"subprotocols": list(subprotocols) or None, **options}
        self._opened = contextlib.ExitStack()
        self._open()
        self._replies = {}
        self._last_id = 0
        self.events = []  # parsed, in order, not taken yet
        self.raw = []  # every object as it came, without its newline
        self.user = None
        self.hello_reply = None
        self.guest_key = None

    def _open(self):
        connection = connect(
            self._url,
            compression=None,
            proxy=None,
            ping_interval=None,
            max_queue=None,
            open_timeout=DEADLINE,
            close_timeout=5,
            **self._options,
        )
        self._socket = self._opened.enter_context(connection)

    @property
    def subprotocol(self):
        return self._socket.subprotocol

    @property
    def handshake_headers(self):
        return self._socket.response.headers

    def close(self):
        self._opened.close()

    # ---- below requests ----

    def send_frame(self, frame):
        """A frame as it is: text from str, binary from bytes."""
        self._socket.send(frame)

    def receive(self, seconds=DEADLINE):
        """Takes one frame and files its objects."""
        try:
            frame = self._socket.recv(timeout=seconds)
        except TimeoutError:
            raise Timeout(f"no frame within {seconds} s") from None
        assert isinstance(frame, str), "a server sends text frames"
        assert len(frame.encode()) <= 30720, "a frame over 30 KiB"
        for raw in frame.split("\n"):
            if raw:
                self._file(raw)

    def _file(self, raw):
        assert len(raw.encode()) <= 28672, "an object over 28 KiB"
        self.raw.append(raw)
        self._take_in(json.loads(raw))

    def _take_in(self, value):
        if "reply" in value:
            self._replies[value["reply"]] = value
        else:
            assert "event" in value, value
            self.events.append(value)

    def wait_closed(self, seconds=DEADLINE):
        """Reads to the end; the close code of the server."""
        end = time.monotonic() + seconds
        try:
            while True:
                self.receive(max(0.0, end - time.monotonic()))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None

    # ---- requests ----

    def post(self, action, **body):
        """Sends a request without waiting; its id."""
        self._last_id += 1
        request = {"action": action, "id": self._last_id, **body}
        self.send_frame(json.dumps(request, ensure_ascii=False))
        return self._last_id

    def reply(self, request):
        end = time.monotonic() + DEADLINE
        while request not in self._replies:
            self.receive(max(0.0, end - time.monotonic()))
        return self._replies.pop(request)

    def ask(self, action, **body):
        """The `ok` of the reply."""
        answer = self.reply(self.post(action, **body))
        if "ok" not in answer:
            raise Refused(f"{action}: {answer}")
        return answer["ok"]

    def refused(self, action, **body):
        """The code of the error that answers."""
        answer = self.reply(self.post(action, **body))
        assert "error" in answer, answer
        error = answer["error"]
        assert error["message"], answer
        temporary = error["code"] in ("rate_limited", "busy", "storage")
        assert ("retry_ms" in error) == temporary, answer
        return error["code"]

    def hello(self, name="ann", key=None, **more):
        self.guest_key = key or new_key()
        return self._hello(guest=name, key=self.guest_key, **more)

    def hello_token(self, token, **more):
        return self._hello(token=token, **more)

    def _hello(self, **body):
        self.hello_reply = self.ask("hello", version=1, agent="e2e", **body)
        self.user = self.hello_reply["user"]
        return self.hello_reply

    def join(self, room="lobby", **more):
        more.setdefault("key", new_key())
        return self.ask("join", room=room, **more)

    def leave(self, room, **more):
        return self.ask("leave", room=room, key=new_key(), **more)

    def send(self, room, text, **more):
        more.setdefault("key", new_key())
        return self.ask("send", room=room, text=text, **more)

    # ---- events ----

    def take(self, kind, accept=lambda event: True):
        """The next event of a kind; those before it stay."""
        end = time.monotonic() + DEADLINE
        seen = 0
        while True:
            for index in range(seen, len(self.events)):
                event = self.events[index]
                if event["event"] == kind and accept(event):
                    return self.events.pop(index)
            seen = len(self.events)
            self.receive(max(0.0, end - time.monotonic()))

    def wait_joined(self, names):
        """Until each of these has come into a room where we are."""
        waiting = set(names)
        while waiting:
            waiting.discard(self.take("join")["from"]["name"])

    def entries(self, room, last):
        """All entries of a room up to the seq `last`, live, in order."""
        end = time.monotonic() + DEADLINE

        def live():
            return [e for e in self.events if e.get("room") == room and "seq" in e]

        while not live() or live()[-1]["seq"] < last:
            self.receive(max(0.0, end - time.monotonic()))
        return live()

    def log(self, room):
        """A room's whole log, by history."""
        entries = []
        after = 0
        while True:
            page = self.ask("history", room=room, after=after, limit=200)
            entries += page["entries"]
            if not page.get("more"):
                return entries
            after = entries[-1]["seq"]

    def settle(self):
        """Returns when all that was sent before it has been answered."""
        self.ask("ping")
