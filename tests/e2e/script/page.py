"""The page, by its controls and keys, and what a person reads there."""

import json
import re
from dataclasses import replace

from playwright.sync_api import Error
from script.actors import Actor

# A control may go away under the hand: then the step was not possible.
HAND_MILLISECONDS = 3000
SIGN_IN_SECONDS = 120
MESSAGE = "article:has([role=toolbar])"  # in the log, and not deleted
OWN_MESSAGE = "article.own:has([role=toolbar])"
COMING = ["accept", "decline", "dm", "join", "private"]
ROLES = {"member": "a member", "moderator": "a moderator", "owner": "an owner"}

READ = """() => ({
  room: document.querySelector('#rooms [aria-current=page]')?.dataset.room,
  rooms: [...document.querySelectorAll('#rooms [data-room]')].map(b => b.dataset.room),
  topic: document.getElementById('room-topic').title,
  members: [...document.querySelectorAll('#people [aria-label=Members] .person')].map(
    p => [...p.children].map(node => node.textContent)),
  waiting: document.querySelector('#log [aria-label=Sending]') !== null,
  messages: [...document.querySelectorAll('#log article[data-seq]')].map(a => ({
    name: a.querySelector('.name').textContent,
    deleted: a.querySelector('.text.deleted') !== null,
    text: [...a.querySelectorAll('.text .line')].map(l => l.textContent).join('\\n'),
    edited: a.querySelector('.edited') !== null,
    chips: [...a.querySelectorAll('.chip')].map(
      c => [c.dataset.emoji, Number(c.querySelector('b').textContent)]),
  })),
})"""


class PageActor(Actor):
    def __init__(self, name, server, browser):
        super().__init__(name, server)
        self._opened = browser.open(self.cable.page_url)
        self._page = self._opened.page
        self._page.set_default_timeout(SIGN_IN_SECONDS * 1000)
        self._opened.sign_in(name)
        self._page.set_default_timeout(HAND_MILLISECONDS)
        self._button("People").click()

    def identity(self):
        kept = self._page.evaluate("localStorage.getItem('chat.identity')")
        return {"token": json.loads(kept)["token"]}

    # ---- by hand ----

    def play(self, step, room):
        try:
            self.put_away()
            return super().play(step, self._room_near(step, room))
        except (Error, AssertionError):
            return False

    def _room_near(self, step, room):
        """The page is slow; rather than miss a step it takes a room it is in."""
        rooms = self.read()["rooms"]
        if step.kind in COMING or room in rooms or not rooms:
            return room
        return rooms[step.number % len(rooms)]

    def put_away(self):
        """What is open over the page, if anything."""
        for _ in range(3):
            if not self._page.locator("dialog[open], :popover-open").count():
                break
            self._page.keyboard.press("Escape")

    def _button(self, name, within=None, exact=True):
        within = within or self._page
        return within.get_by_role("button", name=name, exact=exact)

    def _dialog(self):
        return self._page.get_by_role("dialog")

    def _click(self, control):
        """False when there is no such control now."""
        if not control.count():
            return False
        control.first.click()
        return True

    def show(self, room):
        return self._click(self._page.locator(f'#rooms [data-room="{room}"]'))

    def _write(self, text):
        self._page.get_by_role("textbox", name=re.compile("^Message ")).fill(text)
        self._button("Send").click()

    def say(self, room, text):
        try:
            self.put_away()
            if self.show(room):
                self._write(text)
        except Error:
            pass  # it will be asked again

    def join(self, room):
        try:
            self.put_away()
            self._enter(room)
        except Error:
            pass  # it will be asked again

    def _enter(self, room, private=False):
        self._button("Join or create a room").click()
        self._page.get_by_role("textbox", name="Name of the room").fill(room)
        if private:
            self._page.get_by_role("checkbox").check()
        self._page.get_by_role("textbox", name="Name of the room").press("Enter")

    def _message(self, step, room):
        """Focuses the message that the step means; its article."""
        if not self.show(room):
            return None
        found = self._page.locator(OWN_MESSAGE if step.own else MESSAGE)
        count = found.count()
        if not count:
            return None
        article = found.nth(max(0, count - 1 - step.back))
        article.focus()
        return article

    def do_send(self, step, room):
        if not self.show(room):
            return False
        self._write(step.text)

    def do_reply(self, step, room):
        if not self._message(step, room):
            return False
        self._page.keyboard.press("r")
        self._write(step.text)

    def do_edit(self, step, room):
        if not self._message(replace(step, own=True), room):
            return False
        self._page.keyboard.press("e")
        self._write(step.text)

    def do_delete(self, step, room):
        if not self._message(step, room):
            return False
        self._page.keyboard.press("Delete")
        return self._click(self._button("Delete", self._dialog()))

    def do_react(self, step, room):
        article = self._message(step, room)
        if not article:
            return False
        if not step.on:
            return self._click(article.locator(".chip"))
        self._page.keyboard.press("a")
        other = self._page.get_by_role("textbox", name="Another emoji")
        other.fill(step.emoji)
        other.press("Enter")

    def do_topic(self, step, room):
        if not self.show(room) or not self._click(self._shown("Change the topic")):
            return False
        topic = f"t{step.number}" if step.on else ""
        self._page.get_by_role("textbox", name="Topic").fill(topic)
        self._button("Save").click()

    def _shown(self, name):
        return self._button(name).locator("visible=true")

    def do_invite(self, step, room):
        if not self.show(room) or not self._click(self._button("Invite people")):
            return False
        self._page.get_by_role("textbox", name="Name of the person").fill(step.target)
        return self._click(self._button(re.compile("Invite$"), self._dialog(), None))

    def _choose(self, step, room, item):
        """An item of the menu that a person of the room has."""
        if not self.show(room):
            return False
        return self._choose_here(step, item)

    def _choose_here(self, step, item):
        if not self._click(self._button(f"Actions for {step.target}")):
            return False
        return self._click(self._page.get_by_role("menuitem", name=item))

    def do_kick(self, step, room):
        if not self._choose(step, room, "Remove from the room…"):
            return False
        self._button("Remove", self._dialog()).click()

    def do_ban(self, step, room):
        if not self._choose(step, room, "Ban…"):
            return False
        self._button("Ban", self._dialog()).click()

    def do_unban(self, step, room):
        if not self.show(room) or not self._click(self._button("Banned")):
            return False
        lifted = self._choose_here(step, "Lift the ban")
        self._button("Members").click()
        return lifted

    def do_role(self, step, room):
        if not self._choose(step, room, f"Make {ROLES[step.role]}"):
            return False
        if step.role == "owner":
            self._button("Make an owner", self._dialog()).click()

    def do_dm(self, step, room):
        for known in ("lobby", "garden"):
            if self._choose(step, known, "Message"):
                return True
        return False

    def do_accept(self, step, room):
        return self._click(self._button(f"Join {room}"))

    def do_decline(self, step, room):
        return self._click(self._button(f"Decline {room}"))

    def do_private(self, step, room):
        self._enter(room, private=True)

    def do_join(self, step, room):
        if room.startswith("den"):
            return self.do_accept(step, room)
        self._enter(room)

    def do_leave(self, step, room):
        if not self.show(room):
            return False
        self._button("Leave this room").click()
        self._button("Leave", self._dialog()).click()

    def do_presence(self, step, room):
        self._page.locator("#account").click()
        labels = {"online": "Online", "away": "Away", "dnd": "Do not disturb"}
        self._page.get_by_role("radio", name=labels[step.state]).check()

    def do_read(self, step, room):
        return self.show(room)

    # ---- by eye ----

    def read(self):
        shown = self._page.evaluate(READ)
        shown["members"] = {name: self._role(rest) for name, *rest in shown["members"]}
        shown["messages"] = [self._shown_message(each) for each in shown["messages"]]
        return shown

    @staticmethod
    def _role(details):
        roles = {"Moderator": "moderator", "Owner": "owner"}
        words = " · ".join(details).split(" · ")
        found = (roles[word] for word in words if word in roles)
        return next(found, "member")

    @staticmethod
    def _shown_message(message):
        text = None if message["deleted"] else message["text"]
        chips = tuple(tuple(chip) for chip in message["chips"])
        return (message["name"], text, message["edited"], chips)

    def close(self):
        self._opened.close()
        super().close()
