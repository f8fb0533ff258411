"""The version is meson.build's. The header has it too, for programs."""

import re
import subprocess

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
