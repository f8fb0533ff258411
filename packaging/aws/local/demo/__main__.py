"""./dev demo: requests move from blue to green and nobody is cut off.

The last line is the result in JSON; the exit status is 0 when nothing was lost,
doubled or disconnected.
"""

import argparse
import asyncio
import json
import os
import pathlib
import sys
import tempfile

import verbs
from twin.deployment import Twin
from twin.parts import ROOT

from . import plan
from .deployed import Deployed
from .show import Failed, Show
from .view import choose

SECONDS = 240
RATE = 20


def parse(words):
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    add = parser.add_argument
    add("--seconds", type=float, default=SECONDS, help=f"how long ({SECONDS})")
    add("--json", action="store_true", help="standard output has the result alone")
    add("--rate", type=float, default=RATE, help=f"messages a second ({RATE})")
    add("--variant", choices=("plain", "replace", "rollback"), default="plain",
        help="replace: green by a new build in the middle; rollback: at the end"
        " all goes to blue")  # fmt: skip
    add("--every", type=float, default=0, metavar="SECONDS",
        help="go through all weights instead, one each SECONDS")  # fmt: skip
    add("--front", choices=("gateway", "direct"), default="gateway",
        help="through what the first half of the clients comes")  # fmt: skip
    add("--aws", metavar="URL",
        help="a deployment that is there already: where its clients connect")  # fmt: skip
    add("--commands", type=pathlib.Path, default=ROOT / "packaging/aws",
        help="folder of that deployment's commands (packaging/aws)")  # fmt: skip
    Twin().add_options(parser, "up")
    options = parser.parse_args(words)
    if options.aws and (options.variant == "replace" or options.front == "direct"):
        parser.error("--aws is without --variant replace and --front direct")
    return options


def state_of(options, folder):
    """A stack of its own, unless one was named."""
    default = parse([]).state
    if options.state == default:
        options.state = pathlib.Path(folder) / "stack"
        options.first_port = 0


def steps_of(options):
    if options.every:
        return plan.soak(options.seconds, options.every)
    return plan.demonstration(options.seconds, options.variant)


def choose_deployment(options, folder):
    options.build = pathlib.Path(options.build)
    if options.aws:
        return Deployed(options.aws, options.commands)
    state_of(options, folder)
    deployment = Twin()
    deployment.configure(options)
    return deployment


def perform(options, folder):
    deployment = choose_deployment(options, folder)
    was_up = deployment.status()["up"]
    deployment.up()
    try:
        view = choose(options.json)
        steps = steps_of(options)
        show = Show(deployment, view, steps, options, pathlib.Path(folder))
        return asyncio.run(show.run())
    finally:
        if not was_up:
            deployment.down()


def main():
    options = parse(sys.argv[1:])
    try:
        with tempfile.TemporaryDirectory(prefix="chat-") as folder:
            result = perform(options, folder)
    except (verbs.Problem, Failed) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(json.dumps(result, separators=(",", ":")))
    return int(any(result[name] for name in ("lost", "duplicated", "disconnects")))


if __name__ == "__main__":
    sys.exit(main())
