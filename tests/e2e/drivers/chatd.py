"""A real chatd on a free port of the loopback."""

import hashlib
import json
import os
import pathlib
import signal
import subprocess

from drivers.lines import DEADLINE, Lines

VERIFY_SECONDS = 120
ROOT = pathlib.Path(__file__).resolve().parents[3]


def is_listening(line):
    return '"event":"listening"' in line.replace('": "', '":"')


def prefix_of(data):
    return "t" + hashlib.sha256(str(data).encode()).hexdigest()[:16] + "-"


class Chatd:
    stdout = subprocess.DEVNULL

    def __init__(
        self,
        build,
        data,
        options=(),
        rate_limits=False,
        environment=None,
        program="server/chatd",
    ):
        self._program = pathlib.Path(build) / program
        self._chatctl = pathlib.Path(build) / "server/chatctl"
        self._data = pathlib.Path(data)
        self._options = list(options)
        if not rate_limits:
            self._options += ["--rate-limits", "off"]
        self._environment = {**os.environ, **(environment or {})}
        self._has_tables = self._environment.get("CHATD_STORE") != "dynamodb"
        if not self._has_tables:
            self._environment.setdefault("CHATD_TABLE_PREFIX", prefix_of(data))
        self.port = 0
        self.process = None
        self.log = None

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def page_url(self):
        return f"http://127.0.0.1:{self.port}/"

    @property
    def data(self):
        return self._data

    def launch(self):
        """Starts the process without waiting for it to listen."""
        self._data.mkdir(parents=True, exist_ok=True)
        self._make_tables()
        self.process = subprocess.Popen(
            [
                self._program,
                *("--listen", f"127.0.0.1:{self.port}"),
                *("--data", self._data),
                *("--web", ROOT / "web"),
                *self._options,
            ],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self.stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self.log = Lines(self.process.stderr)

    def _make_tables(self):
        """Where the suite runs on DynamoDB: tables for each data folder."""
        if self._has_tables:
            return
        subprocess.run(
            [self._program, "--create-tables"], env=self._environment, check=True
        )
        self._has_tables = True

    def start(self):
        """After the first start the port stays the same."""
        self.launch()
        self.await_listening()

    def await_listening(self):
        line = self.log.find(is_listening, "listening")
        self.port = json.loads(line)["port"]

    def kill(self):
        """As a crash would: no handler runs."""
        self.process.kill()
        self.process.wait(DEADLINE)
        self.log.join()

    def wait(self, seconds=DEADLINE):
        status = self.process.wait(seconds)
        self.log.join()
        return status

    def stop(self):
        """Ends the server as an operator would; it must end well."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            status = self.wait()
            assert status == 0, f"chatd ended with {status}\n{self.log.tail()}"
        elif self.process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"chatd ended by itself\n{self.log.tail()}")
        self.process = None

    def close(self):
        self.stop()

    def verify(self):
        """The findings of chatctl in what a stopped server has stored."""
        has_file = self._environment.get("CHATD_STORE") != "dynamodb"
        done = subprocess.run(
            [
                *(self._chatctl, "verify"),
                self._data / "chat.db" if has_file else "--tables",
            ],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=VERIFY_SECONDS,
        )
        return [] if done.returncode == 0 else (done.stdout + done.stderr).splitlines()

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(x for x in status.splitlines() if x.startswith("VmRSS:"))
        return int(line.split()[1])
