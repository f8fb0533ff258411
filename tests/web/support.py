"""What the tests of the page do and look for, by role and label."""

import os
import re

import pytest
from playwright.sync_api import expect

needs_chatd = pytest.mark.skipif(not os.environ.get("CHATD"), reason="CHATD names no chatd")


def sign_in(page, name):
    page.get_by_role("textbox", name="Display name").fill(name)
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_visible()


def composer(page):
    return page.get_by_role("textbox", name=re.compile("^Message #"))


def log(page):
    return page.get_by_role("log")


def say(page, text):
    composer(page).fill(text)
    composer(page).press("Enter")


def join(page, room):
    page.get_by_role("button", name="Join or create a room").click()
    page.get_by_role("textbox", name="Name of the room").fill(room)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=room)).to_be_visible()


def room_button(page, room):
    return page.get_by_role("navigation").get_by_role("button", name=re.compile(f"^{room}"))


def me(page):
    return page.locator("#me")


def click_unless_gone(button):
    """The back-off may win the race for the connection, and hide the button."""
    button.evaluate("button => button.click()")


# What is wrong for those who cannot see well, or at all.
AUDIT = """() => {
  const problems = [];
  const shown = (node) => node.checkVisibility({ visibilityProperty: true });
  const describe = (node) => node.outerHTML.slice(0, 120);
  const labelled = (node) =>
    node.getAttribute("aria-label") || node.labels?.length || node.textContent.trim() ||
    document.getElementById(node.getAttribute("aria-labelledby"));
  const controls = "button, a, input, textarea, nav, [role=log], [role=region], dialog";
  for (const node of document.querySelectorAll(controls)) {
    if (shown(node) && !labelled(node)) problems.push(`no name: ${describe(node)}`);
  }
  for (const node of document.querySelectorAll("img:not([alt])")) {
    problems.push(`no alt: ${describe(node)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  if (new Set(ids).size !== ids.length) problems.push("an id is there twice");
  if (!document.documentElement.lang) problems.push("no language");
  if ([...document.querySelectorAll("main")].filter(shown).length !== 1) {
    problems.push("not one main");
  }
  if ([...document.querySelectorAll("h1")].filter(shown).length !== 1) {
    problems.push("not one h1");
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const pixel = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) => {
      const value = part / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (node) => {
    const backgrounds = [];
    for (let at = node; at; at = at.parentElement) {
      backgrounds.unshift(getComputedStyle(at).backgroundColor);
    }
    const behind = luminance(pixel(backgrounds));
    const front = luminance(pixel([...backgrounds, getComputedStyle(node).color]));
    const [dark, light] = [behind, front].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !shown(node) || node.closest(":disabled")) continue;
    const ratio = contrast(node);
    if (ratio < 4.5) problems.push(`contrast ${ratio.toFixed(2)}: ${describe(node)}`);
  }
  return problems;
}"""


def people(page):
    return page.get_by_role("complementary", name="People")


def show_people(page):
    page.get_by_role("button", name="People", exact=True).click()
    expect(people(page).get_by_role("list", name="Members")).to_be_visible()


# From the menu of somebody in the panel.
def act_on(page, name, action):
    people(page).get_by_role("button", name=f"Actions for {name}", exact=True).click()
    page.get_by_role("menuitem", name=action).click()


def message(page, text):
    return log(page).get_by_role("article").filter(has_text=text)


# A tool beside a message, by keyboard or mouse alike.
def use_tool(page, text, tool):
    message(page, text).focus()
    message(page, text).get_by_role("button", name=tool, exact=True).click()


def dialog(page):
    return page.get_by_role("dialog")


def come_in(page, mode, name, password):
    page.get_by_role("radio", name=mode).check(force=True)
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


SAY_ALL = """(texts) => {
  const box = document.getElementById("composer-text");
  for (const text of texts) {
    box.value = text;
    box.dispatchEvent(new Event("input"));
    box.form.requestSubmit();
  }
}"""


def fill_room(page, count):
    lines = [f"line {number} of the log" for number in range(1, count + 1)]
    page.evaluate(SAY_ALL, lines)
    expect(log(page)).to_contain_text(lines[-1])
    expect(log(page).get_by_role("img", name="Sending")).to_have_count(0)
