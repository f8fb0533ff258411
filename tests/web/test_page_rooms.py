"""The page in Chromium: people, roles, invitations, direct rooms, topics."""

import re

from playwright.sync_api import expect
from support import (
    act_on,
    composer,
    dialog,
    join,
    log,
    needs_chatd,
    people,
    room_button,
    say,
    show_people,
)

pytestmark = needs_chatd


def create(page, room, private=False):
    page.get_by_role("button", name="Join or create a room").click()
    page.get_by_role("textbox", name="Name of the room").fill(room)
    if private:
        page.get_by_role("checkbox", name=re.compile("private")).check()
    dialog(page).get_by_role("button", name=re.compile(f"^{room}")).click()
    expect(page.get_by_role("heading", level=1, name=room)).to_be_visible()


def test_the_topic_is_changed_by_those_who_may(enter):
    ann = enter("Ann")
    create(ann, "garden")
    bob = enter("Bob")
    join(bob, "garden")
    expect(bob.get_by_role("button", name="Change the topic")).to_be_hidden()
    ann.get_by_role("button", name="Change the topic").click()
    dialog(ann).get_by_role("textbox", name="Topic").fill("a\u202eb")
    dialog(ann).get_by_role("button", name="Save").click()
    expect(dialog(ann).get_by_role("alert")).to_contain_text("invisible")
    dialog(ann).get_by_role("textbox", name="Topic").fill("<b>Roses</b> 🌹")
    dialog(ann).get_by_role("button", name="Save").click()
    expect(dialog(ann)).to_be_hidden()
    for page in (ann, bob):
        expect(page.locator("#room-topic")).to_contain_text("<b>Roses</b> 🌹")
        expect(log(page)).to_contain_text("Ann set the topic: <b>Roses</b>")


def test_roles_removals_and_bans(enter):
    ann = enter("Ann")
    create(ann, "garden")
    bob = enter("Bob")
    join(bob, "garden")
    eve = enter("Eve")
    join(eve, "garden")
    show_people(ann)
    show_people(bob)
    bobs_menu = people(bob).get_by_role("button", name="Actions for Eve")
    bobs_menu.click()
    expect(bob.get_by_role("menuitem")).to_have_text(["Message"])
    bob.keyboard.press("Escape")
    expect(bobs_menu).to_be_focused()

    act_on(ann, "Bob", "Make a moderator")
    expect(people(bob).get_by_role("listitem").filter(has_text="Bob")).to_contain_text("Moderator")
    act_on(bob, "Eve", "Remove from the room…")
    dialog(bob).get_by_role("textbox", name=re.compile("^Reason")).fill("too loud")
    dialog(bob).get_by_role("button", name="Remove").click()
    expect(dialog(bob)).to_be_hidden()
    expect(eve.get_by_role("alert")).to_have_text("Bob removed you from #garden.")
    expect(room_button(eve, "garden")).to_have_count(0)
    expect(log(ann)).to_contain_text("Bob removed Eve: too loud")

    join(eve, "garden")
    act_on(bob, "Eve", "Ban…")
    dialog(bob).get_by_role("button", name="Ban").click()
    expect(room_button(eve, "garden")).to_have_count(0)
    eve.get_by_role("button", name="Join or create a room").click()
    eve.get_by_role("textbox", name="Name of the room").fill("garden")
    eve.keyboard.press("Enter")
    expect(dialog(eve).get_by_role("alert")).to_have_text("You are banned from this room.")
    eve.keyboard.press("Escape")

    people(bob).get_by_role("button", name="Banned").click()
    act_on(bob, "Eve", "Lift the ban")
    expect(people(bob)).to_contain_text("Nobody")
    join(eve, "garden")
    expect(log(ann)).to_contain_text("Bob lifted the ban of Eve")


def test_an_owner_gives_the_room_away(enter):
    ann = enter("Ann")
    create(ann, "garden")
    bob = enter("Bob")
    join(bob, "garden")
    show_people(ann)
    act_on(ann, "Ann", "Become a member")
    dialog(ann).get_by_role("button", name="Give up").click()
    expect(people(ann).get_by_role("alert")).to_contain_text("Make somebody else an owner first")
    act_on(ann, "Bob", "Make an owner")
    dialog(ann).get_by_role("button", name="Make an owner").click()
    expect(bob.get_by_role("button", name="Change the topic")).to_be_visible()
    act_on(ann, "Ann", "Become a member")
    dialog(ann).get_by_role("button", name="Give up").click()
    expect(ann.get_by_role("button", name="Change the topic")).to_be_hidden()


def test_private_rooms_are_for_the_invited(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    eve = enter("Eve")
    show_people(ann)
    expect(people(ann)).to_contain_text("Eve")
    create(ann, "den", private=True)
    people(ann).get_by_role("button", name="Invite people").click()
    for name in ("Bob", "Eve"):
        dialog(ann).get_by_role("button", name=f"{name} Invite").click()
        expect(dialog(ann).get_by_role("status")).to_have_text(f"{name} is invited.")
    ann.keyboard.press("Escape")

    eve.get_by_role("button", name="Decline den").click()
    expect(eve.get_by_role("button", name="Join den")).to_have_count(0)
    expect(bob.get_by_role("list", name="Invitations")).to_contain_text("Invited by Ann")
    bob.get_by_role("button", name="Join den").click()
    expect(bob.get_by_role("heading", level=1, name="den")).to_be_visible()
    expect(bob.get_by_role("list", name="Invitations")).to_be_hidden()
    say(bob, "cosy")
    expect(log(ann)).to_contain_text("cosy")
    expect(people(ann).get_by_role("listitem").filter(has_text="Bob")).to_contain_text("Online")
    show_people(bob)
    expect(people(bob).get_by_role("button", name="Invite people")).to_have_count(0)

    people(ann).get_by_role("button", name="Invite people").click()
    dialog(ann).get_by_role("button", name="Eve Invite").click()
    expect(dialog(ann).get_by_role("status")).to_have_text("Eve is invited.")
    ann.keyboard.press("Escape")
    people(ann).get_by_role("button", name="Invited").click()
    act_on(ann, "Eve", "Take back the invitation")
    expect(eve.get_by_role("button", name="Join den")).to_have_count(0)


def test_two_people_talk_alone(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    show_people(ann)
    act_on(ann, "Bob", "Message")
    expect(ann.get_by_role("heading", level=1, name="Bob")).to_be_visible()
    ann.get_by_role("textbox", name="Message Bob").fill("psst")
    ann.keyboard.press("Enter")
    expect(room_button(bob, "Ann")).to_have_accessible_name("Ann, 1 new message")
    room_button(bob, "Ann").click()
    expect(log(bob)).to_contain_text("psst")
    bob.reload()
    expect(bob.get_by_role("heading", level=1, name="Ann")).to_be_visible()
    expect(room_button(bob, "Ann")).to_be_visible()


def test_presence_is_shown_and_comes_back(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    show_people(bob)
    ann.get_by_role("button", name=re.compile("^Ann Guest")).click()
    dialog(ann).get_by_role("radio", name="Do not disturb").check()
    ann.keyboard.press("Escape")
    expect(ann.locator("#account")).to_contain_text("Do not disturb")
    entry = people(bob).get_by_role("listitem").filter(has_text="Ann")
    expect(entry).to_contain_text("Do not disturb")
    ann.reload()
    expect(ann.locator("#account")).to_contain_text("Do not disturb")
    ann.locator("#account").click()
    expect(dialog(ann).get_by_role("radio", name="Do not disturb")).to_be_checked()
    dialog(ann).get_by_role("radio", name="Away").check()
    expect(entry).to_contain_text("Away")


def test_names_of_strangers_are_text(enter):
    name = "<img src=x> ٱلله"
    ann = enter(name)
    bob = enter("Bob")
    say(ann, "hello")
    show_people(bob)
    expect(people(bob)).to_contain_text("<img src=x>")
    assert people(bob).locator("img").count() == 0
    act_on(bob, name, "Message")
    expect(bob.get_by_role("heading", level=1)).to_contain_text("<img src=x>")
    expect(composer_of(bob)).to_be_visible()


def composer_of(page):
    return page.get_by_role("textbox", name=re.compile("^Message "))


def test_on_a_phone_the_people_are_a_drawer(enter):
    page = enter("Ann", viewport={"width": 360, "height": 640})
    show_people(page)
    expect(page.get_by_role("button", name="Close the list of people")).to_be_focused()
    page.keyboard.press("Escape")
    expect(people(page)).to_be_hidden()
    expect(page.get_by_role("button", name="People", exact=True)).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(composer(page)).to_be_visible()
