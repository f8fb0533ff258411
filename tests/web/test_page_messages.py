"""The page in Chromium: edits, deletes, reactions, mentions; accounts."""

import re

import pytest
from playwright.sync_api import expect
from support import (
    AUDIT,
    act_on,
    come_in,
    composer,
    dialog,
    fill_room,
    join,
    log,
    me,
    message,
    needs_chatd,
    room_button,
    say,
    show_people,
    use_tool,
)

pytestmark = needs_chatd


def test_an_own_message_is_edited(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    say(ann, "teh first")
    say(bob, "another")
    expect(log(ann)).to_contain_text("another")
    composer(ann).fill("")
    composer(ann).press("ArrowUp")
    expect(composer(ann)).to_have_value("teh first")
    composer(ann).fill("the first")
    composer(ann).press("Enter")
    for page in (ann, bob):
        expect(message(page, "the first")).to_contain_text("(edited)")
    expect(composer(ann)).to_have_value("")
    use_tool(ann, "the first", "Edit")
    ann.keyboard.press("Escape")
    expect(composer(ann)).to_have_value("")
    expect(message(bob, "the first").get_by_role("button", name="Edit")).to_have_count(0)
    bob.reload()
    expect(message(bob, "the first")).to_contain_text("(edited)")


def test_a_message_is_deleted_by_its_sender_or_a_moderator(enter):
    ann = enter("Ann")
    join(ann, "garden")
    bob = enter("Bob")
    join(bob, "garden")
    say(bob, "oh no")
    say(bob, "spam")
    use_tool(bob, "oh no", "Delete")
    dialog(bob).get_by_role("button", name="Cancel").click()
    expect(log(bob)).to_contain_text("oh no")
    use_tool(bob, "oh no", "Delete")
    dialog(bob).get_by_role("button", name="Delete").click()
    expect(log(ann)).to_contain_text("This message was deleted.")
    expect(log(ann)).not_to_contain_text("oh no")
    message(ann, "spam").focus()
    ann.keyboard.press("Delete")
    dialog(ann).get_by_role("button", name="Delete").click()
    expect(log(bob).get_by_text("This message was deleted.")).to_have_count(2)
    bob.reload()
    expect(log(bob).get_by_text("This message was deleted.")).to_have_count(2)


def test_reactions_are_counted_and_toggled(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    say(ann, "cake?")
    use_tool(bob, "cake?", "React")
    picker = bob.get_by_role("dialog", name="Pick a reaction")
    picker.get_by_role("textbox", name="Another emoji").fill("no")
    bob.keyboard.press("Enter")
    expect(picker.get_by_role("alert")).to_contain_text("no single emoji")
    picker.get_by_role("button", name="cake").click()
    chip = message(ann, "cake?").get_by_role("button", name="cake, 1: Bob")
    expect(chip).to_have_attribute("aria-pressed", "false")
    chip.click()
    chip = message(ann, "cake?").get_by_role("button", name="cake, 2: you, Bob")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(message(bob, "cake?").get_by_role("button", name="cake, 2: you, Ann")).to_be_visible()
    chip.click()
    expect(message(bob, "cake?").get_by_role("button", name="cake, 1: you")).to_be_visible()
    # By keyboard: the emoji used last is the first one.
    message(bob, "cake?").focus()
    bob.keyboard.press("a")
    expect(picker.get_by_role("button").first).to_be_focused()
    expect(picker.get_by_role("button").first).to_have_accessible_name("cake")
    bob.keyboard.press("ArrowRight")
    bob.keyboard.press("Enter")
    chips = message(ann, "cake?").get_by_role("group", name="Reactions").get_by_role("button")
    expect(chips).to_have_count(2)
    ann.reload()
    expect(chips).to_have_count(2)


def test_a_mention_is_completed_marked_and_counted(enter):
    ann = enter("Ann")
    join(ann, "garden")
    bob = enter("Bob")
    show_people(bob)
    expect(bob.get_by_role("list", name="Members")).to_contain_text("Ann")
    composer(bob).press_sequentially("hi @an")
    option = bob.get_by_role("listbox").get_by_role("option", name="Ann")
    expect(option).to_have_attribute("aria-selected", "true")
    composer(bob).press("Tab")
    expect(composer(bob)).to_have_value("hi @Ann ")
    composer(bob).press("Enter")
    expect(room_button(ann, "lobby")).to_have_accessible_name("lobby, 1 new message, 1 mention of you")
    expect(ann).to_have_title(re.compile(r"^\(@ 1\) #garden"))
    room_button(ann, "lobby").click()
    expect(message(ann, "hi @Ann")).to_have_class(re.compile("addressed"))
    expect(ann).to_have_title(re.compile(r"^#lobby"))


def test_changes_survive_a_cut(enter, cable):
    ann = enter("Ann", url=cable.url)
    bob = enter("Bob")
    say(ann, "first")
    say(ann, "second")
    expect(message(bob, "second")).to_be_visible()
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(2)
    cable.cut()
    expect(ann.get_by_role("status")).to_contain_text("Connection lost")
    composer(ann).press("ArrowUp")
    composer(ann).fill("better")
    composer(ann).press("Enter")
    use_tool(ann, "first", "React")
    ann.get_by_role("button", name="thumbs up").click()
    expect(message(ann, "better").get_by_role("img", name="Sending")).to_be_visible()
    cable.mend()
    ann.on("dialog", lambda question: question.accept())
    ann.reload()
    expect(message(bob, "better")).to_contain_text("(edited)")
    expect(message(bob, "first").get_by_role("button", name="thumbs up, 1: Ann")).to_be_visible()


def test_a_quote_goes_to_a_message_that_is_not_loaded(enter):
    ann = enter("Ann")
    say(ann, "the very first")
    fill_room(ann, 110)
    use_tool(ann, "the very first", "Reply")
    say(ann, "I still think so")
    expect(log(ann).get_by_role("img", name="Sending")).to_have_count(0)
    ann.reload()
    quote = message(ann, "I still think so").get_by_role("button", name="An earlier message")
    quote.click()
    expect(log(ann).get_by_role("article").first).to_be_focused()
    expect(log(ann).get_by_role("article").first).to_contain_text("the very first")
    expect(log(ann).get_by_role("article").first).to_be_in_viewport()


def test_an_account_comes_back(open_page):
    page = open_page()
    come_in(page, "Register", "Ann", "short")
    expect(page.get_by_role("alert")).to_contain_text("at least 8")
    come_in(page, "Register", "Ann", "correct horse")
    expect(composer(page)).to_be_visible()
    say(page, "I am Ann")
    page.locator("#account").click()
    page.get_by_label("Old password").fill("wrong horse")
    page.get_by_label("New password").fill("battery staple")
    page.get_by_role("button", name="Change the password").click()
    expect(dialog(page).get_by_role("alert")).to_have_text("That is not the old password.")
    page.get_by_label("Old password").fill("correct horse")
    page.get_by_role("button", name="Change the password").click()
    expect(dialog(page).get_by_role("status")).to_contain_text("is changed")
    page.reload()
    expect(me(page)).to_contain_text("Ann")

    other = open_page()
    come_in(other, "Register", "ann", "something else")
    expect(other.get_by_role("alert")).to_contain_text("belongs to an account")
    come_in(other, "Log in", "ann", "correct horse")
    expect(other.get_by_role("alert")).to_have_text("The name or the password is wrong.")
    come_in(other, "Log in", "ann", "battery staple")
    expect(log(other)).to_contain_text("I am Ann")

    other.locator("#account").click()
    other.get_by_role("button", name="Log out everywhere").click()
    dialog(other).get_by_role("button", name="Log out").click()
    for left in (page, other):
        expect(left.get_by_role("textbox", name="Name")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    assert other.evaluate("Object.keys(localStorage)") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_controls_are_right_for_screen_readers_and_weak_eyes(enter, scheme):
    ann = enter("Ann", color_scheme=scheme)
    join(ann, "garden")
    bob = enter("Bob")
    join(bob, "garden")
    show_people(ann)
    say(bob, "hi @Ann")
    say(ann, "well")
    composer(ann).press("ArrowUp")
    composer(ann).press("Escape")
    use_tool(ann, "hi @Ann", "React")
    ann.get_by_role("button", name="heart", exact=True).click()
    expect(log(bob).get_by_role("button", name="heart, 1: Ann")).to_be_visible()
    message(ann, "hi @Ann").focus()
    assert ann.evaluate(AUDIT) == []
    act_on(ann, "Bob", "Ban…")
    assert ann.evaluate(AUDIT) == []
    ann.keyboard.press("Escape")
    ann.locator("#account").click()
    assert ann.evaluate(AUDIT) == []
