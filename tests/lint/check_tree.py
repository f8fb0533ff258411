#!/usr/bin/env python3
"""Fails where a text file has what belongs to one machine or to an issue."""

import re
import sys

import source

TEXT_SUFFIXES = {
    "", ".build", ".c", ".conf", ".css", ".h", ".html", ".js", ".md", ".mjs",
    ".py", ".scd", ".service", ".sh", ".sql", ".svg", ".txt", ".yaml", ".yml",
}  # fmt: skip
# Written in pieces, so that this file does not find itself.
RULES = [
    (re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"), "a note of work: open an issue"),
    (re.compile(r"(?<![\w.:/-])/(?:wo" r"rk|ro" r"ot|ho" r"me/\w+|Use" r"rs)/"), "a path of one machine"),
    (re.compile(r"^(?:<{7}|>{7}|={7})(?: |$)"), "a conflict mark"),
    (re.compile(r"[ \t\r]+$"), "white space at the end"),
]  # fmt: skip


def check_file(root, path):
    name = path.relative_to(root).as_posix()
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        return [f"{name}:1: not UTF-8"]
    problems = [
        f"{name}:{number}: {what}"
        for number, line in enumerate(text.split("\n"), 1)
        for pattern, what in RULES
        if pattern.search(line)
    ]
    if text and not text.endswith("\n"):
        problems.append(f"{name}: no newline at the end")
    return problems


def check(root=source.ROOT):
    return [
        problem
        for path in source.files(root)
        if path.suffix in TEXT_SUFFIXES and "corpus" not in path.parts
        for problem in check_file(root, path)
    ]


if __name__ == "__main__":
    sys.exit(source.report(check()))
