"""Who plays: each does a step by what its kind of client offers.

An actor needs `room_of(step)`, the name of the room that a step means, and
`ids`, the user ids by name; it has these from the script.
"""

import json
import time

from drivers.cable import Cable
from drivers.lines import DEADLINE, Timeout
from drivers.programs import SdkProgram
from drivers.server import make_wire
from drivers.terminal import Terminal
from drivers.wire import new_key
from script.fold import Fold
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

NEWEST = 2**53 - 1  # before it: the newest entries
PRESENCE = {"online": 1, "away": 2, "dnd": 3}
ROLE = {"member": 1, "moderator": 2, "owner": 3}
# Leaves what is intended and what is written; never twice in a row, that quits.
CLEAR = [("keys", "C-c", "C-e", "C-c", "C-e")]
BROKEN = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, Timeout)


class Actor:
    def __init__(self, name, server):
        self.name = name
        self.cable = Cable(server.port)
        self.ids = {}
        self.done = {}  # kind of step -> how often

    def play(self, step, room):
        """False when it was not possible from here."""
        if getattr(self, f"do_{step.kind}")(step, room) is False:
            return False
        self.done[step.kind] = self.done.get(step.kind, 0) + 1
        return True

    def close(self):
        self.cable.close()


def pick(messages, step, me):
    """The message that a step means, of those not deleted; oldest first."""
    there = [m for m in messages if m.text is not None]
    found = [m for m in there if not step.own or m.sender == me]
    return found[-1 - min(step.back, len(found) - 1)] if found else None


def pick_reaction(messages, step, me):
    """(message, emoji, on): to take one off, the newest of one's own."""
    for message in reversed(messages if not step.on else []):
        for emoji, users in message.reactions.items():
            if me in users:
                return message, emoji, False
    return pick(messages, step, me), step.emoji, True


class WireActor(Actor):
    """Speaks the protocol by itself and repeats what got no answer."""

    def __init__(self, name, server):
        super().__init__(name, server)
        self._key = new_key()
        self._wire = None
        self._connected()
        self.id = self._wire.user["id"]

    def identity(self):
        return {"guest": self.name, "key": self._key}

    def _connected(self):
        if self._wire is None:
            wire = make_wire(self.cable.url)
            try:
                wire.hello(self.name, self._key)
            except BaseException:
                wire.close()
                raise
            self._wire = wire
        return self._wire

    def _hang_up(self):
        if self._wire:
            self._wire.close()
        self._wire = None

    def ask(self, action, **body):
        """The `ok`, or None when the server refuses it for good."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                wire = self._connected()
                answer = wire.reply(wire.post(action, **body))
            except BROKEN:
                self._hang_up()
                if time.monotonic() > end:
                    raise
                continue
            wire.events.clear()
            wire.raw.clear()
            if "ok" in answer:
                return answer["ok"]
            if "retry_ms" not in answer["error"]:
                return None

    def _make(self, action, **body):
        return self.ask(action, key=new_key(), **body)

    def _messages(self, room):
        page = self.ask("history", room=room, before=NEWEST, limit=60)
        fold = Fold()
        for entry in page["entries"] if page else []:
            fold.add(entry)
        for change in page["changes"] if page else []:
            fold.add_change(change)
        return fold.messages()

    def _message(self, step, room):
        return pick(self._messages(room), step, self.id)

    def say(self, room, text):
        self._make("send", room=room, text=text)

    def do_send(self, step, room):
        self.say(room, step.text)

    def do_reply(self, step, room):
        message = self._message(step, room)
        if not message:
            return False
        self._make("send", room=room, text=step.text, reply_to=message.seq)

    def do_edit(self, step, room):
        message = self._message(step, room)
        if not message:
            return False
        self._make("edit", room=room, ref=message.seq, text=step.text)

    def do_delete(self, step, room):
        message = self._message(step, room)
        if not message:
            return False
        self._make("delete", room=room, ref=message.seq)

    def do_react(self, step, room):
        message, emoji, on = pick_reaction(self._messages(room), step, self.id)
        if not message:
            return False
        self._make("react", room=room, ref=message.seq, emoji=emoji, on=on)

    def do_topic(self, step, room):
        self._make("topic", room=room, topic=f"t{step.number}" if step.on else "")

    def _about(self, action, step, room, **more):
        self._make(action, room=room, user=self.ids[step.target], **more)

    def do_invite(self, step, room):
        self._about("invite", step, room)

    def do_kick(self, step, room):
        self._about("kick", step, room)

    def do_ban(self, step, room):
        self._about("ban", step, room, on=True)

    def do_unban(self, step, room):
        self._about("ban", step, room, on=False)

    def do_role(self, step, room):
        self._about("role", step, room, role=step.role)

    def do_dm(self, step, room):
        self._make("dm", user=self.ids[step.target])

    def do_accept(self, step, room):
        self._make("join", room=room)

    def do_decline(self, step, room):
        self._make("leave", room=room)

    def do_private(self, step, room):
        self._make("join", room=room, create=True, private=True)

    def do_join(self, step, room):
        self.join(room)

    def join(self, room):
        self._make("join", room=room, create=not room.startswith(("dm.", "den")))

    def do_leave(self, step, room):
        self._make("leave", room=room)

    def do_presence(self, step, room):
        self.ask("presence", state=step.state)

    def do_read(self, step, room):
        self.ask("read", room=room, seq=NEWEST)

    def close(self):
        self._hang_up()
        super().close()


class BotActor(Actor):
    """A program on the SDK; folds what the library hands it."""

    def __init__(self, name, server, build, home):
        super().__init__(name, server)
        self._program = SdkProgram(build, home, self.cable.url, "lobby", name)
        self._seen = 0
        self._token = None
        self._invited = set()
        self.folds = {}
        self.lists = {}  # room -> the last answer to `members`
        self.refused = 0
        self.id = None
        self._program.find(lambda value: value.get("state", {}).get("online"))
        self.look()

    def identity(self):
        if self._token is None:
            self._tell("token")
            self._token = self._program.find(lambda value: "token" in value)["token"]
        return {"token": self._token}

    def _tell(self, *words):
        self._program.say("/" + " ".join(str(word) for word in words))

    def look(self):
        """Takes in what has come."""
        lines = self._program.lines_from(self._seen)
        self._seen += len(lines)
        for line in lines:
            self._take(json.loads(line))

    def _take(self, value):
        if "seq" in value:
            self.folds[value["room"]].add(value)
        elif "change" in value:
            self.folds[value["change"]["room"]].add_change(value["change"])
        elif "room" in value:
            self._take_room(value["room"]["room"], value["room"]["change"])
        elif "members" in value:
            self.lists[value["members"]["room"]] = value["members"]["members"]
        elif "state" in value:
            self.id = value["state"].get("user", self.id)
        elif "failed" in value:
            self.refused += 1

    def _take_room(self, room, change):
        if change == "joined":
            self.folds.setdefault(room, Fold())
        elif change == "reset":
            self.folds[room] = Fold()
        elif change in ("left", "removed"):
            self.folds.pop(room, None)
        if change == "invited":
            self._invited.add(room)
        elif change != "read":
            self._invited.discard(room)

    def say(self, room, text):
        self._tell("send", room, 0, text)

    def _to_message(self, step, room, command, *words):
        self.look()
        fold = self.folds.get(room)
        message = fold and pick(fold.messages(), step, self.id)
        if not message:
            return False
        self._tell(command, room, message.seq, *words)
        return True

    def do_send(self, step, room):
        self.say(room, step.text)

    def do_reply(self, step, room):
        return self._to_message(step, room, "send", step.text)

    def do_edit(self, step, room):
        return self._to_message(step, room, "edit", step.text)

    def do_delete(self, step, room):
        return self._to_message(step, room, "delete")

    def do_react(self, step, room):
        self.look()
        fold = self.folds.get(room)
        messages = fold.messages() if fold else []
        message, emoji, on = pick_reaction(messages, step, self.id)
        if not message:
            return False
        self._tell("react", room, message.seq, "on" if on else "off", emoji)

    def do_topic(self, step, room):
        self._tell("topic", room, f"t{step.number}" if step.on else "")

    def do_invite(self, step, room):
        self._tell("invite", room, self.ids[step.target])

    def do_kick(self, step, room):
        self._tell("kick", room, self.ids[step.target])

    def do_ban(self, step, room):
        self._tell("ban", room, self.ids[step.target], "on")

    def do_unban(self, step, room):
        self._tell("ban", room, self.ids[step.target], "off")

    def do_role(self, step, room):
        self._tell("role", room, self.ids[step.target], ROLE[step.role])

    def do_dm(self, step, room):
        self._tell("dm", self.ids[step.target])

    def do_accept(self, step, room):
        self.look()
        if room not in self._invited:
            return False
        self.join(room)

    def do_decline(self, step, room):
        self.look()
        if room not in self._invited:
            return False
        self._tell("leave", room)

    def do_private(self, step, room):
        self._tell("private", room)

    def do_join(self, step, room):
        if room.startswith("den"):
            return self.do_accept(step, room)
        self.join(room)

    def join(self, room):
        self._tell("join", room)

    def do_leave(self, step, room):
        self._tell("leave", room)

    def do_presence(self, step, room):
        self._tell("presence", PRESENCE[step.state])

    def do_read(self, step, room):
        self.look()
        fold = self.folds.get(room)
        if not fold or not fold.entries:
            return False
        self._tell("read", room, max(fold.entries))

    def ask_members(self, room):
        self.lists.pop(room, None)
        self._tell("members", room)

    def close(self):
        self._program.kill()
        super().close()


class TerminalActor(Actor):
    """chat-tui, by its commands and keys."""

    WIDTH, HEIGHT = 140, 100

    def __init__(self, name, server, build, home):
        super().__init__(name, server)
        self._home = home
        command = [build / "client/chat-tui", self.cable.url, "--name", name]
        self.terminal = Terminal(home, command, self.WIDTH, self.HEIGHT)
        self.terminal.wait_for("#lobby", 120)

    def restart(self):
        """Quits as a person does; what is not sent is kept."""
        self.terminal.keys(*self._line("/quit"))
        status = self.terminal.wait_exit(120)
        assert status == 0, f"{self.name} ended with {status}"
        self.terminal.start_again()
        self.terminal.wait_for(" Rooms", 120)  # it reads keys by itself now

    def identity(self):
        files = (self._home / ".local/state/chat-tui").glob("*.outbox")
        (saved,) = files
        first = json.loads(saved.read_text().splitlines()[0])
        return {"guest": first["name"], "key": first["guest_key"]}

    @staticmethod
    def _line(text):
        return [*CLEAR, ("text", text), ("keys", "Enter")]

    def _in(self, room, *lines):
        """Lines that are written in a room."""
        keys = self._line(f"/switch {room}")
        for line in lines:
            keys += self._line(line)
        self.terminal.keys(*keys)

    def show(self, room):
        self._in(room)

    def say(self, room, text):
        self._in(room, text)

    def join(self, room):
        self.terminal.keys(*self._line(f"/join {room}"))

    def _selected(self, step, room, *keys):
        """Keys for a message that is selected, counted from the end."""
        up = [("keys", *["M-k"] * (step.back + 1))]
        self.terminal.keys(*self._line(f"/switch {room}"), *up, *keys)

    def do_send(self, step, room):
        self.say(room, step.text)

    def do_reply(self, step, room):
        if step.own:
            self._in(room, f"/reply {step.text}")
        else:
            self._selected(
                step, room, ("text", f"/reply {step.text}"), ("keys", "Enter")
            )

    def do_edit(self, step, room):
        if step.own:
            self._in(room, f"/edit {step.text}")
        else:
            edit = ("text", f"/edit {step.text}")
            self._selected(step, room, edit, ("keys", "Enter"))

    def do_delete(self, step, room):
        if step.own:
            self._in(room, "/delete")
            self.terminal.keys(("text", "y"))
        else:
            self._selected(step, room, ("text", "dy"))

    def do_react(self, step, room):
        if step.own:
            self._in(room, f"/react {step.emoji}")
        else:
            react = ("text", f"/react {step.emoji}")
            self._selected(step, room, react, ("keys", "Enter"))

    def do_topic(self, step, room):
        self._in(room, f"/topic t{step.number}" if step.on else "/topic -")

    def _about(self, command, step, room, more=""):
        self._in(room, f"/{command} #{self.ids[step.target]}{more}")

    def do_invite(self, step, room):
        self._about("invite", step, room)

    def do_kick(self, step, room):
        self._about("kick", step, room, " for a reason" if step.on else "")

    def do_ban(self, step, room):
        self._about("ban", step, room)

    def do_unban(self, step, room):
        self._about("unban", step, room)

    def do_role(self, step, room):
        self._about("role", step, room, f" {step.role}")

    def do_dm(self, step, room):
        self.terminal.keys(*self._line(f"/dm #{self.ids[step.target]}"))

    def do_accept(self, step, room):
        self.terminal.keys(*self._line(f"/accept {room}"))

    def do_decline(self, step, room):
        self.terminal.keys(*self._line(f"/decline {room}"))

    def do_private(self, step, room):
        self.terminal.keys(*self._line(f"/private {room}"))

    def do_join(self, step, room):
        if room.startswith("den"):
            return self.do_accept(step, room)
        self.join(room)

    def do_leave(self, step, room):
        self.terminal.keys(*self._line(f"/leave {room}"))

    def do_presence(self, step, room):
        command = {"online": "back"}.get(step.state, step.state)
        self.terminal.keys(*self._line(f"/{command}"))

    def do_read(self, step, room):
        self.show(room)  # what is shown is read

    def close(self):
        self.terminal.close()
        super().close()
