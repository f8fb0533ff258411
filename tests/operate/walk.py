"""Walks through a document: runs its `console` blocks, compares what they print.

A block has commands behind `$ ` (and `> ` where one goes on) and, below each,
what it prints. In that, `...` inside a line stands for anything in it, and a
line of `...` alone for any number of lines. A command that fails and does not
say so in the document (a line `$ ... || echo ...`) fails the walk.

The commands run in one shell, in order, with the paths, ports and names of a
real machine exchanged for those of a folder: see Machine.
"""

import os
import pathlib
import re
import select
import subprocess
import time
from dataclasses import dataclass

DEADLINE = 60
END = "\x1e"


@dataclass
class Step:
    section: str
    line: int
    command: str
    output: list


def steps_of(document):
    section, steps, in_block = "", [], False
    for number, line in enumerate(document.read_text().splitlines(), 1):
        if line.startswith("```"):
            in_block = line == "```console"
        elif not in_block:
            if line.startswith("## "):
                section = line[3:]
        elif line.startswith("$ "):
            steps.append(Step(section, number, line[2:], []))
        elif line.startswith("> "):
            steps[-1].command += "\n" + line[2:]
        else:
            steps[-1].output.append(line)
    return steps


def pattern_of(lines):
    parts = []
    for line in lines:
        if line == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*".join(map(re.escape, line.split("..."))) + r"\n")
    return re.compile("".join(parts))


class Machine:
    """A shell in a folder that stands for the root of a machine."""

    def __init__(self, folder, names, environment):
        self.names = names  # what the document calls it -> what it is here
        self.environment = {**os.environ, **environment}
        self.shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def here(self, text):
        for name, place in self.names.items():
            text = text.replace(name, place)
        return text

    def there(self, text):
        for name, place in self.names.items():
            text = text.replace(place, name)
        return text

    def run(self, command):
        """(status, what it printed)"""
        text = self.here(command) + f"\nprintf '{END}%d{END}' $?\n"
        self.shell.stdin.write(text.encode())
        self.shell.stdin.flush()
        output, until = "", time.monotonic() + DEADLINE
        while output.count(END) < 2:
            left = until - time.monotonic()
            ready, _, _ = select.select([self.shell.stdout], [], [], max(left, 0))
            assert ready, f"no end after {DEADLINE} s: {command}\n{output}"
            data = os.read(self.shell.stdout.fileno(), 65536)
            assert data, f"the shell ended: {command}\n{output}"
            output += data.decode(errors="replace")
        printed, status, _ = output.split(END)
        return int(status), self.there(printed)

    def walk(self, step):
        status, printed = self.run(step.command)
        where = f"line {step.line}: $ {step.command}\n{printed}"
        assert status == 0, f"status {status}, {where}"
        if printed and not printed.endswith("\n"):
            printed += "\n"
        wanted = pattern_of(step.output)
        assert wanted.fullmatch(printed), f"wanted {step.output}, {where}"

    def close(self):
        self.shell.stdin.close()
        self.shell.wait(DEADLINE)


def write_program(path, text):
    path = pathlib.Path(path)
    path.write_text(text)
    path.chmod(0o755)
