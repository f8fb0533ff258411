"""chat-tui --headless as a script meets it: lines, outcomes, statuses."""

import json
import os
import subprocess

from conftest import CHAT_TUI
from drivers.lines import DEADLINE


def run(folder, url, lines, *options):
    """All at once; the status, the objects that were printed, the errors."""
    done = subprocess.run(
        [CHAT_TUI, url, "--headless", *options],
        input=lines,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        capture_output=True,
        timeout=DEADLINE,
    )
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, objects, done.stderr.decode(errors="replace")


def test_a_line_that_is_no_text_fails_alone(chatd, folder):
    status, objects, _ = run(folder, chatd.url, b"one\ncaf\xe9\na\0b\ntwo\n")
    failed = [entry["failed"] for entry in objects if "failed" in entry]
    assert status == 3
    assert [entry["text"] for entry in objects if "text" in entry] == ["one", "two"]
    assert [(line["line"], line["code"]) for line in failed] == [
        (2, "bad_request"),
        (3, "bad_request"),
    ]


def test_an_empty_line_fails_with_its_reason(chatd, folder):
    status, objects, _ = run(folder, chatd.url, b"one\n\n")
    failed = [entry["failed"] for entry in objects if "failed" in entry]
    assert status == 3
    assert [(line["line"], line["message"]) for line in failed] == [(2, "an empty line")]


def test_a_name_that_is_no_text_is_refused(chatd, folder):
    status, objects, errors = run(folder, chatd.url, b"one\n", "--name", b"a\xffb")
    assert (status, objects) == (1, [])
    assert "this is no name that others can see" in errors
