"""A wire client that does what every client behind API Gateway has to.

Frames come in any order there, twice, or not at all, and the connection may
break. docs/protocol.md says what a client makes of that, and this one does it,
so that a test sees what a person would: requests are repeated until they are
answered, with the same id and key; the entries of a room come once each and in
order, gaps filled by `history`; an event that says the same again is none.
"""

import contextlib
import json
import os
import time

from drivers.entries import Entries
from drivers.lines import DEADLINE, Timeout
from drivers.wire import Wire
from websockets.exceptions import ConnectionClosed

# Seconds without a frame. Clients of people wait for 35; where frames get lost
# that is too long here, and where none do all has to come by itself.
PATIENCE = 5.0 if "CHAT_CHAOS" in os.environ else 35.0
UNSURE_PATIENCE = 0.2  # after the gateway's own error
OWN_IDS = 1 << 31  # ids of requests that no test made begin here


def request_of(frame):
    """What a frame asks; None for what is no request that gets an answer."""
    try:
        request = json.loads(frame)
    except ValueError:
        return None
    is_one = isinstance(request, dict) and isinstance(request.get("id"), int)
    return request if is_one else None


class GatewayWire(Wire):
    def __init__(self, url, **options):
        self._unanswered = {}  # id -> (frame, request), in order
        self._repeated = set()  # ids of those that were sent more than once
        self._answered = set()
        self._own = set()  # ids of what no test asked
        self._next_own = OWN_IDS
        self._unsure = False
        self._identity = None  # by which it says hello again
        self._said_once = {}  # (event, room) -> the last without seq
        self._entries = Entries()
        self.close_code = None
        super().__init__(url, **options)

    # ---- out ----

    def send_frame(self, frame):
        request = request_of(frame)
        if request:
            self._answered.discard(request["id"])
            self._repeated.discard(request["id"])
            self._unanswered[request["id"]] = (frame, request)
        try:
            super().send_frame(frame)
        except ConnectionClosed as closed:
            self._open_again(closed)

    def _ask_aside(self, action, **body):
        """A request that no test made."""
        number = self._next_own
        self._next_own += 1
        self._own.add(number)
        self.send_frame(json.dumps({"action": action, "id": number, **body}))

    def _repeat(self):
        self._unsure = False
        for number, (frame, _) in list(self._unanswered.items()):
            self._repeated.add(number)
            super().send_frame(frame)

    def _look(self):
        """Nothing came for a while: what is missing?"""
        if self._unanswered:
            self._repeat()
        elif self._identity:
            self._ask_aside("ping")

    def _open_again(self, closed):
        """After a break; a close that the server or the test wanted stays one."""
        if closed.rcvd is not None or closed.sent is not None:
            raise closed
        self._opened.close()
        self._open()
        if self._identity:
            self._say_hello()
        else:
            self._repeat()

    def _say_hello(self):
        """By itself; what is not answered yet follows its reply."""
        who = {"version": 1, "agent": "e2e", **self._identity}
        self._ask_aside("hello", **who, resume=self._entries.stands())

    # ---- in ----

    def receive(self, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while True:
            patience = UNSURE_PATIENCE if self._unsure else PATIENCE
            left = end - time.monotonic()
            try:
                return super().receive(max(0.0, min(patience, left)))
            except Timeout:
                if left <= patience:
                    raise
                with contextlib.suppress(ConnectionClosed):
                    self._look()  # the next look at the socket tells
            except ConnectionClosed as closed:
                self._open_again(closed)

    def _take_in(self, value):
        if "reply" in value:
            self._take_reply(value)
        elif "event" in value:
            self._take_event(value)
        else:
            assert "connectionId" in value, value
            self._unsure = True

    def _take_reply(self, reply):
        number = reply["reply"]
        if number in self._answered:
            return
        _, request = self._unanswered.get(number, ("", {}))
        if self._has_lost_its_session(reply, request):
            self._say_hello()
            return
        if self._came_too_early(reply, request):
            self._unsure = True
            return
        self._answered.add(number)
        self._unanswered.pop(number, None)
        if "ok" in reply:
            self._learn(request, reply["ok"])
        if number not in self._own:
            self._replies[number] = reply
        elif request.get("action") == "hello":
            self._repeat()

    def _has_lost_its_session(self, reply, request):
        code = reply.get("error", {}).get("code")
        return code == "hello_required" and self._identity and request

    def _came_too_early(self, reply, request):
        """A repetition is refused while the first is being worked on."""
        code = reply.get("error", {}).get("code")
        is_hello = request.get("action") == "hello"  # the gateway may repeat it
        return code == "busy" and (is_hello or reply["reply"] in self._repeated)

    def _learn(self, request, answer):
        """What an answer says of where rooms stand."""
        action = request.get("action")
        if action == "hello":
            self._identity = {"token": answer.get("token", request.get("token"))}
            self._entries.hello(request, answer)
        elif action in ("join", "dm"):
            self._entries.begin(answer["room"], answer["epoch"], answer["head"])
        elif action == "history" and request["id"] in self._own:
            for entry in answer["entries"]:
                self._entries.add(entry)
        elif action == "ping" and request["id"] in self._own:
            for room, after in self._entries.behind(answer["heads"]):
                self._ask_aside("history", room=room, after=after, limit=200)
        self.events += self._entries.take()

    def _take_event(self, event):
        if "seq" in event:
            self._entries.add(event)
            self.events += self._entries.take()
            return
        subject = (event["event"], event.get("room"))
        if self._said_once.get(subject) == event:
            return
        self._said_once[subject] = event
        self.events.append(event)
        if event["event"] == "close":
            self.close_code = event["code"]
        elif event["event"] == "membership" and event["state"] == "joined":
            self._entries.begin(event["room"], event["epoch"], event["head"])
            self.events += self._entries.take()

    def wait_closed(self, seconds=DEADLINE):
        """By the event before it: API Gateway lets no backend choose a code."""
        return_code = super().wait_closed(seconds)
        return self.close_code or return_code
