"""A program in a terminal of its own: a private tmux server."""

import contextlib
import os
import pathlib
import signal
import subprocess

from drivers.lines import DEADLINE, Timeout, wait_until
from drivers.programs import environment


def zombie_status(process):
    """How a process ended that its parent has not asked about.

    tmux 3.3 sometimes misses that its child has ended and never tells how.
    """
    try:
        stat = pathlib.Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return None
    state, *_, code = stat.rpartition(")")[2].split()
    return os.waitstatus_to_exitcode(int(code)) if state == "Z" else None


class Terminal:
    def __init__(self, home, command, width=100, height=30):
        self._environment = {**environment(home), "TERM": "xterm-256color"}
        self._environment.pop("TMUX", None)
        self._socket = home / "tmux"
        self._configure("default-terminal tmux-256color", "remain-on-exit on")
        size = ["-x", str(width), "-y", str(height)]
        self._tmux("-f", home / "tmux.conf", "new-session", "-d", *size, *command)

    def _configure(self, *options):
        lines = [f"set -g {option}\n" for option in options]
        (self._socket.parent / "tmux.conf").write_text("".join(lines))

    def _tmux(self, *arguments):
        return subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        ).stdout

    def screen(self, colours=False):
        """What is shown; with colours it has escape sequences in it."""
        return self._tmux("capture-pane", "-p", *(["-e"] if colours else []))

    def _shows(self, text):
        if text in self.screen():
            return True
        if (status := self.exit_status()) is not None:
            raise Timeout(f"the program ended with {status}, without {text}")
        return False

    def wait_for(self, text, seconds=DEADLINE):
        try:
            wait_until(lambda: self._shows(text), text, seconds)
        except Timeout as timeout:
            raise Timeout(f"{timeout}\n{self.screen()}") from None

    def wait_gone(self, text, seconds=DEADLINE):
        wait_until(lambda: text not in self.screen(), f"{text} gone", seconds)

    def type(self, text):
        self._tmux("send-keys", "-l", "--", text)

    def press(self, *keys):
        """Keys by tmux's names, such as Enter, Escape, C-u, PPage."""
        self._tmux("send-keys", *keys)

    def keys(self, *groups):
        """Several at once: ("text", what is typed) or ("keys", name, ...)."""
        commands = []
        for kind, *keys in groups:
            literally = ["-l", "--"] if kind == "text" else []
            commands += [";", "send-keys", *literally, *keys]
        self._tmux(*commands[1:])

    def say(self, text):
        self.type(text)
        self.press("Enter")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def exit_status(self):
        """None while the program runs; negative when a signal ended it."""
        fields = ("dead", "dead_status", "dead_signal", "pid")
        told = self._tmux("display", "-p", ":".join(f"#{{pane_{f}}}" for f in fields))
        dead, status, ended_by, process = told.strip().split(":")
        if dead != "1":
            return None
        if status:
            return int(status)
        return -int(ended_by) if ended_by else zombie_status(process)

    def wait_exit(self, seconds=DEADLINE):
        wait_until(lambda: self.exit_status() is not None, "exit", seconds)
        return self.exit_status()

    def start_again(self):
        """The program, which has ended, in the same terminal."""
        self._tmux("respawn-pane", "-k")

    def close(self):
        """Ends the program first, so that a sanitizer can report."""
        process = int(self._tmux("display", "-p", "#{pane_pid}"))
        if self.exit_status() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGHUP)
            wait_until(lambda: self.exit_status() is not None, "chat-tui ends")
        self._tmux("kill-server")
