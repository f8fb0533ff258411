"""docs/packaging.md says what is there."""

import fnmatch
import re

from conftest import ROOT

TEXT = (ROOT / "docs/packaging.md").read_text()


def column(heading):
    """The names in the first column of the table that begins so."""
    table = TEXT.split(f"\n| {heading} |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines()[2:]]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def takes(pattern, path):
    return fnmatch.fnmatch(path, pattern)


def test_what_is_installed_is_in_the_table(installed):
    paths = [re.sub(r"^lib/[^/]*linux[^/]*/", "lib/", path) for path in installed]
    patterns = column("below the prefix")
    assert [p for p in paths if not any(takes(q, p) for q in patterns)] == []
    assert [q for q in patterns if not any(takes(q, p) for p in paths)] == []


def test_options_of_the_build_are_in_the_table():
    options = re.findall(r"option\(\n  '(\w+)'", (ROOT / "meson_options.txt").read_text())
    assert sorted(column("option of meson")) == sorted(options)
