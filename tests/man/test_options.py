"""Options and keys of the pages are those of the programs' tables."""

import pathlib
import re

import pytest
from shown import sections

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rows(build):
    """Of chat-tui: name, placeholder, whether it is a key."""
    lines = (build / "client/chat-tui.rows").read_text().splitlines()
    fields = [line.split("\t") for line in lines]
    return [(name[2:], value, key) for _, name, value, _, key in fields]


def items(lines):
    """What stands at the margin of a list, before what is said of it."""
    return [
        line.strip()
        for line, below in zip(lines, lines[1:])
        if re.match(r" {7}\S", line) and re.match(r" {11}\S", below)
    ]


def test_chat_tui_has_its_options_with_their_values(build):
    wanted = [
        f"--{name} {placeholder}".strip()
        for name, placeholder, _ in rows(build)
        if name != "url"
    ]
    shown = sections(build / "man/chat-tui.1")["OPTIONS"]
    found = [item for item in items(shown) if item.startswith("--")]
    assert sorted(found) == sorted(wanted)


def test_the_page_of_the_file_has_its_keys(build):
    wanted = [name for name, _, key in rows(build) if key]
    shown = sections(build / "man/chat-tui.conf.5")["KEYS"]
    found = [item for item in items(shown) if " " not in item]
    assert sorted(found) == sorted(wanted)


def test_what_is_no_key_is_named_as_such(build):
    wanted = [f"--{name}" for name, _, key in rows(build) if not key]
    shown = " ".join(sections(build / "man/chat-tui.conf.5")["KEYS"])
    sentence = shown.split("cannot be in the file:", 1)[1]
    found = re.findall(r"--[a-z-]+", sentence)
    assert sorted([*found, "--help", "--version"]) == sorted(wanted)


def chatctl_rows(build, kind):
    lines = (build / "server/chatctl.rows").read_text().splitlines()
    fields = [line.split("\t") for line in lines]
    return [(name, value) for row, name, value, _ in fields if row == kind]


def test_chatctl_has_its_commands_and_their_options(build):
    shown = sections(build / "man/chatctl.1")
    found = items(shown["A RUNNING SERVER"])
    wanted = chatctl_rows(build, "option")
    for name, usage in chatctl_rows(build, "command"):
        if name.upper() not in shown:
            wanted.append((name, usage))
    assert sorted(found) == sorted(f"{name} {value}".strip() for name, value in wanted)


@pytest.mark.parametrize("command", ["backup", "restore", "verify"])
def test_a_command_with_a_section_has_its_options_there(build, command):
    usage = dict(chatctl_rows(build, "command"))[command]
    shown = "\n".join(sections(build / "man/chatctl.1")[command.upper()])
    wanted = set(re.findall(r"--[a-z-]+", usage))
    others = {"--end-tokens", "--store"}  # what it leads to
    assert wanted <= set(re.findall(r"--[a-z-]+", shown)) <= wanted | others


def table_in(source, pattern):
    """Rows of a table of chat-tui, as its source has them."""
    return re.findall(pattern, (ROOT / "client" / source).read_text())


def test_chat_tui_has_its_commands(build):
    commands = table_in("model/command.c", r'\{"([a-z]+)", "([^"]*)",')
    wanted = [f"/{name} {usage}".strip() for name, usage in commands]
    assert len(wanted) > 30
    shown = sections(build / "man/chat-tui.1")["COMMANDS"]
    assert items(shown) == sorted(wanted)


def test_chat_tui_has_its_keys():
    bound = set(table_in("ui/keys.c", r'\{"([^"]+)", (?:NULL|")'))
    page = (ROOT / "man/chat-tui.1.scd").read_text()
    section = page.split("# KEYS\n", 1)[1].split("\n# ", 1)[0]
    named = {name.replace("\\", "") for name in re.findall(r"\*([^*\n]+)\*", section)}
    wanted = {part for name in bound for part in name.split(" to ")}
    on_a_message = {"k", "j", "r", "e", "d", "+", "g", "/"}
    assert named - on_a_message == wanted
