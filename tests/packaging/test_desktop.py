"""chat-tui in menus and in software centres."""

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from conftest import ROOT

DESKTOP = ROOT / "packaging/desktop"
METAINFO = DESKTOP / "chat-tui.metainfo.xml"


def output_of(command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]}")
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_entry_is_valid():
    entry = DESKTOP / "chat-tui.desktop"
    assert output_of(["desktop-file-validate", entry]) == (0, "")


def test_the_metainfo_is_valid():
    status, output = output_of(["appstreamcli", "validate", "--no-net", METAINFO])
    assert status == 0, output


def test_the_parts_name_each_other():
    component = ElementTree.parse(METAINFO).getroot()
    entry = (DESKTOP / component.findtext("launchable")).read_text()
    assert f"Exec={component.findtext('provides/binary')}\n" in entry
    assert f"Icon={component.findtext('icon')}\n" in entry
    assert (DESKTOP / f"{component.findtext('icon')}.svg").exists()


def test_the_screenshot_is_one_of_the_documents():
    image = ElementTree.parse(METAINFO).getroot().findtext(".//image")
    assert (ROOT / "docs/images" / image.rsplit("/", 1)[1]).exists()
