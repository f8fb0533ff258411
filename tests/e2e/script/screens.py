"""What a person reads off the screen of chat-tui."""

import re
from dataclasses import dataclass, field

SIGNS = {"@": "owner", "+": "moderator", " ": "member"}
DELETED = "message deleted"
EDITED = " (edited)"
MESSAGE = re.compile(r"^ \d\d:\d\d (.{14})(.) (.*)$")
BADGE = re.compile(r"\[?([^\s\[\]]+) (\d+)\]?")
BADGES = re.compile(r"^ {23}(?:\[?[^\s\x00-\x7f↳]+ \d+\]?(?:  )?)+ *$")
PANE_ROW = re.compile(r"^ . ([@+ ])(\S+)$")
LIST_ROW = re.compile(r"^ (?:\d|  ?) ?(\S+)(?: .*)?$")
STATE_WAITING = "…"
STATE_FAILED = "!"
TEXT_COLUMN = 23


@dataclass
class Screen:
    header: str
    messages: list  # as Message.shown()
    waiting: bool  # something of one's own is not in the log yet
    members: dict = field(default_factory=dict)  # name -> role
    rooms: list = field(default_factory=list)


def split(text):
    """The three columns, row by row."""
    rows = [row.split("│", 1) for row in text.rstrip("\n").split("\n")]
    left = [row[0] for row in rows]
    rest = [row[-1].rpartition("│") for row in rows]
    return left, [row[0] for row in rest], [row[2] for row in rest]


def read(text):
    left, middle, right = split(text)
    messages, waiting = read_messages(middle[1:-1])
    return Screen(
        header=middle[0].strip(),
        messages=messages,
        waiting=waiting,
        members=read_members(right[1:]),
        rooms=read_rooms(left[1:]),
    )


def read_messages(rows):
    messages, waiting = [], False
    current = None
    for row in rows:
        match = MESSAGE.match(row.ljust(TEXT_COLUMN))
        if match:
            current = take_message(match)
            if match[2] == STATE_WAITING:
                waiting = True
            if current and match[2] not in (STATE_WAITING, STATE_FAILED):
                messages.append(current)
            else:
                current = None
        else:
            if current and BADGES.match(row):
                current[3].extend((e, int(n)) for e, n in BADGE.findall(row))
            current = None
    return [(n, t, e, tuple(b)) for n, t, e, b in messages], waiting


def take_message(match):
    """None: no message of somebody's."""
    name, text = match[1].strip(), match[3].rstrip()
    if not name.isascii() or not name:
        return None
    if text == DELETED:
        return [name, None, False, []]
    edited = text.endswith(EDITED)
    return [name, text.removesuffix(EDITED), edited, []]


def read_members(rows):
    matches = (PANE_ROW.match(row) for row in rows)
    return {match[2]: SIGNS[match[1]] for match in matches if match}


def read_rooms(rows):
    rooms = []
    for row in rows:
        if row.strip() in ("", "Invitations"):
            break
        rooms.append(LIST_ROW.match(row)[1])
    return rooms
