"""What goes wrong by chance, the same way for the same seed.

Each kind has a share, from 0 to 1; `delay=0.2,drop=0.01`. It is asked for on
each of three ways: a request to the integration, its answer to the client, and
a POST to @connections to the client.

    delay      takes up to so many milliseconds, and thus reorders
    duplicate  happens twice
    drop       never arrives, and nobody is told
    fail       the client gets the gateway's error frame, or @connections
               answers 500; what was asked for may have been done or not
    slow       @connections answers 429
    cut        the client's connection breaks without a close frame
"""

import asyncio
import random

KINDS = ("delay", "duplicate", "drop", "fail", "slow", "cut")


class BadChaos(ValueError):
    """What was asked for is not understood; the text says why."""


def parse(text):
    """`kind=share` pairs, comma separated."""
    shares = dict.fromkeys(KINDS, 0.0)
    for pair in filter(None, text.split(",")):
        kind, _, share = pair.partition("=")
        if kind not in shares:
            raise BadChaos(f"no chaos {kind!r}: one of {', '.join(KINDS)}")
        try:
            shares[kind] = float(share)
        except ValueError:
            raise BadChaos(f"{pair!r}: a share such as {kind}=0.1") from None
        if not 0 <= shares[kind] <= 1:
            raise BadChaos(f"{pair!r}: a share is from 0 to 1")
    return shares


class Chaos:
    def __init__(self, text, milliseconds, seed):
        self._shares = parse(text)
        self._seconds = milliseconds / 1000
        self._random = random.Random(seed)

    def happens(self, kind):
        share = self._shares[kind]
        return share > 0 and self._random.random() < share

    def chance(self, share):
        return share > 0 and self._random.random() < share

    async def delay(self):
        if self.happens("delay"):
            await asyncio.sleep(self._random.uniform(0, self._seconds))
