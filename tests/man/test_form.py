"""Pages keep what scdoc made of them, and lead to pages that are there."""

import pathlib
import re
import shutil
import subprocess

import page as pages
import pytest
from shown import sections, text

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "man").glob("*.scd"))
LEADS_TO = re.compile(r"\\fB([\w.\\&-]+)\\fR\((\d)\)")
OF_THE_SYSTEM = {"cp.1", "mandoc.1", "poll.2", "sh.1"}


def words_of(page):
    """In no order: in the cells of a table they stand beside each other."""
    return sorted(re.sub(r"-\n\s+", "-", text(page)).split())


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_the_text_is_that_of_scdoc(source, tmp_path):
    """Line by line, but for columns of tables, and lines that ended in names."""
    done = subprocess.run(
        ["scdoc"], input=source.read_text(), check=True, capture_output=True, text=True
    )
    raw, before, after = (tmp_path / f"{name}.1" for name in ("raw", "before", "after"))
    raw.write_text(done.stdout)
    before.write_text(pages.with_whole_names(pages.with_fitted_tables(done.stdout)))
    after.write_text(pages.render("scdoc", source.read_text()))
    assert text(after).splitlines()[1:-1] == text(before).splitlines()[1:-1]
    assert words_of(before) == words_of(raw)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_no_backslash_is_lost(source):
    """scdoc takes a single one out of literal text."""
    for block in re.findall(r"^```\n(.*?)^```", source.read_text(), re.M | re.S):
        assert "\\" not in block.replace("\\\\", ""), block


def all_pages(build):
    return sorted((build / "man").glob("*.[1-9]"))


@pytest.mark.skipif(shutil.which("nroff") is None, reason="no groff")
def test_man_shows_pages_without_complaint(build):
    """Nor hyphens in names, which would be neither found nor copied."""
    command = ["nroff", "-c", "-t", "-rLL=78n", "-Tutf8", "-mandoc"]
    for page in all_pages(build):
        done = subprocess.run([*command, page], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), page.name
        shown = re.sub(".\b", "", done.stdout)
        assert not re.search("\N{HYPHEN}\n|[a-z]-\n", shown), page.name


def test_pages_lead_to_pages_that_are_there(build):
    there = {page.name for page in all_pages(build)} | OF_THE_SYSTEM
    for page in all_pages(build):
        names = {
            f"{name}.{section}".replace("\\&", "").replace("\\", "")
            for name, section in LEADS_TO.findall(page.read_text())
        }
        assert names - there == set(), page.name


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_a_page_has_examples(build, source):
    assert any(sections(build / "man" / source.stem)["EXAMPLES"])
