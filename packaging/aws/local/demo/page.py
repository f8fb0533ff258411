"""A client as a browser page is: chat.v1 over one WebSocket, each request
repeated with its key until it is answered, gaps filled from history, a new
connection with resume when one is lost."""

import asyncio
import contextlib
import itertools
import json
import random
import secrets

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

REPLY_SECONDS = 35
PING_SECONDS = 20
GAP_SECONDS = 0.3
BACK_OFF_SECONDS = 0.5
BACK_OFF_MAX = 30


class Unsure(Exception):
    """Whether a request was carried out is not known: it is repeated."""


class Refused(Exception):
    """A request has an error for an answer."""


class Page:
    def __init__(self, name, url, room, seen):
        self.name = name
        self.reconnects = 0
        self._url = url
        self._room = room
        self._seen = seen
        self._key = secrets.token_hex(16)
        self._ids = itertools.count(1)
        self._waiting = {}
        self._outbox = asyncio.Queue()
        self._socket = None
        self._epoch = None
        self._last = None  # seq; None before the first join
        self._held = {}
        self._gap = None
        self._joined = asyncio.Event()
        self._tasks = []
        self.entered = set()  # names whose join was seen

    async def start(self):
        work = (self._run(), self._speak(), self._ping())
        self._tasks = [asyncio.create_task(task) for task in work]
        await self._joined.wait()

    async def stop(self):
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket:
            await self._socket.close()

    def say(self, text):
        self._outbox.put_nowait((secrets.token_hex(16), text))

    async def log(self):
        """All texts of the room, by history from its beginning."""
        texts, after = [], 0
        while True:
            page = await self._insist(
                "history", room=self._room, after=after, limit=200
            )
            for entry in page["entries"]:
                if entry["event"] == "message":
                    texts.append(entry["text"])
            if not page.get("more"):
                return texts
            after = page["entries"][-1]["seq"]

    # ---- the connection ----

    async def _run(self):
        failures = 0
        while True:
            with contextlib.suppress(OSError, TimeoutError, WebSocketException):
                async with connect(
                    self._url,
                    subprotocols=["chat.v1"],
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                ) as socket:
                    failures = 0
                    await self._attend(socket)
            self.reconnects += 1
            most = min(BACK_OFF_MAX, BACK_OFF_SECONDS * 2**failures)
            await asyncio.sleep(random.uniform(0, most))
            failures += 1

    async def _attend(self, socket):
        self._socket = socket
        entry = asyncio.create_task(self._enter())
        try:
            async for frame in socket:
                for line in filter(None, frame.split("\n")):
                    self._take(json.loads(line))
        finally:
            self._socket = None
            entry.cancel()
            self._doubt_all()

    async def _enter(self):
        resume = []
        if self._last is not None:
            resume = [{"room": self._room, "epoch": self._epoch, "seq": self._last}]
        await self._hello(resume)
        if self._last is not None:
            await self._fill()
            return
        ok = await self._insist(
            "join", room=self._room, key=self._key, create=True, limit=0
        )
        self._epoch, self._last = ok["epoch"], ok["head"]
        self._joined.set()
        self._apply_held()

    async def _hello(self, resume=()):
        await self._insist(
            "hello",
            version=1,
            guest=self.name,
            key=self._key,
            agent="demo",
            resume=list(resume),
        )

    # ---- requests ----

    async def _insist(self, action, **body):
        """The `ok`; a temporary error, or none at all, is no answer."""
        while True:
            try:
                return await self._ask(action, body)
            except Unsure:
                await asyncio.sleep(0.05)
            except Refused as refused:
                error = refused.args[0]
                if error["code"] == "hello_required":
                    await self._hello()
                elif "retry_ms" in error:
                    await asyncio.sleep(error["retry_ms"] / 1000)
                else:
                    raise

    async def _ask(self, action, body):
        number = next(self._ids)
        if self._socket is None:
            raise Unsure
        answer = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            request = {"action": action, "id": number, **body}
            await self._socket.send(json.dumps(request))
            async with asyncio.timeout(REPLY_SECONDS):
                return await answer
        except (TimeoutError, WebSocketException):
            raise Unsure from None
        finally:
            del self._waiting[number]

    def _doubt_all(self):
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Unsure())

    def _take(self, value):
        if "event" in value:
            if "seq" in value and value["room"] == self._room:
                self._hold(value)
        elif "reply" in value:
            answer = self._waiting.get(value["reply"])
            if answer is None or answer.done():
                return
            if "ok" in value:
                answer.set_result(value["ok"])
            else:
                answer.set_exception(Refused(value["error"]))
        else:
            self._doubt_all()  # the gateway's own error

    async def _speak(self):
        """One at a time, so that the order is kept."""
        await self._joined.wait()
        while True:
            key, text = await self._outbox.get()
            await self._insist("send", room=self._room, key=key, text=text)

    async def _ping(self):
        """Finds what no event told."""
        await self._joined.wait()
        while True:
            await asyncio.sleep(PING_SECONDS)
            heads = (await self._insist("ping"))["heads"]
            if heads.get(self._room, {}).get("head", 0) > self._last:
                await self._fill()

    # ---- the log ----

    def _hold(self, entry):
        self._held[entry["seq"]] = entry
        if self._last is not None:
            self._apply_held()

    def _apply_held(self):
        while entry := self._held.pop(self._last + 1, None):
            self._last += 1
            self._apply(entry)
        self._held = {seq: e for seq, e in self._held.items() if seq > self._last}
        if self._held and self._gap is None:
            self._gap = asyncio.create_task(self._close_gap())

    def _apply(self, entry):
        if entry["event"] == "message":
            self._seen(self.name, entry["text"])
        elif entry["event"] == "join":
            self.entered.add(entry["from"]["name"])

    async def _close_gap(self):
        try:
            await asyncio.sleep(GAP_SECONDS)
            if self._held:
                await self._fill()
        finally:
            self._gap = None

    async def _fill(self):
        more = True
        while more:
            page = await self._insist(
                "history", room=self._room, after=self._last, limit=200
            )
            for entry in page["entries"]:
                self._hold(entry)
            more = page.get("more", False)
