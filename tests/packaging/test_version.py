"""The version is meson.build's. The header has it too, for programs."""

import re
import subprocess

import pytest
from conftest import ROOT


def test_the_header_has_the_version():
    header = (ROOT / "include/chat/client.h").read_text()
    parts = re.findall(r"^#define CHAT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.M)
    told = subprocess.run(
        [ROOT / "packaging/version.sh"], check=True, capture_output=True, text=True
    ).stdout
    assert ".".join(parts) == told.strip()


def test_the_changelog_has_the_version():
    told = re.search(r"^  version: '(.*)'", (ROOT / "meson.build").read_text(), re.M)[1]
    assert f"\n## [{told}] - " in (ROOT / "CHANGELOG.md").read_text()


KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def test_the_changelog_is_in_the_form_of_keep_a_changelog():
    head, *versions = (ROOT / "CHANGELOG.md").read_text().split("\n## ")
    assert head.startswith("# Changelog\n") and "keepachangelog.com" in head
    numbers = []
    for version in versions:
        heading, *parts = version.split("\n### ")
        first = heading.splitlines()[0]
        match = re.fullmatch(
            r"\[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d\d-\d\d|unreleased)|\[Unreleased\]", first
        )
        assert match, first
        numbers.append(tuple(map(int, match.groups()[:3])) if match[1] else (999,))
        kinds = [part.splitlines()[0] for part in parts]
        assert kinds and kinds == [kind for kind in KINDS if kind in kinds]
        for part in parts:
            lines = part.splitlines()[1:]
            assert all(re.match(r"- |  |$", line) for line in lines)
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("program", ["client/chat-tui", "server/chatctl", "server/chatd"])
def test_programs_have_the_version(build, program):
    done = subprocess.run([build / program, "--version"], capture_output=True, text=True)
    told = subprocess.run([ROOT / "packaging/version.sh"], capture_output=True, text=True)
    assert done.stdout == f"{program.split('/')[1]} {told.stdout}"
