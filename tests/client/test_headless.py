"""chat-tui --headless as a script meets it: lines, outcomes, statuses."""

import json
import os
import subprocess

import pytest
from conftest import CHAT_TUI
from drivers.lines import DEADLINE
from drivers.wire import Wire, new_key


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


def test_an_account_signs_in(chatd, folder):
    account = ["--user", "annie", "--password-command"]
    right = [*account, "echo correct horse"]
    status, objects, _ = run(folder, chatd.url, b"one\n", *right, "--register")
    assert status == 0
    assert [entry["from"]["name"] for entry in objects if "text" in entry] == ["annie"]
    status, objects, _ = run(folder, chatd.url, b"two\n", *right)
    assert status == 0
    assert [entry["text"] for entry in objects if "text" in entry] == ["two"]
    status, objects, errors = run(folder, chatd.url, b"three\n", *account, "echo no horse")
    assert (status, objects) == (2, [])
    assert "horse" not in errors
    assert run(folder, chatd.url, b"", *account, "false")[0] == 1


@pytest.mark.parametrize(
    "command",
    [
        "echo correct horse; sleep 0.2; echo its name",
        "yes correct horse | head -n 1",
        "cat; echo correct horse",
    ],
)
def test_a_command_for_a_password_may_do_more(chatd, folder, command):
    """Print notes behind it, break a pipe of its own, read what is none of its."""
    account = ["--user", "annie", "--password-command", command, "--register"]
    status, objects, errors = run(folder, chatd.url, b"one\n", *account)
    assert (status, errors) == (0, "")
    assert [entry["text"] for entry in objects if "text" in entry] == ["one"]


def test_a_command_without_end_gives_no_password(chatd, folder):
    account = ["--user", "annie", "--password-command", "exec yes", "--register"]
    status, _, errors = run(folder, chatd.url, b"", *account)
    assert (status, errors) == (1, "chat-tui: there is no password for: annie\n")


def test_a_file_without_certificates_is_named(folder):
    url = "wss://127.0.0.1:9/ws"
    status, _, errors = run(folder, url, b"", "--ca-file", str(folder / "none.pem"))
    told = f"no certificates can be read from this file: {folder}/none.pem"
    assert (status, errors) == (2, f"chat-tui: {told}\n")


def test_entries_of_all_kinds_are_printed(chatd, folder):
    bob = Wire(chatd.url)
    bob.hello("bob")
    bob.join("dev", create=True)
    seq = bob.send("dev", "one")["seq"]
    for action, body in [
        ("edit", {"ref": seq, "text": "two"}),
        ("react", {"ref": seq, "emoji": "👍", "on": True}),
        ("topic", {"topic": "three"}),
        ("delete", {"ref": seq}),
    ]:
        bob.ask(action, room="dev", key=new_key(), **body)
    bob.close()
    status, objects, _ = run(folder, chatd.url, b"", "--room", "dev", "--history", "50")
    kinds = [entry["event"] for entry in objects]
    assert status == 0
    assert kinds == ["join", "message", "edit", "react", "topic", "delete", "join"]
