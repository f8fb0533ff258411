"""What was said, who has seen it, and how long that took. No clock of its own."""

import collections

RECENT = 2000  # samples that the live view looks at


def percentile(samples, share):
    """0 for no samples."""
    if not samples:
        return 0.0
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Tally:
    def __init__(self, names):
        self.said_at = {}  # text -> seconds
        self.said_by = collections.Counter()
        self.seen_by = {name: set() for name in names}
        self.duplicated = 0
        self.latencies = []
        self.recent = collections.deque(maxlen=RECENT)

    def said(self, name, text, now):
        self.said_at[text] = now
        self.said_by[name] += 1

    def seen(self, name, text, now):
        """Text that nobody of ours said is not counted."""
        if text not in self.said_at:
            return
        if text in self.seen_by[name]:
            self.duplicated += 1
            return
        self.seen_by[name].add(text)
        self.latencies.append(now - self.said_at[text])
        self.recent.append(self.latencies[-1])

    @property
    def sent(self):
        return len(self.said_at)

    @property
    def delivered(self):
        return len(self.latencies)

    def is_complete(self):
        return all(len(seen) == self.sent for seen in self.seen_by.values())

    def missing(self):
        """Texts that somebody has not seen."""
        return {
            text
            for text in self.said_at
            if any(text not in seen for seen in self.seen_by.values())
        }

    def check_log(self, texts):
        """The room's log, read anew at the end: (missing, repeated)."""
        counted = collections.Counter(text for text in texts if text in self.said_at)
        missing = self.said_at.keys() - counted.keys()
        return set(missing), sum(count - 1 for count in counted.values())

    def milliseconds(self, share, recent=False):
        samples = self.recent if recent else self.latencies
        return round(1000 * percentile(samples, share))
