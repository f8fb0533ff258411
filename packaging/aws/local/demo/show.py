"""Runs the demonstration: clients that talk, steps of the plan, what is seen."""

import asyncio
import contextlib
import secrets
import shutil
import time

from . import plan, programs
from .page import Page
from .tally import Tally
from .view import Picture

MOMENT = 0.25  # seconds between two pictures
LOOK = 1.0  # and between two looks at the deployment
JOIN_SECONDS = 60
SETTLE_SECONDS = 60
BY_KEY = {"9": (90, 10), "5": (50, 50), "1": (10, 90), "r": (100, 0)}


class Failed(Exception):
    """The demonstration could not be held; the text says why."""


class Show:
    def __init__(self, deployment, view, steps, options, folder):
        self._deployment = deployment
        self._view = view
        self._steps = steps
        self._options = options
        self._folder = folder
        self._room = f"demo-{secrets.token_hex(4)}"
        self._clients = self._make_clients()
        self._kinds = {client.name: kind for client, kind in self._clients}
        self._clients = [client for client, _ in self._clients]
        self._tally = Tally(self._kinds)
        self._picture = Picture(seconds=options.seconds, steps=steps)
        self._turn = 0
        self._over = False
        self._first = None  # what was counted when it began

    # ---- the clients ----

    def _make_clients(self):
        """A kind each through the front that is shown, and straight to a task.

        Who is connected to green itself would have to move when it is replaced.
        """
        addresses = self._deployment.addresses()
        fronts = {"gateway": addresses["clients"], "direct": addresses["direct"]}
        made = self._make_kinds(self._options.front, fronts, "")
        if fronts["direct"] and self._options.variant != "replace":
            made += self._make_kinds("direct", fronts, "-direct")
        return made

    def _make_kinds(self, front, fronts, suffix):
        url, build, room = fronts[front], self._options.build, self._room
        name = f"page{suffix}"
        made = [(Page(name, url, room, self._seen), f"page, {front}")]
        for kind, make in (("terminal", programs.terminal), ("sdk", programs.sdk)):
            name = f"{kind}{suffix}"
            home = self._folder / name
            client = make(build, url, room, name, home, self._seen)
            made.append((client, f"{kind}, {front}"))
        return made

    def _seen(self, name, text):
        self._tally.seen(name, text, time.monotonic())

    async def _start_clients(self):
        """All have joined before the first message, and so see every one."""
        watcher = self._clients[0]
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                for client in self._clients:
                    await client.start()
                others = {client.name for client in self._clients[1:]}
                while not others <= watcher.entered:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise Failed("not all clients came in; see the logs command") from None

    async def _talk(self):
        """Each in turn, at the rate that was asked for."""
        due = time.monotonic()
        number = 0
        while not self._over:
            client = self._clients[number % len(self._clients)]
            number += 1
            text = f"{client.name}-{number:06}"
            self._tally.said(client.name, text, time.monotonic())
            client.say(text)
            due = max(due + 1 / self._options.rate, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))

    # ---- the deployment ----

    async def _call(self, function, *arguments):
        return await asyncio.to_thread(function, *arguments)

    async def _shift(self, weights):
        self._picture.weights = weights
        await self._call(self._deployment.shift, *weights)

    async def _follow_plan(self):
        for number, step in enumerate(self._steps):
            await asyncio.sleep(max(0, step.at - self._elapsed()))
            self._picture.step = number
            if self._picture.by_hand:
                return
            if step.weights:
                await self._shift(step.weights)
            if step.replace:
                await self._call(self._replace_green)

    def _replace_green(self):
        """A program with other bytes is a new build to the deployment."""
        newer = self._folder / "chatd"
        shutil.copy(self._options.green or self._options.build / "server/chatd", newer)
        with newer.open("ab") as program:
            program.write(secrets.token_bytes(8))
        self._deployment.replace("green", newer)

    async def _look(self):
        """Asks the deployment what it has served and whom it has lost."""
        served, counts = await self._call(self._ask)
        if self._first is None:
            self._first = (served, counts)
        before = self._picture.served
        now = tuple(served[c] - self._first[0][c] for c in ("blue", "green"))
        self._picture.served = now
        blue, green = now[0] - before[0], now[1] - before[1]
        share = green / (blue + green) if blue + green > 0 else None
        self._picture.shares.append(share)
        self._picture.connections = counts["connections"]
        lost = counts["disconnected"] - self._first[1]["disconnected"]
        lost += sum(client.reconnects for client in self._clients)
        self._picture.disconnects = lost

    def _ask(self):
        return self._deployment.status()["served"], self._deployment.gateway_counts()

    async def _watch(self):
        while not self._over:
            sent = self._tally.sent
            await asyncio.sleep(LOOK)
            await self._look()
            self._picture.rates.append((self._tally.sent - sent) / LOOK)
            self._picture.latencies.append(self._tally.milliseconds(0.5, recent=True))

    # ---- what is seen ----

    def _elapsed(self):
        return time.monotonic() - self._began

    def _update(self):
        tally, picture = self._tally, self._picture
        picture.elapsed = self._elapsed()
        picture.sent, picture.delivered = tally.sent, tally.delivered
        picture.duplicated = tally.duplicated
        picture.p50_ms = tally.milliseconds(0.5, recent=True)
        picture.p99_ms = tally.milliseconds(0.99, recent=True)
        picture.clients = [
            (name, kind, tally.said_by[name], len(tally.seen_by[name]))
            for name, kind in self._kinds.items()
        ]
        self._view.show(picture)

    async def _obey(self):
        key = self._view.key()
        if key == "q":
            self._over = True
        elif key in BY_KEY:
            self._picture.by_hand = True
            await self._shift(BY_KEY[key])

    # ---- all of it ----

    async def run(self):
        """The result, as the last line has it."""
        self._began = time.monotonic()
        try:
            await self._start_clients()
            self._began = time.monotonic()
            await self._shift(self._steps[0].weights)
            await self._look()
            with self._view:
                await self._perform()
                await self._settle()
            return await self._result()
        finally:
            ends = (client.stop() for client in self._clients)
            await asyncio.gather(*ends, return_exceptions=True)

    async def _perform(self):
        work = [
            asyncio.create_task(task)
            for task in (self._talk(), self._follow_plan(), self._watch())
        ]
        try:
            while not self._over and self._elapsed() < self._options.seconds:
                for task in work:
                    if task.done() and task.exception():
                        raise task.exception()
                await self._obey()
                self._update()
                await asyncio.sleep(MOMENT)
        finally:
            self._over = True
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)

    async def _settle(self):
        """Until everybody has seen everything, or long enough."""
        end = time.monotonic() + SETTLE_SECONDS
        while not self._tally.is_complete() and time.monotonic() < end:
            self._update()
            await asyncio.sleep(MOMENT)
        with contextlib.suppress(OSError):
            await self._look()
        self._update()

    async def _result(self):
        tally = self._tally
        async with asyncio.timeout(SETTLE_SECONDS):
            missing, repeated = tally.check_log(await self._clients[0].log())
        blue, green = self._picture.served
        return {
            "sent": tally.sent,
            "lost": len(tally.missing() | missing),
            "duplicated": tally.duplicated + repeated,
            "disconnects": self._picture.disconnects,
            "blue": blue,
            "green": green,
            "p99_ms": tally.milliseconds(0.99),
        }
