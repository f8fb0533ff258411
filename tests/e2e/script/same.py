"""Whether a client shows what the server's log says."""

import itertools

from drivers.lines import Timeout, wait_until
from script import screens
from script.actors import CLEAR

PATIENCE = 180  # seconds; a client that was cut off may wait 30 for its next try
# That a screen must show at least, when there are as many: the page first loads
# 50 entries, of which reactions and edits are no messages.
MESSAGES_MIN = 10


def first_difference(expected, shown):
    pairs = itertools.zip_longest(expected, shown)
    return next((f"{a} is shown as {b}" for a, b in pairs if a != b), None)


def wait_same(problems, what):
    """Polls until there is no problem; the last ones otherwise."""
    last = []

    def is_same():
        last[:] = problems()
        return not last

    try:
        wait_until(is_same, what, PATIENCE)
    except Timeout:
        pass
    return [f"{what}: {problem}" for problem in last]


def message_problems(room, shown):
    """`shown` are the newest ones of the room."""
    expected = [message.shown() for message in room.messages]
    newest = expected[max(0, len(expected) - len(shown)) :]
    if len(shown) < min(len(expected), MESSAGES_MIN):
        yield f"only {len(shown)} of {len(expected)} messages"
    elif difference := first_difference(newest, shown):
        yield difference


# ---- chat-tui ----


def title_of(actor, room, names):
    """How chat-tui may call a room; a dm by its name before it knows who."""
    if not room.startswith("dm."):
        return {room}
    other = next(i for i in room.split(".")[1:] if i != actor.id)
    return {room, f"@{names[other]}"}


def list_problems(actor, truth, names, shown):
    titles = [title_of(actor, room, names) for room in truth.of[actor.name]]
    if len(titles) != len(shown) or not all(
        any(name in title for name in shown) for title in titles
    ):
        yield f"rooms {truth.of[actor.name]} are shown as {shown}"


def screen_problems(actor, truth, names, room):
    text = actor.terminal.screen()
    screen = screens.read(text)
    yield from list_problems(actor, truth, names, screen.rooms)
    if not any(t in screen.header for t in title_of(actor, room.name, names)):
        yield f"the header is {screen.header!r}"
    elif not screen.header.endswith(room.topic or ("member", "members")):
        yield f"the topic {room.topic!r} is shown as {screen.header!r}"
    members = {names[user]: role for user, role in room.members.items()}
    if screen.members != members:
        yield f"members {members} are shown as {screen.members}"
    yield from message_problems(room, screen.messages)
    if screen.waiting:
        yield "something is on its way still"


def places(expected, shown):
    """Where in the log a page may be."""
    count = len(shown)
    starts = range(len(expected) - count + 1)
    return [start for start in starts if expected[start : start + count] == shown]


def scrolled_problems(actor, room, pages):
    """Scrolls back, and down again."""
    expected = [message.shown() for message in room.messages]
    top = [len(expected)]

    def problems():
        shown = screens.read(actor.terminal.screen()).messages[:-1]
        found = [place for place in places(expected, shown) if place < top[0]]
        if not shown or not found:
            return [f"no such page above message {top[0]}: {shown}"]
        top[0] = found[-1]
        return []

    for page in range(pages):
        if top[0] < 2:
            break
        actor.terminal.keys(*CLEAR, ("keys", "PPage"))
        if found := wait_same(problems, f"{actor.name} in {room.name}, page {page}"):
            return found
    actor.terminal.keys(("keys", "End"))
    return []


def terminal_problems(actor, truth, names, pages):
    for name in truth.of[actor.name]:
        room = truth.rooms[name]
        actor.show(name)
        found = wait_same(
            lambda room=room: list(screen_problems(actor, truth, names, room)),
            f"{actor.name} in {name}",
        )
        yield from found
        if found:
            yield actor.terminal.screen().rstrip()
        else:
            yield from scrolled_problems(actor, room, pages)


# ---- the page ----


def page_room_problems(actor, truth, names, room):
    shown = actor.read()
    if shown["room"] != room.name:
        actor.show(room.name)
        yield f"it shows {shown['room']}"
        return
    if sorted(shown["rooms"]) != truth.of[actor.name]:
        yield f"rooms {truth.of[actor.name]} are shown as {shown['rooms']}"
    if shown["topic"] != room.topic:
        yield f"the topic {room.topic!r} is shown as {shown['topic']!r}"
    members = {names[user]: role for user, role in room.members.items()}
    if shown["members"] != members:
        yield f"members {members} are shown as {shown['members']}"
    yield from message_problems(room, shown["messages"])
    if shown["waiting"]:
        yield "something is on its way still"


def page_problems(actor, truth, names):
    actor.put_away()
    for name in truth.of[actor.name]:
        room = truth.rooms[name]
        yield from wait_same(
            lambda room=room: list(page_room_problems(actor, truth, names, room)),
            f"{actor.name} in {name}",
        )


# ---- the program on the SDK ----


def fold_problems(actor, room):
    actor.look()
    fold = actor.folds.get(room.name)
    if fold is None or not fold.entries:
        yield "not in this room"
        return
    held = list(fold.entries)
    if sorted(held) != list(range(fold.first, room.head + 1)):
        yield f"holds {len(held)} entries from {fold.first}, the head is {room.head}"
        return
    expected = [m.shown() for m in room.messages if m.seq >= fold.first]
    if difference := first_difference(expected, [m.shown() for m in fold.messages()]):
        yield difference
    if fold.topic() not in (None, room.topic):
        yield f"the topic {room.topic!r} is {fold.topic()!r}"


def told_members_problems(actor, room):
    actor.look()
    told = {each["id"]: each["role"] for each in actor.lists.get(room.name, [])}
    if told != room.members:
        yield f"members {room.members} are told as {told}"


def bot_problems(actor, truth):
    for name in truth.of[actor.name]:
        room = truth.rooms[name]
        actor.ask_members(name)
        yield from wait_same(
            lambda room=room: [
                *fold_problems(actor, room),
                *told_members_problems(actor, room),
            ],
            f"{actor.name} in {name}",
        )
    if sorted(actor.folds) != truth.of[actor.name]:
        yield f"{actor.name} is in {sorted(actor.folds)}, not {truth.of[actor.name]}"
