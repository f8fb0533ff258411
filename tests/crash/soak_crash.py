#!/usr/bin/env python3
"""chatd under load is killed again and again; ./dev soak crash."""

import argparse
import os
import pathlib
import random
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

from kills import Kills  # noqa: E402

VERIFY_EACH = 25  # kills; it reads the whole file


def main():
    parser = argparse.ArgumentParser(prog="./dev soak crash")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--acks", type=int, default=1_000_000, help="at least")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    print(f"seed {arguments.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        figures = Kills(build, pathlib.Path(folder), arguments.seed).run(
            kills=arguments.kills,
            acks_between=arguments.acks * 5 // 4 // arguments.kills + 1,
            verify_each=VERIFY_EACH,
        )
    for finding in figures.findings[:100]:
        print(finding)
    print(figures)
    return figures.problems() > 0 or figures.acked < arguments.acks


if __name__ == "__main__":
    sys.exit(main())
