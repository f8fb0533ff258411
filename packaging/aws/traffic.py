"""Who gets the requests: blue or green, and how they are moved from one to the
other. Moving is at the balancer, takes seconds, and disconnects nobody who comes
through API Gateway: it keeps the sockets, and each message is a request.
"""

import time
from typing import Protocol

COLORS = ("blue", "green")
FIRST_WEIGHTS = (90, 10)
RELEASE_STEPS = (10, 50, 100)
STEPS_MAX = 10  # of a shift
STEP_SECONDS = 10  # each takes at least
POLL_SECONDS = 5


class Problem(Exception):
    """What the user is told instead of a result: what is wrong, what to do."""


class Balanced(Protocol):
    def weights(self):
        """{"blue": 90, "green": 10}, as they are set."""

    def shift(self, blue, green):
        """Shares out requests from now on, and ends no connection."""

    def last_alone(self):
        """The color that last had all requests."""

    def remember_alone(self, color): ...

    def ailing(self, color):
        """What is wrong with a color, in words, or None. A Problem when nobody
        can tell."""

    def replace(self, color, image):
        """Has the color's tasks run another image; the other serves meanwhile."""

    def finish(self):
        """What is due when a release has all requests."""


def other(color):
    return COLORS[1 - COLORS.index(color)]


def all_to(color):
    return {color: 100, other(color): 0}


def busier(weights):
    return "green" if weights["green"] > weights["blue"] else "blue"


def share_of(weights, color):
    return weights[color] / sum(weights.values())


def remember(deployment, weights):
    for color in COLORS:
        if weights[other(color)] == 0:
            deployment.remember_alone(color)


def first_ailing(deployment, colors):
    """Not to know is as bad as not to be well."""
    try:
        return next(filter(None, map(deployment.ailing, colors)), None)
    except Problem as problem:
        return str(problem)


def wait(deployment, colors, seconds):
    """What is wrong within these seconds; None is well."""
    end = time.monotonic() + seconds
    while True:
        if wrong := first_ailing(deployment, colors):
            return wrong
        left = end - time.monotonic()
        if left <= 0:
            return None
        time.sleep(min(POLL_SECONDS, left))


def move(deployment, path, before, seconds, say):
    """Along the path, each step watched for so long; back when it is not well."""
    gaining = [c for c in COLORS if share_of(path[-1], c) > share_of(before, c)]
    if wrong := first_ailing(deployment, gaining):
        raise Problem(f"nothing is moved: {wrong}")
    for weights in path:
        deployment.shift(**weights)
        say(weights)
        if wrong := wait(deployment, gaining, seconds):
            deployment.shift(**before)
            say(before)
            raise Problem(f"taken back: {wrong}")


def steps_between(first, last, seconds):
    count = max(1, min(STEPS_MAX, seconds // STEP_SECONDS))
    start, end = share_of(first, "green"), share_of(last, "green")
    greens = [start + (end - start) * n / count for n in range(1, count)]
    between = [round(100 * green) for green in greens]
    return [{"blue": 100 - green, "green": green} for green in between] + [last]


def shift(deployment, wanted, seconds, say):
    if sum(wanted.values()) == 0:
        raise Problem("both weights are 0: nobody would be served")
    before = deployment.weights()
    remember(deployment, before)
    if seconds == 0:
        deployment.shift(**wanted)
        say(wanted)
        return
    path = steps_between(before, wanted, seconds)
    move(deployment, path, before, seconds / len(path), say)


def release(deployment, image, seconds, say):
    old = busier(deployment.weights())
    new, before = other(old), all_to(old)
    # Nobody is served by tasks that are replaced.
    deployment.shift(**before)
    deployment.remember_alone(old)
    say(before)
    try:
        deployment.replace(new, image)
    except Problem:
        # An update that fails puts back what it found, weights too.
        deployment.shift(**before)
        raise
    path = [{new: share, old: 100 - share} for share in RELEASE_STEPS]
    move(deployment, path, before, seconds / len(path), say)
    deployment.finish()


def rollback(deployment, color, say):
    weights = all_to(color or deployment.last_alone())
    deployment.shift(**weights)
    say(weights)
