"""The rooms by the server: the log by history, folded here."""

from dataclasses import dataclass

from drivers.server import make_wire
from script.fold import Fold


@dataclass
class Room:
    name: str
    head: int
    fold: Fold
    messages: list
    topic: str
    members: dict  # id -> role
    problems: list


@dataclass
class Truth:
    rooms: dict  # name -> Room
    of: dict  # actor -> names of its rooms

    def heads(self):
        return {name: room.head for name, room in self.rooms.items()}, self.of

    def problems(self):
        return [text for room in self.rooms.values() for text in room.problems]


def same_change(message, change):
    reactions = {r["emoji"]: r["users"] for r in change.get("reactions", [])}
    if message.text is None or change.get("deleted"):
        return message.text is None and change.get("deleted", False)
    edited = message.text if message.edited else None
    return change.get("text") == edited and message.reactions == reactions


def read_members(wire, room):
    members, after = {}, {}
    while True:
        page = wire.ask("members", room=room, **after)
        members |= {each["id"]: each["role"] for each in page["members"]}
        if not page.get("more"):
            return members
        after = {"after": page["members"][-1]["id"]}


def read_room(wire, name):
    fold, changes, after = Fold(), {}, 0
    while True:
        page = wire.ask("history", room=name, after=after, limit=200)
        for entry in page["entries"]:
            fold.add(entry)
        changes |= {change["ref"]: change for change in page["changes"]}
        if not page.get("more"):
            break
        after = page["entries"][-1]["seq"]
    members = read_members(wire, name)
    room = Room(name, page["head"], fold, fold.messages(), "", members, [])
    room.topic = fold.topic() or ""
    room.problems = list(contradictions(room, changes))
    return room


def contradictions(room, changes):
    """Where the server does not agree with its own log."""
    if list(room.fold.entries) != list(range(1, room.head + 1)):
        yield f"{room.name}: the log has a hole"
    if room.fold.members() != room.members:
        yield f"{room.name}: members {room.members}, by the log {room.fold.members()}"
    for message in room.messages:
        change = changes.get(message.seq)
        if change and not same_change(message, change):
            yield f"{room.name}: {message} has the change {change}"
        elif not change and (message.edited or message.reactions):
            yield f"{room.name}: {message} has no change"


def read_truth(server, actors):
    """By a second connection of each actor's user."""
    rooms, of = {}, {}
    for actor in actors:
        wire = make_wire(server.url)
        try:
            hello = wire.ask("hello", version=1, **actor.identity())
            assert not hello.get("more"), "more rooms than one hello holds"
            of[actor.name] = sorted(room["room"] for room in hello["rooms"])
            for name in of[actor.name]:
                if name not in rooms:
                    rooms[name] = read_room(wire, name)
        finally:
            wire.close()
    return Truth(rooms, of)
