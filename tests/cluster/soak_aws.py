#!/usr/bin/env python3
"""Many sends while tasks, tables and Redis fail. Called by ./dev soak aws."""

import argparse
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / f"tests/{part}") for part in ("e2e", "crash", "dynamodb")]

from cluster import Services, what_is_missing  # noqa: E402
from trial import Trial  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="./dev soak aws")
    parser.add_argument("--sends", type=int, default=100_000)
    parser.add_argument("--window", type=int, default=8, help="under way, a sender")
    options = parser.parse_args()
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    if missing := what_is_missing(build):
        sys.exit(missing)
    services = Services(build)
    try:
        with tempfile.TemporaryDirectory(prefix="chat-") as folder:
            trial = Trial(services, build, pathlib.Path(folder), options.window)
            figures = trial.run(options.sends)
    finally:
        services.stop()
    print(figures)
    print("soak failed" if figures.problems() else "one log, nothing lost or doubled")
    return bool(figures.problems())


if __name__ == "__main__":
    sys.exit(main())
