#!/usr/bin/env python3
"""Every kind of client plays a random script; ./dev soak script.

A page, two terminals, a program on the SDK and a client of the bare protocol
write, change and delete, react, invite, kick, ban and give roles in public rooms,
private rooms and conversations of two, while their connections are cut and
the server is restarted and killed. The seed decides every step and fault; how
they interleave in the log is the machine's affair. From time to time, and at
the end, all come to rest, and what each shows is compared with the server's
log. At the end the database is verified.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile

from drivers.browser import Browser
from script.run import Script

ROOT = pathlib.Path(__file__).resolve().parents[2]
STEPS_EACH = 1000  # for each restart, kill, and end of a terminal


def main():
    parser = argparse.ArgumentParser(prog="./dev soak script")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--compare-each", type=int, default=500, help="steps")
    arguments = parser.parse_args()
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    faults = arguments.steps // STEPS_EACH + 1
    print(f"seed {arguments.seed}", flush=True)
    browser = Browser()
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        script = Script(
            build,
            pathlib.Path(folder),
            browser,
            arguments.seed,
            arguments.steps,
            faults,
            faults,
        )
        try:
            problems = script.run(
                arguments.compare_each, lambda text: print(text, flush=True)
            )
            print(*script.shares(), sep="\n")
        finally:
            script.close()
            browser.close()
        problems += script.verify()
    print(*problems, sep="\n")
    print(script.figures)
    print("soak failed" if problems else "all show the same rooms")
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
