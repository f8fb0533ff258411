"""The page in Chromium, against a real server: talking, history, reconnects."""

import re

import pytest
from playwright.sync_api import expect
from support import (
    AUDIT,
    click_unless_gone,
    composer,
    fill_room,
    join,
    log,
    me,
    needs_chatd,
    room_button,
    say,
    sign_in,
)


def test_two_pages_talk(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    say(ann, "hello from Ann")
    expect(log(bob)).to_contain_text("hello from Ann")
    say(bob, "hello from Bob")
    expect(log(ann)).to_contain_text("hello from Bob")
    for page in (ann, bob):
        expect(log(page).get_by_role("article")).to_have_count(2)


def test_a_message_is_acknowledged(enter):
    ann = enter("Ann")
    say(ann, "is it there?")
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(1)


def test_texts_have_lines_and_links_and_no_markup(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    composer(ann).press_sequentially("one")
    composer(ann).press("Shift+Enter")
    composer(ann).press_sequentially("two https://example.org/x.")
    composer(ann).press("Enter")
    link = log(bob).get_by_role("link", name="https://example.org/x", exact=True)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(log(bob).get_by_role("article").locator(".line")).to_have_count(2)
    say(ann, "<img src=x onerror=alert(1)> javascript:alert(1) \u202eabc")
    last = log(bob).get_by_role("article").last
    expect(last).to_contain_text("<img src=x onerror=alert(1)>")
    expect(last).to_contain_text("U+202E")
    expect(last.locator("img, a")).to_have_count(0)


def test_a_reload_keeps_the_user_and_the_room(enter):
    ann = enter("Ann")
    join(ann, "garden")
    say(ann, "before")
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(1)
    ann.reload()
    expect(ann.get_by_role("heading", level=1, name="garden")).to_be_visible()
    expect(me(ann)).to_contain_text("Ann")
    say(ann, "after")
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(2)


def test_logging_out_forgets_the_user(enter):
    ann = enter("Ann")
    ann.get_by_role("button", name="Log out").click()
    ann.get_by_role("dialog").get_by_role("button", name="Log out").click()
    expect(ann.get_by_role("textbox", name="Display name")).to_be_focused()
    assert ann.evaluate("Object.keys(localStorage)") == []


def test_a_wrong_name_is_explained(open_page):
    page = open_page()
    name = page.get_by_role("textbox", name="Display name")
    name.fill("a  b")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("single spaces")
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")


def test_unread_messages_are_counted_and_read(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    join(ann, "garden")
    for number in range(3):
        say(bob, f"news {number}")
    expect(room_button(ann, "lobby")).to_have_accessible_name("lobby, 3 new messages")
    expect(ann).to_have_title(re.compile(r"^\(3\) #garden"))
    expect(ann.locator("#favicon")).to_have_attribute("href", re.compile("^data:image/svg"))
    room_button(ann, "lobby").click()
    expect(log(ann).get_by_role("separator", name="New messages")).to_be_visible()
    expect(ann).to_have_title(re.compile(r"^#lobby"))
    expect(ann.locator("#favicon")).to_have_attribute("href", "icon.svg")
    ann.reload()
    expect(log(ann)).to_contain_text("news 2")
    expect(ann).to_have_title(re.compile(r"^#lobby"))


def test_who_types_is_shown(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    composer(bob).press_sequentially("I am")
    expect(ann.locator("#typing")).to_have_text("Bob is typing")
    composer(bob).press("Enter")
    expect(ann.locator("#typing")).to_have_text("")


def test_a_reply_shows_what_it_answers(enter):
    ann = enter("Ann")
    bob = enter("Bob")
    say(ann, "tea or coffee?")
    expect(log(bob)).to_contain_text("tea or coffee?")
    composer(bob).press("Shift+Tab")
    expect(log(bob).get_by_role("article").last).to_be_focused()
    bob.keyboard.press("r")
    say(bob, "tea")
    quote = log(ann).get_by_role("button", name="Ann tea or coffee?")
    quote.click()
    expect(log(ann).get_by_role("article").first).to_be_focused()


FIRST_VISIBLE = """() => {
  const top = document.getElementById("scroller").getBoundingClientRect().top;
  const rows = [...document.querySelectorAll(".message")];
  const row = rows.find((node) => node.getBoundingClientRect().top >= top + 40);
  return { seq: row.dataset.seq, top: row.getBoundingClientRect().top };
}"""
HAS_MOVED = """({ seq, top }) =>
  document.querySelector(`[data-seq="${seq}"]`).getBoundingClientRect().top > top + 1"""
TOP_OF = """(seq) =>
  document.querySelector(`[data-seq="${seq}"]`).getBoundingClientRect().top"""


def test_history_comes_by_scrolling_and_nothing_jumps(enter):
    ann = enter("Ann")
    fill_room(ann, 150)
    ann.reload()
    expect(log(ann)).to_contain_text("line 150 of the log")
    expect(log(ann)).not_to_contain_text("line 20 of the log")
    ann.locator("#scroller").hover()
    for _ in range(40):
        if "where the room begins" in log(ann).inner_text():
            break
        before = ann.evaluate(FIRST_VISIBLE)
        ann.mouse.wheel(0, -300)
        ann.wait_for_function(HAS_MOVED, arg=before)
        moved = ann.evaluate(TOP_OF, before["seq"]) - before["top"]
        assert moved < 301, "but for the rounding to pixels"
    expect(log(ann)).to_contain_text("line 1 of the log")
    ann.get_by_role("button", name="To the newest").click()
    expect(log(ann).get_by_text("line 150 of the log")).to_be_in_viewport()


def test_new_messages_do_not_move_a_reader_who_scrolled_up(enter):
    ann = enter("Ann")
    fill_room(ann, 60)
    bob = enter("Bob")
    ann.locator("#scroller").hover()
    ann.mouse.wheel(0, -800)
    pill = ann.get_by_role("button", name="To the newest")
    expect(pill).to_be_visible()
    before = ann.evaluate(FIRST_VISIBLE)
    say(bob, "are you there?")
    pill = ann.get_by_role("button", name="1 new message", exact=True)
    expect(pill).to_be_visible()
    assert abs(ann.evaluate(TOP_OF, before["seq"]) - before["top"]) < 1
    pill.click()
    expect(log(ann).get_by_text("are you there?")).to_be_in_viewport()
    expect(pill).to_be_hidden()


def test_what_is_written_offline_is_sent_later(enter, cable):
    ann = enter("Ann", url=cable.url)
    bob = enter("Bob")
    say(ann, "first")
    expect(log(bob)).to_contain_text("first")
    cable.cut()
    status = ann.get_by_role("status")
    expect(status).to_contain_text("Connection lost")
    say(ann, "second")
    say(bob, "meanwhile")
    expect(log(ann).get_by_role("img", name="Sending")).to_have_count(1)
    expect(ann.get_by_role("button", name="Retry now")).to_be_visible()
    cable.mend()
    click_unless_gone(ann.locator("#banner-action"))
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(2)
    expect(status).to_have_text("Connected again.")
    expect(ann.get_by_role("button", name="Retry now")).to_be_hidden()
    for page in (ann, bob):
        expect(log(page).get_by_role("article")).to_have_text(
            [re.compile("first"), re.compile("meanwhile"), re.compile("second")]
        )


def test_the_outbox_survives_a_reload(enter, cable):
    ann = enter("Ann", url=cable.url)
    bob = enter("Bob")
    cable.cut()
    expect(ann.get_by_role("status")).to_contain_text("Connection lost")
    say(ann, "kept over a reload")
    expect(log(ann).get_by_role("img", name="Sending")).to_have_count(1)
    cable.mend()
    ann.on("dialog", lambda dialog: dialog.accept())
    ann.reload()
    expect(log(bob).get_by_role("article")).to_have_text([re.compile("kept over a reload")])
    expect(log(ann).get_by_role("article")).to_have_count(1)


@needs_chatd
def test_a_restart_of_the_server_loses_nothing(enter, server):
    ann = enter("Ann")
    say(ann, "before")
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(1)
    server.stop()
    say(ann, "during")
    server.start()
    expect(log(ann).get_by_role("img", name="Sent")).to_have_count(2, timeout=60000)
    ann.reload()
    expect(log(ann).get_by_role("article")).to_have_count(2)


def test_everything_works_by_keyboard(open_page):
    page = open_page()
    expect(page.get_by_role("textbox", name="Display name")).to_be_focused()
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("first")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("textbox", name="Name of the room")).to_be_focused()
    page.keyboard.type("garden")
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Message #garden")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("textbox", name="Message #lobby")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(composer(page)).to_have_value("first")
    page.keyboard.press("Escape")
    expect(composer(page)).to_have_value("")
    page.keyboard.press("Shift+Tab")
    expect(log(page).get_by_role("article").last).to_be_focused()
    page.keyboard.press("Escape")
    expect(composer(page)).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_every_control_can_be_reached_with_tab(enter):
    page = enter("Ann")
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id"))
    expected = {"skip", "theme", "browse", "account", "sign-out", "show-people", "leave"}
    expected |= {"scroller", "composer-text"}
    assert expected <= reached


def test_the_skip_link_goes_to_the_message_box(enter):
    page = enter("Ann")
    page.locator("#skip").focus()
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    expect(page.get_by_role("heading", level=1, name="lobby")).to_be_visible()


def test_the_theme_is_remembered(enter):
    page = enter("Ann", color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Change to light").click()
    page.get_by_role("button", name="Change to dark").click()
    assert page.evaluate(paper) != light
    page.reload()
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate(paper) != light


def test_a_phone_has_the_rooms_in_a_drawer(enter):
    page = enter("Ann", viewport={"width": 360, "height": 640})
    menu = page.get_by_role("button", name="Rooms", exact=True)
    expect(room_button(page, "lobby")).to_be_hidden()
    menu.click()
    expect(room_button(page, "lobby")).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(room_button(page, "lobby")).to_be_hidden()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_for_screen_readers_and_weak_eyes(open_page, enter, scheme):
    page = open_page(color_scheme=scheme)
    expect(page.get_by_role("textbox", name="Display name")).to_be_focused()
    assert page.evaluate(AUDIT) == []
    sign_in(page, "Ann")
    people = ["Bob", "Cleo", "Dan", "Eve", "Fay", "Gus"]
    for name in people:
        other = enter(name)
        say(other, f"I am {name}, see https://example.org \x1b[2J")
    expect(log(page).get_by_role("article")).to_have_count(len(people))
    assert page.evaluate(AUDIT) == []
    page.get_by_role("button", name="Join or create a room").click()
    expect(page.get_by_role("dialog").get_by_role("button", name="Open")).to_be_visible()
    assert page.evaluate(AUDIT) == []


def test_only_what_comes_live_is_read_out(enter):
    ann = enter("Ann")
    fill_room(ann, 60)
    ann.reload()
    expect(log(ann)).to_contain_text("line 60 of the log")
    expect(log(ann)).to_have_attribute("aria-live", "polite")
    ann.evaluate(
        """() => {
          window.heard = 0;
          const node = document.getElementById("log");
          const observer = new MutationObserver(() => {
            if (node.getAttribute("aria-live") !== "off") window.heard += 1;
          });
          observer.observe(node, { childList: true });
        }"""
    )
    ann.locator("#scroller").hover()
    ann.mouse.wheel(0, -5000)
    expect(log(ann)).to_contain_text("line 1 of the log")
    assert ann.evaluate("window.heard") == 0
    bob = enter("Bob")
    say(bob, "this one is heard")
    ann.get_by_role("button", name="1 new message", exact=True).click()
    expect(log(ann)).to_contain_text("this one is heard")
