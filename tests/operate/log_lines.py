"""The lines of a server's log, as objects."""

import json

DEBUG = ["--log-level", "debug"]


def line_of(server, event, **members):
    """The first line of an event with these members; waits for it."""

    def is_it(text):
        if f'"event":"{event}"' not in text:
            return False
        line = json.loads(text)
        return all(line.get(name) == value for name, value in members.items())

    return json.loads(server.log.find(is_it, f"{event} {members}"))
