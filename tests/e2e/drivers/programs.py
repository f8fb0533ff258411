"""Programs that are spoken to by lines: chat-tui --headless, an SDK program.

Both write one JSON object a line: entries of the room as the wire has them,
and {"sent": …} or {"failed": …} for what they were told to say.
"""

import json
import os
import subprocess

from drivers.lines import DEADLINE, Lines


def environment(home):
    """A user who has nothing yet."""
    home.mkdir(parents=True, exist_ok=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XDG_", "CHAT"))
    }
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


class Program:
    def __init__(self, home, command):
        self.said = 0
        self.process = subprocess.Popen(
            command,
            env=environment(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(home / "stderr").open("w"),
            text=True,
        )
        self._home = home
        self._lines = Lines(self.process.stdout)

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        self.said += 1

    def lines_from(self, index):
        return self._lines.all()[index:]

    def find(self, accept, seconds=DEADLINE):
        """The first object that `accept` takes, now or later."""
        line = self._lines.find(
            lambda line: accept(json.loads(line)), "what was waited for", seconds
        )
        return json.loads(line)

    def objects(self):
        return [json.loads(line) for line in self._lines.all()]

    def entries(self):
        return [value for value in self.objects() if "seq" in value]

    def wait_for(self, text, seconds=DEADLINE):
        """Waits for the entry with this text."""
        return self._lines.find(
            lambda line: json.loads(line).get("text") == text, text, seconds
        )

    def wait_sent(self, seconds=DEADLINE):
        """The outcome of every line that was said so far."""

        def outcomes():
            return [v for v in self.objects() if "sent" in v or "failed" in v]

        self._lines.find(lambda line: len(outcomes()) >= self.said, "sent", seconds)
        return outcomes()

    def finish(self, seconds=DEADLINE):
        """Ends its input; the exit status."""
        self.process.stdin.close()
        status = self.process.wait(seconds)
        self._lines.join()
        return status

    def errors(self):
        return (self._home / "stderr").read_text()

    def kill(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(DEADLINE)


class Headless(Program):
    def __init__(self, build, home, url, room, name):
        home.mkdir(parents=True, exist_ok=True)
        program = build / "client/chat-tui"
        options = ["--headless", "--room", room, "--name", name]
        super().__init__(home, [program, url, *options])


class SdkProgram(Program):
    def __init__(self, build, home, url, room, name):
        home.mkdir(parents=True, exist_ok=True)
        super().__init__(home, [build / "tests/e2e/sdk_program", url, room, name])
