"""A manual page names the options that its program has, and no other."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
PROGRAMS = [("server/chatd", "chatd.8"), ("client/chat-tui", "chat-tui.1")]


@pytest.mark.parametrize(("program", "page"), PROGRAMS)
def test_the_page_has_the_options_of_the_help(build, program, page):
    done = subprocess.run(
        [build / program, "--help"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0
    text = (build / "man" / page).read_text().replace(r"\-", "-")
    headings = re.findall(r"^\\fB(--.*)\n\.RS", text.replace(r"\fR", " "), re.MULTILINE)
    in_page = set(OPTION.findall("\n".join(headings)))
    assert in_page == set(OPTION.findall(done.stdout))


@pytest.mark.parametrize("program", [program for program, _ in PROGRAMS])
def test_the_version_is_told(build, program):
    done = subprocess.run(
        [build / program, "--version"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)


@pytest.mark.parametrize("program", [program for program, _ in PROGRAMS])
def test_a_wrong_option_is_a_usage_error(build, program):
    done = subprocess.run(
        [build / program, "--nonsense"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 1
    assert "nonsense" in done.stderr


@pytest.mark.parametrize(
    "page", sorted((ROOT / "man").glob("*.scd")), ids=lambda p: p.stem
)
def test_every_page_is_built(build, page):
    assert (build / "man" / page.stem).stat().st_size > 200


def test_every_function_has_a_line_in_section_3():
    header = (ROOT / "include/chat/client.h").read_text()
    functions = re.findall(r"^CHAT_API [^;(]*?(\w+)\(", header, re.MULTILINE)
    assert len(functions) > 20
    text = (ROOT / "man/libchatclient.3.scd").read_text()
    assert [name for name in functions if name not in text] == []


@pytest.mark.parametrize(
    ("heading", "section"), [("action", "ACTIONS"), ("event", "EVENTS")]
)
def test_section_7_has_every_name_of_the_protocol(heading, section):
    protocol = (ROOT / "docs/protocol.md").read_text()
    table = protocol.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    names = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    assert len(names) > 10
    page = (ROOT / "man/chat-protocol.7.scd").read_text()
    listed = page.split(f"# {section}\n", 1)[1].split("\n# ", 1)[0]
    assert sorted(re.findall(r"\*(\w+)\*", listed)) == sorted(names)
