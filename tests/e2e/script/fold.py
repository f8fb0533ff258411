"""A room as its log leaves it; docs/protocol.md, "The room log"."""

from dataclasses import dataclass, field


@dataclass
class Message:
    seq: int
    sender: str  # an id
    name: str
    text: str | None  # None: deleted
    edited: bool = False
    reactions: dict = field(default_factory=dict)  # emoji -> ids, in order

    def erase(self):
        self.text, self.edited, self.reactions = None, False, {}

    def react(self, user, emoji, on):
        users = self.reactions.setdefault(emoji, [])
        if on and user not in users:
            users.append(user)
        elif not on and user in users:
            users.remove(user)
        if not users:
            del self.reactions[emoji]

    def apply(self, entry):
        kind = entry["event"]
        if kind == "delete":
            self.erase()
        elif self.text is None:
            pass
        elif kind == "edit":
            self.text, self.edited = entry.get("text"), True
        elif kind == "react":
            self.react(entry["from"]["id"], entry["emoji"], entry["on"])

    def shown(self):
        """What every client shows of it."""
        counts = {emoji: len(users) for emoji, users in self.reactions.items()}
        return (self.name, self.text, self.edited, tuple(counts.items()))


class Fold:
    """
    Of entries and of the changes that came with their pages, in any order.
    All that are known from one seq on must be given, without a hole.
    """

    def __init__(self):
        self.entries = {}
        self._about = {}  # a message's seq -> entries about it, by seq
        self._changes = {}

    def add(self, entry):
        self.entries[entry["seq"]] = entry
        if "ref" in entry:
            self._about.setdefault(entry["ref"], {})[entry["seq"]] = entry

    def add_change(self, change):
        known = self._changes.get(change["ref"])
        if known is None or known["upto"] < change["upto"]:
            self._changes[change["ref"]] = change

    @property
    def first(self):
        return min(self.entries, default=0)

    def message(self, seq):
        entry = self.entries[seq]
        sender = entry["from"]
        message = Message(seq, sender["id"], sender["name"], entry.get("text"))
        change = self._changes.get(seq)
        if change:
            self._begin(message, change)
        for about, later in sorted(self._about.get(seq, {}).items()):
            if not change or about > change["upto"]:
                message.apply(later)
        return message

    def _begin(self, message, change):
        if change.get("deleted"):
            message.erase()
            return
        if change.get("edit"):
            edit = self.entries.get(change["edit"], {})
            message.text, message.edited = change.get("text", edit.get("text")), True
        for reaction in change.get("reactions", []):
            message.reactions[reaction["emoji"]] = list(reaction["users"])

    def messages(self):
        return [
            self.message(seq)
            for seq, entry in sorted(self.entries.items())
            if entry["event"] == "message"
        ]

    def topic(self):
        """None: nothing that is known has set it."""
        topic = None
        for _, entry in sorted(self.entries.items()):
            topic = entry.get("topic", topic)
        return topic

    def members(self):
        """id -> role, of a log from its first entry."""
        roles = {}
        for seq, entry in sorted(self.entries.items()):
            self._place(roles, seq, entry)
        return roles

    def _place(self, roles, seq, entry):
        kind, who = entry["event"], entry["from"]["id"]
        room = entry["room"]
        if kind == "join":
            made = seq == 1 and room != "lobby" and "with" not in entry
            roles[who] = "owner" if made else "member"
            if "with" in entry:
                roles[entry["with"]["id"]] = "member"
        elif kind == "leave":
            roles.pop(who, None)
        elif kind == "kick" or (kind == "ban" and entry["on"]):
            roles.pop(entry["user"]["id"], None)
        elif kind == "role":
            roles[entry["user"]["id"]] = entry["role"]
