"""Options and keys of the pages are those of the programs' tables."""

import re

import pytest
from shown import sections


def rows(build):
    """Of chat-tui: name, placeholder, whether it is a key, help."""
    lines = (build / "client/chat-tui.options").read_text().splitlines()
    return [line.split("\t") for line in lines]


def items(lines):
    """What stands at the margin of a list, without what is said of it."""
    return [line.strip() for line in lines if re.match(r" {7}\S", line)]


def test_chat_tui_has_its_options_with_their_values(build):
    wanted = [
        f"--{name} {placeholder}".strip()
        for name, placeholder, _, _ in rows(build)
        if name != "url"
    ]
    shown = sections(build / "man/chat-tui.1")["OPTIONS"]
    found = [item for item in items(shown) if item.startswith("--")]
    assert sorted(found) == sorted(wanted)


def test_the_page_of_the_file_has_its_keys(build):
    wanted = [name for name, _, key, _ in rows(build) if key]
    shown = sections(build / "man/chat-tui.conf.5")["KEYS"]
    found = [item for item in items(shown) if " " not in item]
    assert sorted(found) == sorted(wanted)


def test_what_is_no_key_is_named_as_such(build):
    wanted = [f"--{name}" for name, _, key, _ in rows(build) if not key]
    shown = " ".join(sections(build / "man/chat-tui.conf.5")["KEYS"])
    sentence = shown.split("cannot be in the file:", 1)[1]
    found = re.findall(r"--[a-z-]+", sentence)
    assert sorted([*found, "--help", "--version"]) == sorted(wanted)
