#!/usr/bin/env python3
"""Fails where C calls a function that has a safer one beside it."""

import sys

import source

NO_BOUND = "writes without a bound: use snprintf or struct chat__buffer"
NO_ERROR = "cannot tell an error: use strtoul and its kin"
SHELL = "runs a shell"
HIDDEN_STATE = "keeps hidden state: use the _r form"
RACE = "can be raced: use mkstemp or mkdtemp"
WAITS = "waits for time, not for an event"

BANNED = {
    "strcpy": NO_BOUND,
    "stpcpy": NO_BOUND,
    "strcat": NO_BOUND,
    "strncpy": "may leave no NUL: use snprintf or memcpy",
    "strncat": NO_BOUND,
    "sprintf": NO_BOUND,
    "vsprintf": NO_BOUND,
    "gets": NO_BOUND,
    "alloca": "takes stack without a limit",
    "atoi": NO_ERROR,
    "atol": NO_ERROR,
    "atoll": NO_ERROR,
    "atof": NO_ERROR,
    "system": SHELL,
    "popen": SHELL,
    "strtok": HIDDEN_STATE,
    "asctime": HIDDEN_STATE,
    "ctime": HIDDEN_STATE,
    "gmtime": HIDDEN_STATE,
    "localtime": HIDDEN_STATE,
    "tmpnam": RACE,
    "tempnam": RACE,
    "mktemp": RACE,
    "sleep": WAITS,
    "usleep": WAITS,
    "nanosleep": WAITS,
}


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    code = source.code_of(path.read_text())
    return [
        f"{name}:{line}: {call}() {BANNED[call]}"
        for line, call in source.calls(code, BANNED)
    ]


def check(root=source.ROOT):
    return [
        problem for path in source.c_files(root) for problem in check_file(root, path)
    ]


if __name__ == "__main__":
    sys.exit(source.report(check()))
