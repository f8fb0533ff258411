"""Shells at a terminal of their own, with the completions that are installed."""

import os
import pty
import select
import subprocess
import time

DEADLINE = 30
READY = "<ready>"
# Where a shell looks, below /usr/local/share, and how it is told.
SET_UP = {
    "bash": "for f in {share}/bash-completion/completions/*; do . $f; done; PS1=",
    "zsh": "fpath=({share}/zsh/site-functions $fpath); autoload -Uz compinit; "
    "compinit -u -d {home}/dump; PS1=",
}
COMMANDS = {
    "bash": ["bash", "--noprofile", "--norc", "-i"],
    "zsh": ["zsh", "-f", "-i"],
}


class Shell:
    """A shell that is typed to as somebody would."""

    def __init__(self, name, share, home):
        self._terminal, inside = pty.openpty()
        environment = {
            "HOME": str(home),
            "PATH": os.environ["PATH"],
            "TERM": "dumb",
            "LC_ALL": "C.UTF-8",
        }
        self._process = subprocess.Popen(
            COMMANDS[name],
            stdin=inside,
            stdout=inside,
            stderr=inside,
            env=environment,
            cwd=home,
            start_new_session=True,
        )
        os.close(inside)
        set_up = SET_UP[name].format(share=share, home=home)
        self.type(f"{set_up}'<''ready>'\n")
        self.read_to(READY)

    def type(self, text):
        os.write(self._terminal, text.encode())

    def read_to(self, wanted):
        """What was written up to and with this text."""
        text, end = "", time.monotonic() + DEADLINE
        while wanted not in text:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._terminal], [], [], left)[0]:
                raise AssertionError(f"no {wanted!r} in {text!r}")
            text += os.read(self._terminal, 65536).decode(errors="replace")
        return text

    def close(self):
        self._process.kill()
        self._process.wait()
        os.close(self._terminal)
