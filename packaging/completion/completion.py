#!/usr/bin/env python3
"""Makes the completion of a program for a shell: completion.py SHELL PROGRAM ROWS"""

import pathlib
import sys

import bash
import fish
import rows
import zsh

SHELLS = {"bash": bash, "fish": fish, "zsh": zsh}


def main():
    shell, program, path = sys.argv[1:]
    read = rows.read(program, pathlib.Path(path).read_text())
    sys.stdout.write(SHELLS[shell].completion(read))


if __name__ == "__main__":
    main()
