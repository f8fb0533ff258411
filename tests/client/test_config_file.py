"""chat-tui.conf: what the command line does not say."""

import json
import subprocess

import pytest
from conftest import CHAT_TUI
from drivers.lines import DEADLINE
from drivers.programs import environment


@pytest.fixture
def own(folder):
    """The user's own file, which is not there yet."""
    path = folder / ".config/chat-tui/chat-tui.conf"
    path.parent.mkdir(parents=True)
    return path


def run(folder, *words, lines="", **variables):
    return subprocess.run(
        [CHAT_TUI, *map(str, words)],
        input=lines,
        env={**environment(folder), **variables},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )


def said(done):
    """Room, name and text of what was sent and came back."""
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        (entry["room"], entry["from"]["name"], entry["text"])
        for entry in entries
        if "text" in entry
    ]


def test_the_file_says_server_room_and_name(chatd, folder, own):
    own.write_text(
        f"; where I am mostly\nurl = {chatd.url}\nroom = #den\nname = ann\n"
        "no-bell = on\naway-after = 5\n"
    )
    done = run(folder, "--headless", lines="one\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert said(done) == [("den", "ann", "one")]


def test_the_command_line_wins(chatd, folder, own):
    own.write_text("url = ws://127.0.0.1:9/ws\nroom = den\nname = ann\n")
    words = [chatd.url, "--headless", "--room", "lobby", "--name", "bob"]
    done = run(folder, *words, lines="one\n")
    assert said(done) == [("lobby", "bob", "one")]


def test_a_file_may_be_named(chatd, folder, own):
    own.write_text("room = den\n")
    named = folder / "other.conf"
    named.write_text(f"url = {chatd.url}\nroom = attic\n")
    done = run(folder, "--config", named, "--headless", lines="one\n")
    assert [room for room, _, _ in said(done)] == ["attic"]


def test_xdg_config_home_is_where_it_is(chatd, folder, own):
    elsewhere = folder / "xdg/chat-tui"
    elsewhere.mkdir(parents=True)
    own.write_text("room = den\n")
    (elsewhere / "chat-tui.conf").write_text(f"url = {chatd.url}\nroom = attic\n")
    home = str(folder / "xdg")
    done = run(folder, "--headless", lines="one\n", XDG_CONFIG_HOME=home)
    assert [room for room, _, _ in said(done)] == ["attic"]


def test_no_file_is_fine_unless_it_was_named(chatd, folder):
    assert run(folder, chatd.url, "--headless").returncode == 0
    done = run(folder, chatd.url, "--headless", "--config", folder / "none")
    assert done.returncode == 1
    assert f"{folder}/none: No such file or directory" in done.stderr


def test_every_mistake_is_told_with_its_line(folder, own):
    own.write_text(
        "room = den\nrooms = den\nno-bell = yes\nroom = lobby\n[here]\nname\n"
        "away-after = 9999\nheadless = on\nca-file =\nna\x1bme = ann\n" + "#" * 400
    )
    done = run(folder, "--headless")
    assert done.returncode == 1
    lines = [line.removeprefix(f"chat-tui: {own}") for line in done.stderr.splitlines()]
    assert lines == [
        ":2: rooms: no option of this file; see chat-tui.conf(5)",
        ":4: room: stands there twice",
        ":5: sections such as [this] have no meaning",
        ":6: this is no `name = value`",
        ":8: headless: no option of this file; see chat-tui.conf(5)",
        ":10: na␛me: no option of this file; see chat-tui.conf(5)",
        ":11: the line is longer than 198 bytes",
        ":7: away-after: takes a number from 0 to 1440",
        ":3: no-bell: takes on or off",
        ":9: ca-file: needs a value",
    ]


def test_who_one_is_comes_from_one_place(chatd, folder, own):
    own.write_text(
        f"url = {chatd.url}\nuser = annie\npassword-command = echo correct horse\n"
    )
    done = run(folder, "--headless", "--register", lines="one\n")
    assert said(done) == [("lobby", "annie", "one")]
    assert said(run(folder, "--headless", lines="two\n"))[0][1] == "annie"
    done = run(folder, "--headless", "--name", "bob", lines="three\n")
    assert said(done) == [("lobby", "bob", "three")]


def test_a_password_is_for_the_server_of_the_file(chatd, folder, own):
    """Else it would go to whatever server the command line names."""
    told = folder / "told"
    own.write_text(
        f"url = ws://127.0.0.1:9/ws\nuser = annie\npassword-command = touch {told}\n"
    )
    done = run(folder, chatd.url, "--headless", lines="one\n")
    assert done.returncode == 0
    assert [name != "annie" for _, name, _ in said(done)] == [True]
    assert not told.exists()
    assert run(folder, "--headless", "--timeout", "1").returncode != 0
    assert told.exists()


def test_a_flag_of_the_file_can_be_taken_back(folder, own):
    own.write_text("no-bell = on\n")
    assert run(folder, "--no-bell=off", "--version").returncode == 0
    done = run(folder, "--no-bell=maybe")
    assert (done.returncode, done.stderr) == (1, "chat-tui: --no-bell takes on or off\n")
    done = run(folder, "--headless=off")
    assert done.returncode == 1
