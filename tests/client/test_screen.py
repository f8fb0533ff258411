"""What a person sees: screens of chat-tui in a private tmux server."""

import os
import re
import subprocess

import pytest
from conftest import CHAT_TUI
from drivers.lines import DEADLINE, wait_until
from drivers.wire import Wire

DAY = re.compile(r"\w+, +\d+ \w+ \d{4}")
TIME = re.compile(r"\b\d\d:\d\d\b")


def rows(terminal):
    """The rows that have something, without what depends on the day."""
    screen = DAY.sub("DAY", TIME.sub("HH:MM", terminal.screen()))
    lines = [re.sub(r"─+", "─", line).rstrip() for line in screen.split("\n")]
    lines = [re.sub(r"(│.*?) +│", r"\1 │", line) for line in lines]  # the pane
    return [line for line in lines if line.strip(" │")]


def wait_rows(terminal, expected):
    try:
        wait_until(lambda: rows(terminal) == expected, "the golden screen")
    except AssertionError:
        assert rows(terminal) == expected


# ---- golden screens ----

GOLDEN = {
    (80, 24): [
        " Rooms           │ #lobby  2 members",
        " 1 lobby         │",
        "                 │─ DAY ─",
        "                 │ HH:MM         →  bob joined",
        "                 │ HH:MM       bob  hello there",
        "                 │ HH:MM       bob  日本語のテキスト and 👩👩👧 a family",
        "                 │ HH:MM       bob  a line that is so long that it needs more",
        "                 │                  than one row of most screens",
        "                 │ HH:MM         →  ann joined",
        "                 │ ann · online ─",
        "                 │›",
    ],
    (40, 10): [
        " #lobby  2 members",
        "      bob hello there",
        "      bob 日本語のテキスト and 👩👩👧 a",
        "          family",
        "      bob a line that is so long that it",
        "          needs more than one row of",
        "          most screens",
        "        → ann joined",
        " ann · online ─",
        "›",
    ],
    (200, 50): [
        " Rooms                     │ #lobby  2 members │ Members 2",
        " 1 lobby                   │ │ ●  ann",
        "                           │ │ ●  bob",
        "                           │─ DAY ─│",
        "                           │ HH:MM              →  bob joined │",
        "                           │ HH:MM            bob  hello there │",
        "                           │ HH:MM            bob  日本語のテキスト and 👩👩👧 a family │",
        "                           │ HH:MM            bob  a line that is so long that it"
        " needs more than one row of most screens │",
        "                           │ HH:MM              →  ann joined │",
        "                           │ ann · online ─│",
        "                           │› │",
    ],
    (20, 5): [
        "      of most",
        "      screens",
        "    → ann joined",
        " ann · online ─",
        "›",
    ],
}


def scene(speak, start, width, height):
    """Bob has said three things; ann comes."""
    bob = speak("bob")
    bob.say("hello there")
    bob.say("日本語のテキスト and 👩‍👩‍👧 a family")
    bob.say("a line that is so long that it needs more than one row of most screens")
    bob.wait_sent()
    return start("ann", width=width, height=height)


@pytest.mark.parametrize(("width", "height"), GOLDEN)
def test_the_screen_is_as_drawn(speak, start, width, height):
    wait_rows(scene(speak, start, width, height), GOLDEN[width, height])


def test_every_size_shows_the_same_room(speak, start):
    terminal = scene(speak, start, 80, 24)
    wait_rows(terminal, GOLDEN[80, 24])
    for width, height in [(20, 5), (400, 120), (40, 10), (21, 6), (200, 50), (80, 24)]:
        terminal.resize(width, height)
        terminal.wait_for("online")
        terminal.wait_for("ann joined" if width > 21 else "ann")
        if (width, height) in GOLDEN:
            wait_rows(terminal, GOLDEN[width, height])


def test_a_screen_that_is_too_small_says_so(start):
    terminal = start(width=80, height=24)
    terminal.wait_for("ann joined")
    terminal.resize(10, 3)
    terminal.wait_for("too small")
    terminal.resize(80, 24)
    terminal.wait_for("ann joined")
    assert "too small" not in terminal.screen()


def test_a_reply_shows_the_start_of_what_it_answers(start, chatd):
    terminal = start()
    terminal.wait_for("ann joined")
    bob = Wire(chatd.url)
    bob.hello("bob")
    bob.join("lobby")
    question = "what \x1b[2J do you think of this long idea of mine, now\nor not"
    asked = bob.send("lobby", question)["seq"]
    bob.send("lobby", "much", reply_to=asked)
    bob.close()
    terminal.wait_for("bob  much")
    above = rows(terminal)[-4].strip(" │")
    assert above.startswith("↳ bob: what ␛[2J do you think of this long")
    assert above.endswith("…")


# ---- writing ----


def test_the_line_is_edited_and_sent(start):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.type("word hello")
    terminal.press("C-a", "M-d", "C-d", "C-e")
    terminal.say(", all")
    terminal.wait_for("ann  hello, all")
    terminal.press("Up")
    terminal.wait_for("› hello, all")
    terminal.press("C-u")
    terminal.wait_gone("› hello")


def test_a_paste_is_not_sent_by_itself(start, folder):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.paste("first line\nsecond \x1b[2Jline\n")
    terminal.wait_for("second [2Jline")
    assert "ann  first" not in terminal.screen()
    terminal.press("BSpace", "Enter")
    terminal.wait_for("ann  first line")
    screen = terminal.screen().split("\n")
    first = next(i for i, line in enumerate(screen) if "ann  first" in line)
    assert screen[first + 1].index("second") == screen[first].index("first")


def test_alt_enter_begins_a_new_line(start):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.type("one")
    terminal.press("M-Enter")
    terminal.say("two")
    terminal.wait_for("ann  one")
    terminal.wait_for("  two")


def test_tab_completes_who_spoke(speak, start):
    speak("bobby").say("hi")
    terminal = start()
    terminal.wait_for("bobby  hi")
    terminal.type("bo")
    terminal.press("Tab")
    terminal.wait_for("› bobby:")


def test_unknown_keys_type_nothing(start):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.press("F7", "M-F9", "C-S-F3")
    terminal.type("x")
    terminal.wait_for("› x")
    assert "›  x" not in terminal.screen()


# ---- rooms ----


def test_unread_rooms_are_counted_and_found(speak, start):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.say("/join dev")
    terminal.wait_for("#dev")
    terminal.press("M-2")
    terminal.wait_for("#lobby")
    bob = speak("bob", "dev")
    for number in range(3):
        bob.say(f"news {number}")
    wait_until(lambda: " 1 dev         3 │" in rows(terminal), "3 unread")
    terminal.press("M-a")
    terminal.wait_for("news 2")
    terminal.wait_for(" new ")
    wait_until(lambda: not re.search(r"dev +3", terminal.screen()), "none unread")
    bob.say("more")
    terminal.wait_for("more")
    lines = terminal.screen().split("\n")
    mark = next(i for i, line in enumerate(lines) if " new " in line)
    assert "news 0" in lines[mark + 1]


def test_rooms_are_listed_and_left(speak, start):
    speak("bob", "garden")
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.say("/rooms g")
    terminal.wait_for("#garden")
    terminal.say("/leave")
    terminal.wait_for("You are in no room")


def test_help_has_keys_and_commands(start):
    terminal = start(width=200, height=110)
    terminal.wait_for("ann joined")
    terminal.say("/help")
    for text in ("/join ROOM", "/retry", "/help keys"):
        terminal.wait_for(text)
    terminal.say("/help keys")
    for text in ("Alt-Enter", "Ctrl-W"):
        terminal.wait_for(text)
    terminal.say("/help next")
    terminal.wait_for("Go to the next room")


# ---- reading ----


def test_older_messages_are_loaded_while_scrolling(speak, start):
    bob = speak("bob")
    for number in range(400):
        bob.say(f"message {number:03}")
    bob.wait_sent()
    terminal = start()
    terminal.wait_for("message 399")

    def page_up():
        terminal.press("PPage")
        return "bob joined" in terminal.screen()

    wait_until(page_up, "the oldest entry")
    terminal.wait_for("message 000")
    bob.say("something new")
    terminal.wait_for("1 new")
    assert "bob joined" in terminal.screen()
    terminal.press("End")
    terminal.wait_for("something new")
    assert "message 399" in terminal.screen()


def test_hostile_text_acts_on_nothing(speak, start, folder):
    terminal = start()
    terminal.wait_for("ann joined")
    output = folder / "output"
    terminal.record(output)
    speak("bob").say(
        "<\x1b[2J\x1b]0;owned\x07\u009b31m\u202edlrow\u200b\x7f\U000e0041> end"
    )
    terminal.wait_for("end")
    assert "<␛[2J␛]0;owned␇�31m�dlrow�␡�> end" in terminal.screen()
    raw = output.read_bytes()
    assert b"\x1b]0;owned" not in raw
    assert b"\x07" not in raw
    assert b"\xc2\x9b" not in raw
    assert "\u202e".encode() not in raw


def test_typing_is_shown_and_can_be_kept_secret(start):
    ann = start("ann")
    bob = start("bob", home="home-b")
    eve = start("eve", "--no-typing", home="home-e")
    ann.wait_for("3 members")
    bob.wait_for("online")
    eve.wait_for("online")
    eve.type("quiet")
    bob.type("x")
    ann.wait_for("bob is typing")
    assert "eve is" not in ann.screen()
    bob.press("Enter")
    ann.wait_gone("is typing")


# ---- the connection ----


def test_what_is_said_offline_is_sent_once(start, chatd):
    terminal = start()
    terminal.wait_for("online")
    terminal.wait_for("ann joined")
    chatd.kill()
    terminal.wait_for("offline, again in")
    terminal.say("said offline")
    terminal.wait_for("1 not sent yet")
    chatd.start()
    terminal.wait_for("online")
    terminal.wait_gone("not sent yet")
    assert terminal.screen().count("said offline") == 1


def test_a_restart_goes_on_as_the_same_user(start, chatd, folder):
    state = [f"XDG_STATE_HOME={folder}"]
    terminal = start(env=state)
    terminal.wait_for("ann joined")
    chatd.kill()
    terminal.wait_for("offline")
    terminal.say("kept for later")
    terminal.wait_for("1 not sent yet")
    terminal.say("/quit")
    assert terminal.wait_exit() == 0
    chatd.start()
    again = start(env=state, home="again")
    again.wait_for("ann  kept for later")
    assert again.screen().count("ann joined") == 1


def test_a_second_one_of_a_name_is_told(start, folder):
    state = [f"XDG_STATE_HOME={folder}"]
    start(env=state).wait_for("ann joined")
    start(env=state, home="again").wait_for("runs already")


def test_control_c_twice_quits(start):
    terminal = start()
    terminal.wait_for("ann joined")
    terminal.press("C-c")
    terminal.wait_for("Ctrl-C again quits")
    terminal.press("C-c")
    assert terminal.wait_exit() == 0


# ---- terminals ----


def test_a_dumb_terminal_is_refused(start):
    terminal = start(env=["TERM=dumb"])
    assert terminal.wait_exit() == 1


def test_no_terminal_is_refused_with_a_hint(chatd, folder):
    done = subprocess.run(
        [CHAT_TUI, chatd.url],
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 1
    assert "--headless works without one" in done.stderr


def test_colours_can_be_turned_off(speak, start):
    speak("bob").say("hello")
    with_colours = start()
    without = start("eve", env=["NO_COLOR=1"])
    for terminal in (with_colours, without):
        terminal.wait_for("bob  hello")
    assert "\x1b[38;5;" in with_colours.screen_with_colours()
    assert not re.search(r"\x1b\[([0-9;]*;)?[349][0-8]", without.screen_with_colours())


def test_the_chosen_room_has_colours_of_its_own(start):
    many = start("ann", env=["TERM=screen-256color"])
    few = start("bob", env=["TERM=screen"])
    for terminal in (many, few):
        terminal.wait_for("1 lobby")
    assert "38;5;231" in many.screen_with_colours()
    assert "48;5;24m" in many.screen_with_colours()
    assert "48;5;" not in few.screen_with_colours()
    assert re.search(r"7m(\x1b\[[0-9;]*m)* 1 lobby", few.screen_with_colours())


def test_few_colours_are_enough(speak, start):
    speak("bob").say("hello")
    for number, term in enumerate(("xterm", "vt100", "linux", "screen")):
        terminal = start(f"ann{number}", env=[f"TERM={term}"])
        terminal.wait_for("bob  hello")
        terminal.wait_for("online")
