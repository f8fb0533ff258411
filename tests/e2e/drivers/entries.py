"""The entries of rooms as a client applies them: each once, by seq, no gap."""


class Entries:
    def __init__(self):
        self._last = {}  # room -> (epoch, seq of the last that was applied)
        self._held = {}  # room -> seq -> entry that is too early
        self._ready = []

    def begin(self, room, epoch, head):
        """Live entries follow from head + 1, unless the room is known."""
        self._last.setdefault(room, (epoch, head))
        self._release(room)

    def hello(self, request, answer):
        """A room that is resumed goes on where it was asked to."""
        wanted = {each["room"]: each["seq"] for each in request.get("resume", [])}
        for room in answer["rooms"]:
            name, head = room["room"], room["head"]
            start = wanted.get(name, head) if room.get("resumed") else head
            self.begin(name, room["epoch"], start)

    def add(self, entry):
        self._held.setdefault(entry["room"], {})[entry["seq"]] = entry
        self._release(entry["room"])

    def _release(self, room):
        if room not in self._last:
            return
        held = self._held.get(room, {})
        epoch, last = self._last[room]
        for seq in [seq for seq in held if seq <= last]:
            del held[seq]
        while entry := held.pop(last + 1, None):
            last += 1
            self._ready.append(entry)
        self._last[room] = (epoch, last)

    def take(self):
        """What is ready since the last time, in order."""
        ready, self._ready = self._ready, []
        return ready

    def behind(self, heads):
        """(room, seq) of those where something is missing."""
        for room, stand in heads.items():
            _, last = self._last.get(room, ("", stand["head"]))
            if last < stand["head"]:
                yield room, last

    def stands(self):
        """What a hello resumes."""
        return [
            {"room": room, "epoch": epoch, "seq": last}
            for room, (epoch, last) in self._last.items()
        ]
