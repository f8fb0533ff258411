"""One process of a server, and one run of the load generator against it."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

LISTEN_SECONDS = 30
END_SECONDS = 20
LOG_CHARACTERS = 500


class Failed(Exception):
    """A measurement did not come about; the text says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A fresh server on a fresh folder, for the length of a `with` block."""

    def __init__(self, server, program, work, clients):
        self._server = server
        self._program = program
        self._work = work
        self._clients = clients
        self.port = free_port()
        self.process = None
        self.folder = None

    def __enter__(self):
        self._work.mkdir(parents=True, exist_ok=True)
        name = tempfile.mkdtemp(prefix=f"{self._server.name}-", dir=self._work)
        self.folder = pathlib.Path(name)
        command = self._server.command(
            self._program, self.folder, self.port, self._clients
        )
        with self._log_path().open("wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_listening()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)

    def _log_path(self):
        return self.folder / "server.log"

    def log(self):
        """The log's last words, in one line."""
        words = self._log_path().read_text(errors="replace").split()
        return " ".join(words)[-LOG_CHARACTERS:]

    def end(self):
        """What there is to say of a server that has ended by itself."""
        status = self.process.poll()
        return "" if status is None else f"; ended with {status}: {self.log()}"

    def _wait_until_listening(self):
        """The servers tell that they listen in many ways; all then accept."""
        end = time.monotonic() + LISTEN_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise Failed(f"does not start{self.end()}")
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        raise Failed(f"does not listen after {LISTEN_SECONDS} s: {self.log()}")


def keep_to_last_processor():
    """For the load generator: else the scheduler often puts it and a server on
    one processor, and a run differs from the next by a factor. Servers keep
    all processors, for some have threads.
    """
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def run_json(command, seconds, prepare=None):
    """The JSON objects, one a line, that a program prints."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            preexec_fn=prepare,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"not done after {seconds} s") from None
    if done.returncode != 0:
        raise Failed(done.stderr.strip() or f"ended with {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]


@dataclass(frozen=True)
class Setting:
    """What all measurements of a run share."""

    build: pathlib.Path
    work: pathlib.Path  # folders of servers are made below it
    warmup: float
    seconds: float


def measure_server(setting, workload, server, program):
    """What the load generator says of one fresh process of the server."""
    with Running(server, program, setting.work, workload.clients) as running:
        command = [
            setting.build / "tests/bench/load",
            *("--adapter", server.adapter),
            *("--port", running.port),
            *("--server-pid", running.process.pid),
            *workload.arguments,
            *("--warmup", setting.warmup),
            *("--seconds", setting.seconds),
        ]
        try:
            runs = run_json(command, workload.deadline, keep_to_last_processor)
        except Failed as failure:
            raise Failed(f"{failure}{running.end()}") from None
    return {server.name: runs[-1]}


def measure_store(setting, workload, _, program):
    """The store alone; each case that its program prints is a row."""
    command = [
        program,
        *workload.arguments,
        *("--ms", int(setting.seconds * 1000)),
        *("--folder", setting.work),
    ]
    return {run["case"]: run for run in run_json(command, workload.deadline)}
