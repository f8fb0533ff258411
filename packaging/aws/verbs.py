"""What one does to a deployment, wherever it is: up, down, shift, release,
rollback, status, logs. The same words and the same output for the stack of one
machine and for the one in an account; what differs is behind Deployment.
"""

import argparse
import json
import sys
from typing import Protocol

import traffic
from traffic import COLORS, Problem

ALSO_CALLED = {"deploy": "up", "destroy": "down"}
RELEASE_SECONDS = 900


class Deployment(traffic.Balanced, Protocol):
    def add_options(self, parser, verb): ...

    def configure(self, arguments): ...

    def up(self):
        """Makes everything be there and as asked; what is so is left alone."""

    def down(self):
        """Leaves nothing, also when half of it is missing."""

    def status(self):
        """{"up", "weights", "served", "parts", "alarms", "addresses"} as dicts."""

    def logs(self, name, follow, lines):
        """Prints; of all parts for name None."""


def weight(text):
    if not text.isdecimal() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 100")
    return int(text)


def count(text):
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 on")
    return int(text)


# ---- what is written ----


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
    for kind in ("parts", "alarms", "addresses"):
        for name, text in status[kind].items():
            yield f"{name:<16}{text}"


def show(deployment, as_json=False):
    status = deployment.status()
    lines = [json.dumps(status)] if as_json else describe(status)
    print("\n".join(lines), flush=True)
    return 0 if status["up"] else 1


def say(weights):
    print(f"blue {weights['blue']}, green {weights['green']}", flush=True)


# ---- the verbs ----


def is_dry(arguments):
    return getattr(arguments, "dry_run", False)


def seconds_over(arguments):
    """A dry run has nothing to watch."""
    return 0 if is_dry(arguments) else arguments.over


def up(deployment, arguments):
    deployment.up()
    return 0 if is_dry(arguments) else show(deployment)


def down(deployment, _):
    deployment.down()


def shift(deployment, arguments):
    wanted = {"blue": arguments.blue, "green": arguments.green}
    traffic.shift(deployment, wanted, seconds_over(arguments), say)


def release(deployment, arguments):
    traffic.release(deployment, arguments.version, seconds_over(arguments), say)


def rollback(deployment, arguments):
    traffic.rollback(deployment, arguments.color, say)


def status(deployment, arguments):
    return show(deployment, arguments.json)


def logs(deployment, arguments):
    deployment.logs(arguments.part, arguments.follow, arguments.lines)


VERBS = {
    "up": (up, "Makes the deployment be there and as asked."),
    "down": (down, "Ends the deployment."),
    "shift": (shift, "Shares requests between blue and green from now on."),
    "release": (
        release,
        "Gives an image to the color that serves less, then moves all requests"
        " there by tenth, half and whole. When that color is not well, they go"
        " back.",
    ),
    "rollback": (
        rollback,
        "Gives all requests, at once, to the color that last had them all.",
    ),
    "status": (status, "Shows what runs, the weights, and who served how much."),
    "logs": (logs, "Shows the logs of the parts."),
}


# ---- the command ----


def add_arguments(add, verb):
    if verb == "shift":
        add("blue", type=weight, metavar="BLUE")
        add("green", type=weight, metavar="GREEN")
        add("--over", type=count, default=0, metavar="SECONDS",
            help="in steps, each watched: what is not well takes them back")  # fmt: skip
    elif verb == "release":
        add("version", metavar="IMAGE")
        add("--over", type=count, default=RELEASE_SECONDS, metavar="SECONDS",
            help=f"how long the steps take together ({RELEASE_SECONDS})")  # fmt: skip
    elif verb == "rollback":
        add("color", nargs="?", choices=COLORS, help="another than that")
    elif verb == "status":
        add("--json", action="store_true", help="for programs")
    elif verb == "logs":
        add("part", nargs="?", metavar="PART")
        add("--follow", action="store_true", help="until stopped")
        add("--lines", type=count, default=20, help="of each (20)")


def make_parser(name, verb, deployment):
    parser = argparse.ArgumentParser(prog=name, description=VERBS[verb][1])
    deployment.add_options(parser, verb)
    add_arguments(parser.add_argument, verb)
    return parser


def main(name, deployment, words=None):
    """The exit status: 0 done, 1 a problem or not up, 2 usage."""
    verb = ALSO_CALLED.get(name, name)
    arguments = make_parser(name, verb, deployment).parse_args(words)
    try:
        deployment.configure(arguments)
        return VERBS[verb][0](deployment, arguments) or 0
    except Problem as problem:
        print(f"{name}: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
