"""What one does to a deployment, wherever it is: up, down, shift, rollback,
status, logs. The same words and the same output for the stack of one machine
and for the one in an account; what differs is behind Deployment.
"""

import argparse
import json
import sys
from typing import Protocol

COLORS = ("blue", "green")
FIRST_WEIGHTS = (90, 10)


class Problem(Exception):
    """What the user is told instead of a result: what is wrong, what to do."""


class Deployment(Protocol):
    def add_options(self, parser, verb): ...

    def configure(self, arguments): ...

    def up(self):
        """Makes everything be there and as asked; what is so is left alone."""

    def down(self):
        """Leaves nothing, also when half of it is missing."""

    def shift(self, blue, green):
        """Shares out requests from now on, and ends no connection."""

    def status(self):
        """{"up", "weights", "served", "parts", "addresses"} as dicts."""

    def logs(self, name, follow, lines):
        """Prints; of all parts for name None."""


def weight(text):
    if not text.isdecimal() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return int(text)


def make_parser(verb, deployment):
    texts = {
        "up": "Starts the stack, or brings it to what is asked.",
        "down": "Stops the stack and leaves nothing of it.",
        "shift": "Shares requests between blue and green from now on.",
        "rollback": "Gives all requests to blue, at once.",
        "status": "Shows what runs, the weights, and who served how much.",
        "logs": "Shows the logs of the parts.",
    }
    parser = argparse.ArgumentParser(prog=verb, description=texts[verb])
    deployment.add_options(parser, verb)
    if verb == "shift":
        parser.add_argument("blue", type=weight, metavar="BLUE")
        parser.add_argument("green", type=weight, metavar="GREEN")
    if verb == "status":
        parser.add_argument("--json", action="store_true", help="for programs")
    if verb == "logs":
        parser.add_argument("part", nargs="?", metavar="PART")
        parser.add_argument("--follow", action="store_true", help="until stopped")
        parser.add_argument("--lines", type=int, default=20, help="of each (20)")
    return parser


def share(value, total):
    return f"{100 * value / total:.0f} %" if total else "-"


def describe(status):
    """Status as lines for people."""
    if not status["up"]:
        yield "not up"
    total = sum(status["served"].values())
    for color in COLORS:
        if color in status["weights"]:
            served = status["served"].get(color, 0)
            yield (
                f"{color:<16}weight {status['weights'][color]:>3}"
                f"   served {served} ({share(served, total)})"
            )
    for name, state in status["parts"].items():
        yield f"{name:<16}{state}"
    for name, address in status["addresses"].items():
        yield f"{name:<16}{address}"


def show(deployment, as_json=False):
    status = deployment.status()
    lines = [json.dumps(status)] if as_json else describe(status)
    print("\n".join(lines), flush=True)
    return 0 if status["up"] else 1


def shift(deployment, blue, green):
    if blue + green == 0:
        raise Problem("both weights are 0: nobody would be served")
    deployment.shift(blue, green)
    print(f"blue {blue}, green {green}", flush=True)


def perform(verb, deployment, arguments):
    if verb == "up":
        deployment.up()
        return show(deployment)
    if verb == "down":
        deployment.down()
    elif verb == "shift":
        shift(deployment, arguments.blue, arguments.green)
    elif verb == "rollback":
        shift(deployment, 100, 0)
    elif verb == "status":
        return show(deployment, arguments.json)
    else:
        deployment.logs(arguments.part, arguments.follow, arguments.lines)
    return 0


def main(verb, deployment, words=None):
    """The exit status: 0 done, 1 a problem or not up, 2 usage."""
    arguments = make_parser(verb, deployment).parse_args(words)
    deployment.configure(arguments)
    try:
        return perform(verb, deployment, arguments)
    except Problem as problem:
        print(f"{verb}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
