"""The stack on one machine, as verbs.py wants a deployment."""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request

from traffic import COLORS, Problem

from .balancer import Balancer
from .parts import NAMES, ROOT, STAGE, Task, parts
from .process import Process, wait_until
from .state import State, is_free

FIRST_PORT = 7200
TABLES_SECONDS = 60
DRAIN_SECONDS = 30


def say(text):
    print(text, file=sys.stderr, flush=True)


class Twin:
    """Everything that is remembered is in the state's folder."""

    def add_options(self, parser, verb):
        parser.add_argument(
            "--state",
            type=pathlib.Path,
            default=os.environ.get("CHAT_AWS_LOCAL", ROOT / "build/aws-local"),
            help="the stack's folder (build/aws-local)",
        )
        if verb not in ("up", "release"):
            return
        parser.add_argument(
            "--build",
            type=pathlib.Path,
            default=os.environ.get("CHAT_BUILD", ROOT / "build"),
            help="the build folder whose chatd runs (build)",
        )
        for color in COLORS:
            parser.add_argument(f"--{color}", help=f"another chatd for {color}")
        parser.add_argument(
            "--image",
            type=pathlib.Path,
            help="run chatd out of this tree of ./dev package tree, as in a container",
        )
        parser.add_argument(
            "--first-port",
            type=int,
            default=FIRST_PORT,
            help=f"of eight, when the stack is new; 0: free ones ({FIRST_PORT})",
        )
        parser.add_argument(
            "--gateway", default="", help="more options of the gateway emulator"
        )
        parser.add_argument(
            "--rate-limits", action="store_true", help="slow down fast senders"
        )

    def configure(self, arguments):
        self._options = arguments
        self._state = State(arguments.state)
        self._balancer = Balancer(self._state)

    def _require(self):
        if not self._state.exists:
            raise Problem(f"no stack in {self._state.folder}: start it with up")

    # ---- up ----

    def up(self):
        with self._state.held():
            if not self._state.exists:
                self._state.create(self._options.first_port)
            started = []
            try:
                for part in parts(self._state, self._options):
                    self._bring_up(part, started)
            except BaseException:
                self._stop(started)
                raise
            self._balancer.set_ready()

    def _bring_up(self, part, started):
        """Starts what does not run, replaces what is not as asked."""
        made_of = part.made_of()
        if part.process.pid is not None:
            if part.process.made_of == made_of:
                return
            say(f"replacing {part.name}")
            self._take_out(part)
            part.process.stop()
        else:
            say(f"starting {part.name}")
        self._check_ports(part)
        if isinstance(part, Task):
            self._make_tables(part)
        started.append(part.process)
        part.process.start(part.command(), part.environment(), made_of)
        self._await(part)

    def _take_out(self, part):
        """A task gets no new request, and ends those that it has."""
        if not isinstance(part, Task) or not self._balancer.is_up():
            return
        report = self._balancer.report()
        others = [c for c in COLORS if c != part.name and report["weights"][c]]
        if not others:
            raise Problem(f"{part.name} serves everything: shift before it is replaced")
        self._balancer.drain(part.name)
        wait_until(lambda: self._balancer.is_idle(part.name), DRAIN_SECONDS)

    def _check_ports(self, part):
        for name in part.ports:
            port = part.port(name)
            if not is_free(port):
                raise Problem(
                    f"{part.name}: port {port} is in use; down, then up with"
                    " another --first-port, or 0"
                )

    def _make_tables(self, task):
        command = [*task.command(), "--create-tables"]
        try:
            subprocess.run(
                command,
                env=task.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=True,
                timeout=TABLES_SECONDS,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise Problem(f"{task.name}: no tables: {error.stderr}") from None

    def _await(self, part):
        process = part.process
        wait_until(lambda: process.pid is None or part.is_ready(), part.ready_seconds)
        if process.pid is None or not part.is_ready():
            why = "ended" if process.pid is None else "is not ready"
            raise Problem(f"{part.name} {why}; its log says\n{process.tail(10)}")

    # ---- down ----

    def down(self):
        if not self._state.folder.exists():
            return
        with self._state.held():
            self._stop([Process(self._state.folder, name) for name in NAMES])
            self._state.remove()

    def _stop(self, processes):
        for process in reversed(processes):
            if process.pid is not None:
                say(f"stopping {process.name}")
            process.stop()

    # ---- while it runs ----

    def shift(self, blue, green):
        self._require()
        with self._state.held():
            try:
                self._balancer.set_weights(blue, green)
            except OSError as error:
                raise Problem(f"the load balancer does not answer: {error}") from None
            self._state["weights"] = [blue, green]

    def weights(self):
        self._require()
        return dict(zip(COLORS, self._state["weights"], strict=True))

    def last_alone(self):
        self._require()
        return self._state["alone"]

    def remember_alone(self, color):
        with self._state.held():
            self._state["alone"] = color

    def ailing(self, color):
        """Who has no weight is draining to HAProxy, and well."""
        if not self._balancer.is_up():
            raise Problem("the load balancer does not answer")
        state = self._balancer.report()["health"][color]
        well = state.startswith(("UP", "DRAIN"))
        return None if well else f"{color} is {state} at the load balancer"

    def replace(self, color, image):
        """Another build for one color, while the other serves."""
        setattr(self._options, color, image)
        with self._state.held():
            for part in parts(self._state, self._options):
                if part.name == color:
                    self._bring_up(part, [])
            self._balancer.set_ready()

    def finish(self):
        """The page is served out of the tree."""

    def status(self):
        if not self._state.exists:
            kinds = ("weights", "served", "parts", "alarms", "addresses")
            return {"up": False, **{kind: {} for kind in kinds}}
        pids = {name: Process(self._state.folder, name).pid for name in NAMES}
        report = {"weights": {}, "served": {}, "health": {}}
        if self._balancer.is_up():
            report = self._balancer.report()
        health = report.pop("health")
        states = {
            name: self._describe(pid, health.get(name)) for name, pid in pids.items()
        }
        is_up = None not in pids.values()
        return {
            "up": is_up,
            **report,
            "parts": states,
            "alarms": {},
            "addresses": self.addresses(),
        }

    def _describe(self, pid, health):
        if pid is None:
            return "not running"
        return f"process {pid}" + (f", {health}" if health else "")

    def addresses(self):
        ports = self._state["ports"]
        return {
            "clients": f"ws://127.0.0.1:{ports['gateway']}/{STAGE}",
            "page": f"http://127.0.0.1:{ports['web']}/",
            "direct": f"ws://127.0.0.1:{ports['load_balancer']}/ws",
        }

    def gateway_counts(self):
        """What went through the gateway emulator."""
        port = self._state["ports"]["callback"]
        url = f"http://127.0.0.1:{port}/-/status"
        with urllib.request.urlopen(url, timeout=10) as response:
            return json.load(response)

    def logs(self, name, follow, lines):
        self._require()
        folder = self._state.folder / "logs"
        files = sorted(folder.glob(f"{name or '*'}.log"))
        if not files:
            raise Problem(f"no log of {name}: one of {', '.join(NAMES)}")
        command = ["tail", f"--lines={lines}", *(["--follow"] if follow else [])]
        subprocess.run([*command, *files], check=False)
