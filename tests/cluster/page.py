"""A room's log with the bytes of its entries as they came."""

import json

ENTRIES = '"entries":['


def entries_of(raw):
    """The bytes of each entry of a page."""
    decoder = json.JSONDecoder()
    at = raw.index(ENTRIES) + len(ENTRIES)
    entries = []
    while raw[at] != "]":
        at += raw[at] == ","
        _, end = decoder.raw_decode(raw, at)
        entries.append(raw[at:end])
        at = end
    return entries


def read_log(wire, room):
    log = []
    while True:
        page = wire.ask("history", room=room, after=len(log), limit=200)
        raw = next(r for r in reversed(wire.raw) if '"reply"' in r and ENTRIES in r)
        log += entries_of(raw)
        wire.raw.clear()
        if not page.get("more"):
            return log
