#!/usr/bin/env python3
"""A room at seven tenths of the most it can deliver, for a while; ./dev soak fanout.

First the most is measured, with 64 messages under way; then eight senders keep
the rate. Each line says how large the server is, and what was lost, came twice
or out of order since the begin.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

import running
from servers import ROOT, SERVERS

BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
SHARE = 0.7
SENDERS = 8
CLIENTS_MAX = 10_000


def load(server, process, *arguments):
    command = [
        BUILD / "tests/bench/load",
        *("--adapter", server.adapter, "--port", process.port),
        *("--server-pid", process.process.pid),
        *arguments,
    ]
    return [str(part) for part in command]


def find_most(server, program, work, receivers):
    """Messages a second."""
    with running.Running(server, program, work, CLIENTS_MAX) as process:
        command = load(
            server,
            process,
            *("--workload", "fanout", "--receivers", receivers, "--window", 64),
        )
        runs = running.run_json(command, 60, running.keep_to_last_processor)
    return runs[-1]["messages_per_s"]


def show(line):
    run = json.loads(line)
    if "at_s" in run:
        print(
            f"{run['at_s']:7.0f} s  {run['server_rss_mib']:7.1f} MiB"
            f"  {run['deliveries']:>14,} deliveries  lost {run['lost']}"
            f"  doubled {run['doubled']}  reordered {run['reordered']}",
            flush=True,
        )
    else:
        print(json.dumps(run, indent=1), flush=True)
    return run


def keep(server, program, work, receivers, rate, seconds):
    """The run's last words."""
    with running.Running(server, program, work, CLIENTS_MAX) as process:
        command = load(
            server,
            process,
            *("--workload", "soak", "--receivers", receivers),
            *("--publishers", SENDERS, "--rate", rate, "--seconds", seconds),
        )
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=running.keep_to_last_processor,
        ) as generator:
            runs = [show(line) for line in generator.stdout]
    if generator.returncode != 0:
        sys.exit(f"soak: the load generator ended with {generator.returncode}")
    return runs[-1]


def main():
    parser = argparse.ArgumentParser(prog="./dev soak fanout")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--receivers", type=int, default=100)
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = next(row for row in SERVERS if row.name == "chatd")
    program = server.find(BUILD)
    with tempfile.TemporaryDirectory(prefix="soak-", dir=BUILD) as folder:
        work = pathlib.Path(folder)
        most = find_most(server, program, work, arguments.receivers)
        rate = int(most * SHARE)
        print(f"most {most:,.0f} messages/s; now {rate:,} messages/s", flush=True)
        seconds = arguments.minutes * 60
        last = keep(server, program, work, arguments.receivers, rate, seconds)
    return any(last[name] for name in ("lost", "doubled", "reordered"))


if __name__ == "__main__":
    sys.exit(main())
