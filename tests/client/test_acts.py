"""What a person does to messages, people and accounts, by commands and keys."""

import pytest
from drivers.wire import Wire, new_key
from test_screen import rows

SIZES = [(60, 15), (80, 24), (120, 40)]
HOSTILE = "\x1b[2J\x1b]0;owned\x07\u009b31m"


@pytest.fixture
def bob(chatd):
    """The owner of #dev, who speaks the wire's own language."""
    person = Wire(chatd.url)
    person.hello("bob")
    person.join("dev", create=True)
    yield person
    person.close()


@pytest.fixture
def ann(start, bob):
    terminal = start("ann", "--room", "dev")
    terminal.wait_for("ann joined")
    bob.take("join", lambda event: event["from"]["name"] == "ann")
    return terminal


def do(person, action, room="dev", **body):
    return person.ask(action, room=room, key=new_key(), **body)


def id_of(person, name, room="dev"):
    members = person.ask("members", room=room)["members"]
    return next(member["id"] for member in members if member["name"] == name)


def rows_with(terminal, text):
    return [line for line in rows(terminal) if text in line]


# ---- messages ----


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_message_is_answered_edited_and_deleted(start, bob, width, height):
    terminal = start("ann", "--room", "dev", width=width, height=height)
    terminal.wait_for("ann joined")
    bob.send("dev", "shall we?")
    terminal.wait_for("bob  shall we?")
    terminal.press("M-Up")
    terminal.wait_for("bob› shall we?")
    terminal.wait_for("r reply")
    terminal.type("r")
    terminal.wait_for("reply to bob: shall we?")
    terminal.say("yse")
    terminal.wait_for("ann  yse")
    terminal.wait_for("↳ bob: shall we?")
    terminal.wait_gone("reply to")
    terminal.press("M-e")
    terminal.wait_for("edit ann: yse")
    terminal.wait_for("› yse")
    terminal.press("C-u")
    terminal.say("yes")
    terminal.wait_for("ann  yes (edited)")
    terminal.press("M-k")
    terminal.type("d")
    terminal.wait_for("delete this message of ann?")
    terminal.type("y")
    terminal.wait_for("ann  message deleted")
    assert "↳" not in terminal.screen()
    kinds = [entry["event"] for entry in bob.log("dev")]
    assert kinds[-3:] == ["message", "edit", "delete"]


def test_leaving_an_edit_brings_the_draft_back(ann):
    ann.say("first")
    ann.wait_for("ann  first")
    ann.type("a draft")
    ann.press("M-e")
    ann.wait_for("edit ann: first")
    ann.press("Escape")
    ann.wait_for("› a draft")
    assert "edit ann" not in ann.screen()


def test_reactions_show_with_their_number(ann, bob):
    seq = bob.send("dev", "done!")["seq"]
    ann.wait_for("bob  done!")
    ann.say("/react")
    ann.wait_for("react: 1 👍")
    ann.type("ta")
    ann.wait_for("🎉 tada")
    ann.press("Enter")
    ann.wait_for("[🎉 1]")
    do(bob, "react", ref=seq, emoji="🎉", on=True)
    ann.wait_for("[🎉 2]")
    ann.say("/react tada")
    ann.wait_for("🎉 1")
    ann.wait_gone("[🎉")


def test_what_was_done_before_shows_after_a_start(start, bob):
    seq = bob.send("dev", "wrnog")["seq"]
    do(bob, "edit", ref=seq, text="right")
    do(bob, "react", ref=seq, emoji="👍", on=True)
    gone = bob.send("dev", "gone")["seq"]
    do(bob, "delete", ref=gone)
    terminal = start("ann", "--room", "dev")
    terminal.wait_for("bob  right (edited)")
    terminal.wait_for("👍 1")
    terminal.wait_for("bob  message deleted")
    assert "wrnog" not in terminal.screen()


# ---- people ----


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_members_are_shown_beside_the_room(start, bob, width, height):
    terminal = start("ann", "--room", "dev", width=width, height=height)
    terminal.wait_for("ann joined")
    if width < 100:
        assert "Members" not in terminal.screen()
        terminal.press("F8")
    terminal.wait_for("● @bob")
    terminal.wait_for("●  ann")
    do(bob, "role", user=id_of(bob, "ann"), role="moderator")
    terminal.wait_for("● +ann")
    bob.ask("presence", state="away")
    terminal.wait_for("○ @bob")
    terminal.press("F8")
    terminal.wait_gone("Members")


def test_moderators_act_by_commands(ann, bob):
    do(bob, "role", user=id_of(bob, "ann"), role="owner")
    ann.wait_for("bob made ann an owner")
    ann.say("/topic all about it")
    ann.wait_for("#dev  2 members · all about it")
    ann.say("/role bob member")
    ann.wait_for("ann made bob a member")
    ann.type("/ki")
    ann.press("Tab")
    ann.type("b")
    ann.press("Tab")
    ann.wait_for("› /kick bob")
    ann.say("too loud")
    ann.wait_for("ann removed bob: too loud")
    ann.say("/ban bob spam")
    ann.wait_for("ann banned bob: spam")
    ann.say("/members banned")
    ann.wait_for("banned: bob#")
    ann.say("/unban bob")
    ann.wait_for("ann lifted the ban of bob")
    ann.say("/invite bob")
    ann.wait_for("ann invited bob")
    assert bob.take("membership", lambda event: event["state"] == "invited")


def test_an_invitation_is_shown_and_accepted(ann, bob):
    bob.join("den", create=True, private=True)
    do(bob, "invite", room="den", user=id_of(bob, "ann"))
    ann.wait_for("bob invites you to #den")
    assert rows_with(ann, "+ den by bob")
    ann.say("/accept")
    ann.wait_for("#den")
    ann.wait_gone("Invitations")
    do(bob, "kick", room="den", user=id_of(bob, "ann", "den"))
    ann.wait_for("bob removed you from #den")


def test_two_talk_alone(ann, bob):
    ann.say("/dm bob")
    ann.wait_for(" @bob  ")
    room = bob.take("membership", lambda event: event["state"] == "joined")["room"]
    ann.press("M-1")
    ann.wait_for("#dev")
    bob.send(room, "psst")
    ann.wait_for(" 2 @bob        1 │")


def test_a_mention_rings_and_is_counted(ann, bob, folder):
    output = folder / "output"
    ann.say("/join other")
    ann.wait_for("#other")
    ann.record(output)
    bob.send("dev", "@ann: look", mentions=[id_of(bob, "ann")])
    ann.wait_for(" 1 dev      @1 1 │")
    assert b"\x07" in output.read_bytes()
    ann.say("/next")
    ann.wait_for("bob@ @ann: look")
    ann.say("I see, @bob")
    ann.wait_for("ann  I see, @bob")
    mine = bob.take("message", lambda event: event["text"] == "I see, @bob")
    assert mine["mentions"] == [bob.user["id"]]


def test_hostile_names_topics_and_reasons_act_on_nothing(ann, bob, folder):
    """The server refuses controls in most of these; what it lets pass is text."""
    output = folder / "output"
    ann.record(output)
    seq = bob.send("dev", "a text")["seq"]
    do(bob, "edit", ref=seq, text=HOSTILE + "edited")
    ann.wait_for("edited (edited)")
    for action, body in [
        ("topic", {"topic": HOSTILE}),
        ("react", {"ref": seq, "emoji": "\x1b", "on": True}),
        ("kick", {"user": "999", "reason": HOSTILE}),
    ]:
        answer = bob.reply(bob.post(action, room="dev", key=new_key(), **body))
        assert "reply" in answer
    do(bob, "topic", topic="the end")
    ann.wait_for("· the end")
    raw = output.read_bytes()
    assert b"\x1b]0;owned" not in raw
    assert b"\x07" not in raw
    assert b"\xc2\x9b" not in raw


# ---- accounts ----


def test_an_account_is_made_left_and_entered(ann):
    ann.say("/register annie")
    ann.wait_for("new password of annie")
    ann.say("correct horse")
    ann.wait_for("new password again of annie")
    assert "horse" not in ann.screen()
    ann.say("correct horse")
    ann.wait_for("annie · online")
    ann.say("/logout")
    ann.wait_for("signed out")
    ann.say("/login annie")
    ann.wait_for("password of annie")
    ann.say("correct horse")
    ann.wait_for("annie · online")
    ann.say("/login annie")
    ann.wait_for("password of annie")
    ann.say("wrong horse")
    ann.wait_for("not signed in")
    ann.press("C-l")
    ann.wait_for("annie · online")
    assert "horse" not in ann.screen()


def test_the_command_line_signs_in(start):
    options = ["--user", "annie", "--password-command", "echo correct horse"]
    first = start("", "--register", *options, home="home-a")
    first.wait_for("annie · online")
    first.say("/quit")
    assert first.wait_exit() == 0
    start("", *options, home="home-b").wait_for("annie · online")
    asked = start("", "--user", "annie", home="home-c")
    asked.wait_for("password for annie:")
    asked.say("correct horse")
    asked.wait_for("annie · online")


def test_being_away_is_shown(ann, bob):
    ann.say("/away")
    ann.wait_for("others see that you are away")
    ann.press("C-l")
    ann.wait_for("ann · away")
    person = id_of(bob, "ann")
    bob.take("presence", lambda event: {"id": person, "presence": "away"} in event["users"])
    ann.say("/back")
    ann.press("C-l")
    ann.wait_for("ann · online")
