"""What the parts of a deployment have logged, out of CloudWatch."""

import time

from traffic import COLORS, Problem

NAMES = (*COLORS, "gateway")
WINDOWS = (5, 60, 24 * 60)  # minutes, until there are enough lines
POLL_SECONDS = 2


def events(aws, group, start_ms):
    return aws.read(
        *("logs", "filter-log-events", "--log-group-name", group),
        *("--start-time", str(start_ms)),
    )["events"]


def last_events(aws, group, count):
    now = int(time.time() * 1000)
    for minutes in WINDOWS:
        found = events(aws, group, now - minutes * 60_000)
        if len(found) >= count:
            break
    return found[-count:] if count else []


class Tail:
    """Of one group; what was shown is not shown again."""

    def __init__(self, aws, deployment, part, with_name):
        self._aws = aws
        self._group = f"/{deployment}/{part}"
        self._prefix = f"{part:<8}" if with_name else ""
        self._since = int(time.time() * 1000)
        self._shown = set()

    def _show(self, found):
        for event in found:
            if event["eventId"] not in self._shown:
                self._shown.add(event["eventId"])
                self._since = max(self._since, event["timestamp"])
                print(self._prefix + event["message"].rstrip("\n"), flush=True)

    def begin(self, lines):
        self._show(last_events(self._aws, self._group, lines))

    def go_on(self):
        self._show(events(self._aws, self._group, self._since))


def show(aws, deployment, part, follow, lines):
    if part not in (None, *NAMES):
        raise Problem(f"no log of {part}: one of {', '.join(NAMES)}")
    parts = [part] if part else NAMES
    tails = [Tail(aws, deployment, name, len(parts) > 1) for name in parts]
    for tail in tails:
        tail.begin(lines)
    while follow:
        time.sleep(POLL_SECONDS)
        for tail in tails:
            tail.go_on()
