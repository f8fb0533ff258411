"""Plays a plan against one server, with its faults, and compares."""

import contextlib
import itertools
import time
from dataclasses import dataclass

from drivers.lines import Timeout, wait_until
from drivers.server import make_server
from script.actors import BotActor, TerminalActor, WireActor
from script.page import PageActor
from script.plan import Plan
from script.same import PATIENCE, bot_problems, page_problems, terminal_problems
from script.truth import read_truth

WEIGHTS = {"wire": 3, "bot": 3, "tui-a": 2, "tui-b": 2, "page": 1.5}
HOMES = ["lobby", "garden", "kitchen"]  # where all begin; wire made the last two
AGAIN_SECONDS = 5  # until what was swallowed is said again
LOOKS_MAX = 5  # until two find the logs the same
PAGES = 4  # of a terminal, scrolled back at the end


@dataclass
class Figures:
    seed: int
    steps: int = 0
    cuts: int = 0
    restarts: int = 0
    kills: int = 0
    quits: int = 0
    rooms: int = 0
    entries: int = 0
    messages: int = 0
    compared: int = 0
    seconds: float = 0.0

    def __str__(self):
        return (
            f"seed {self.seed}: {self.steps} steps, {self.cuts} cuts, "
            f"{self.restarts} restarts and {self.kills} kills of the server, "
            f"{self.quits} of a terminal; compared {self.compared} times, at the end "
            f"{self.rooms} rooms with {self.entries} entries, "
            f"{self.messages} messages ({self.seconds:.0f} s)"
        )


class Script:
    def __init__(self, build, folder, browser, seed, steps, outages=1, quits=1):
        self._build = build
        self._browser = browser
        self._plan = Plan(seed, steps, WEIGHTS, outages, quits)
        self.figures = Figures(seed)
        self._mends = {}  # number of a step -> what ends before it
        self._is_up = True
        # Each client comes by a cable, which has an address of its own.
        self.server = make_server(build, folder / "data", any_origin=True)
        self.server.start()
        self._actors = {}
        try:
            self._open(folder)
        except BaseException:
            self.close()
            raise

    def _open(self, folder):
        actors = self._actors
        actors["wire"] = WireActor("wire", self.server)
        for room in HOMES:
            actors["wire"].join(room)
        actors["bot"] = BotActor("bot", self.server, self._build, folder / "bot")
        actors["bot"].join("attic")
        for name in ("tui-a", "tui-b"):
            home = folder / name
            actors[name] = TerminalActor(name, self.server, self._build, home)
        actors["page"] = PageActor("page", self.server, self._browser)
        for actor, room in itertools.product(actors.values(), HOMES):
            actor.join(room)
        for room in HOMES:
            there = self._members(room, len(actors))
        self._ids = {each["name"]: each["id"] for each in there}
        for actor in actors.values():
            actor.ids = self._ids
            actor.id = self._ids[actor.name]

    def _members(self, room, count):
        """Of a room, once there are so many."""

        def members():
            found = self._actors["wire"].ask("members", room=room)["members"]
            return found if len(found) == count else None

        return wait_until(members, f"{count} in {room}", PATIENCE)

    def close(self):
        """Also when one of them is gone in a way that it should not."""
        with contextlib.ExitStack() as left:
            left.callback(self.server.close)
            for actor in self._actors.values():
                left.callback(actor.close)
            self._actors = {}

    # ---- faults ----

    def _begin(self, number, fault):
        end = number + fault.steps
        if fault.kind == "cut":
            cable = self._actors[fault.actor].cable
            cable.cut()
            self._mends.setdefault(end, []).append(cable.mend)
            self.figures.cuts += 1
        elif fault.kind == "quit":
            name = "tui-a" if fault.steps % 2 else "tui-b"
            self._actors[name].restart()
            self.figures.quits += 1
        elif self._is_up:
            self._take_down(fault.kind)
            self._mends.setdefault(end, []).append(self._bring_up)

    def _take_down(self, kind):
        self._is_up = False
        if kind == "kill":
            self.server.kill()
            self.figures.kills += 1
        else:
            self.server.stop()
            self.figures.restarts += 1

    def _bring_up(self):
        self.server.start()
        self._is_up = True

    def _end_faults(self):
        for mends in self._mends.values():
            for mend in mends:
                mend()
        self._mends = {}

    # ---- steps ----

    def _room_of(self, step):
        if step.room != "dm":
            return step.room
        low, high = sorted((self._ids[step.actor], self._ids[step.target]), key=int)
        return f"dm.{low}.{high}"

    def _is_possible(self, step, room):
        actor = self._actors[step.actor]
        if step.actor == "wire":
            # It keeps some rooms with an owner, and waits for every answer.
            if step.kind == "leave" and room in ("garden", "kitchen"):
                return False
            return self._is_up and actor.cable.whole
        return not (step.target == "wire" and step.kind in ("kick", "ban", "role"))

    def _play(self, step):
        for mend in self._mends.pop(step.number, []):
            mend()
        if fault := self._plan.faults.get(step.number):
            self._begin(step.number, fault)
        room = self._room_of(step)
        if self._is_possible(step, room):
            self._actors[step.actor].play(step, room)
        self.figures.steps += 1

    # ---- the end ----

    def _settle(self, number):
        """All have said a last word in each of their rooms."""
        self._end_faults()
        self._wait_said(dict.fromkeys(self._actors, {"lobby"}), f"first {number}")
        rooms = {name: set(of) for name, of in self._truth().of.items()}
        self._wait_said(rooms, f"last {number}")

    def _wait_said(self, rooms, text):
        """
        Until each has said it where it should, but for rooms that it is in no
        more. What is on its way still may undo a join or swallow a word, so
        both are repeated after a while.
        """
        tried = {}
        missing = []

        def is_said():
            missing[:] = self._missing(rooms, text)
            for name, room, is_member in missing:
                now = time.monotonic()
                if now - tried.get((name, room, is_member), 0) < AGAIN_SECONDS:
                    continue
                tried[name, room, is_member] = now
                actor = self._actors[name]
                actor.say(room, text) if is_member else actor.join(room)
            return not missing

        try:
            wait_until(is_said, text, PATIENCE)
        except Timeout as timeout:
            raise Timeout(f"{timeout}: {missing}\n{self._screens()}") from None

    def _missing(self, rooms, text):
        """(actor, room, whether it is a member); of the lobby all have to be."""
        truth = self._truth()
        for name, room in ((n, r) for n, each in rooms.items() for r in each):
            is_member = room in truth.of[name]
            messages = truth.rooms[room].messages if is_member else []
            is_said = any((m.name, m.text) == (name, text) for m in messages)
            if not is_said and (is_member or room == "lobby"):
                yield name, room, is_member

    def _screens(self):
        actors = [self._actors["tui-a"], self._actors["tui-b"]]
        return "\n".join(actor.terminal.screen() for actor in actors)

    def _truth(self):
        return read_truth(self.server, self._actors.values())

    def _problems(self, truth, pages):
        names = {user: name for name, user in self._ids.items()}
        yield from truth.problems()
        yield from bot_problems(self._actors["bot"], truth)
        yield from page_problems(self._actors["page"], truth, names)
        for name in ("tui-a", "tui-b"):
            yield from terminal_problems(self._actors[name], truth, names, pages)

    def compare(self, number, pages=0):
        """The problems once nothing changes any more."""
        self._settle(number)
        for _ in range(LOOKS_MAX):
            truth = self._truth()
            problems = list(self._problems(truth, pages))
            if self._truth().heads() == truth.heads():
                self.figures.compared += 1
                return problems, truth
        raise AssertionError("the rooms do not come to rest")

    def run(self, compare_each, report=lambda text: None):
        """The problems, each a text; ends with the first comparison that has any."""
        started = time.monotonic()
        for step in self._plan.steps:
            self._play(step)
            if step.number % compare_each == 0 and step != self._plan.steps[-1]:
                problems, _ = self.compare(step.number)
                report(f"{step.number} steps, {time.monotonic() - started:.0f} s")
                if problems:
                    return problems
        problems, truth = self.compare(self.figures.steps, PAGES)
        self.figures.rooms = len(truth.rooms)
        self.figures.entries = sum(room.head for room in truth.rooms.values())
        self.figures.messages = sum(len(room.messages) for room in truth.rooms.values())
        self.figures.seconds = time.monotonic() - started
        return problems

    def shares(self):
        """How often each has done what."""
        for name, actor in self._actors.items():
            done = ", ".join(f"{kind} {n}" for kind, n in sorted(actor.done.items()))
            yield f"{name}: {done}"

    def verify(self):
        """The findings of chatctl in what the stopped server has stored."""
        return self.server.verify()
