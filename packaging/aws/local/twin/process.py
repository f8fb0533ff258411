"""A process that outlives the command that started it.

Who it is stands in a file: its id, and when it began, so that another process
that came by the same id is never taken for it.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from traffic import Problem

STOP_SECONDS = 20
# Debian has it where only root looks.
PLACES = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def program(name, package):
    found = shutil.which(name, path=PLACES)
    if found is None:
        raise Problem(f"{name} is missing: apt-get install {package}")
    return found


def began(pid):
    """When a process began, in the kernel's ticks; None for none, or a zombie."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


def wait_until(condition, seconds):
    """Polls, for none of these tell when they are ready or gone."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Process:
    def __init__(self, folder, name):
        self.name = name
        self.log = folder / "logs" / f"{name}.log"
        self._file = folder / "run" / f"{name}.json"

    def _read(self):
        try:
            return json.loads(self._file.read_text())
        except (OSError, ValueError):
            return None

    @property
    def pid(self):
        """None when it does not run."""
        known = self._read()
        is_it = known and known["began"] and began(known["pid"]) == known["began"]
        return known["pid"] if is_it else None

    @property
    def made_of(self):
        """What `start` was told, by which a change is seen."""
        known = self._read()
        return known and known["made_of"]

    def start(self, command, environment, made_of):
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [str(word) for word in command],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        known = {"pid": child.pid, "began": began(child.pid), "made_of": made_of}
        self._file.write_text(json.dumps(known))

    def stop(self, seconds=STOP_SECONDS):
        """As an operator would; by force when that takes too long."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            pid = self.pid
            if pid is None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            wait_until(self._is_gone, seconds)
        self._file.unlink(missing_ok=True)

    def _is_gone(self):
        """Also reaps, where this command is the parent."""
        known = self._read()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(known["pid"], os.WNOHANG)
        return self.pid is None

    def tail(self, lines):
        try:
            text = self.log.read_text(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])
