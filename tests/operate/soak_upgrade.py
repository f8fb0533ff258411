#!/usr/bin/env python3
"""A large fleet while servers follow each other. Called by ./dev soak upgrade."""

import argparse
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/operate"), str(ROOT / "tests/e2e")]

from fleet import Fleet, through_hand_overs, through_restarts  # noqa: E402
from running import Manager, Running  # noqa: E402


def by_hand_over(build, folder, clients, times):
    server = Running(build, folder)
    server.start()
    fleet = Fleet(build, server.url, clients)
    try:
        for server in through_hand_overs(server, fleet, times):
            pass
        return fleet.end()
    finally:
        fleet.kill()
        server.stop()


def by_socket(build, folder, clients, times):
    folder.mkdir()
    manager = Manager(build, folder)
    manager.start()
    fleet = Fleet(build, manager.url, clients)
    try:
        through_restarts(manager, fleet, times)
        return fleet.end()
    finally:
        fleet.kill()
        manager.close()


def main():
    parser = argparse.ArgumentParser(prog="./dev soak upgrade")
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    build = ROOT / "build"
    with tempfile.TemporaryDirectory(prefix="chat-") as name:
        for way in (by_hand_over, by_socket):
            folder = pathlib.Path(name) / way.__name__
            measured = way(build, folder, options.clients, options.times)
            print(f"{way.__name__.replace('_', ' ')}, {options.times} times:")
            for what, value in measured.items():
                print(f"    {what.replace('_', ' '):24} {value}")


if __name__ == "__main__":
    main()
