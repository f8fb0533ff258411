"""The servers that are measured: where each is found and how it is started.

A row of SERVERS is one server with one set of options; more rows may share a
program. What a row's program lacks (it is not there, or has no such option)
leaves the row out of the run, with a sentence that says so.
"""

import json
import pathlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import peers
import running

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Missing(Exception):
    """A server cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Server:
    name: str
    adapter: str  # of the load generator
    find: Callable  # build folder -> program, or Missing
    command: Callable  # (program, folder, port, clients) -> what to run
    version: Callable  # program -> text
    groups: frozenset = frozenset()  # of workloads; empty: what its adapter knows
    measure: Callable = running.measure_server  # -> what a table calls it -> run


def output_of(command):
    done = subprocess.run(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def of_this_tree(_):
    return "of this tree"


def find_built(name):
    def find(build):
        program = build / name
        if not program.exists():
            raise Missing(f"{name} is not built")
        return program

    return find


def find_installed(name, install):
    """Below the folder that ./dev bench unpacks packages to, or on the machine."""

    def find(build):
        folders = [build / "peers/usr/sbin", "/usr/sbin", "/usr/local/bin"]
        for folder in folders:
            program = pathlib.Path(folder) / name
            if program.exists():
                return program
        raise Missing(f"not installed ({install})")

    return find


# ---- chatd ----


def chatd(name, *options):
    def find(build):
        program = find_built("server/chatd")(build)
        known = output_of([program, "--help"])
        for option in options:
            if option.startswith("--") and option not in known:
                raise Missing(f"this chatd has no option {option}")
        return program

    def command(program, folder, port, clients):
        return [
            program,
            *("--listen", f"127.0.0.1:{port}"),
            *("--data", folder / "data"),
            *("--rate-limits", "off"),
            *("--max-connections", clients),
            *("--log-level", "warning"),
            *options,
        ]

    return Server(
        name, "chat", find, command, lambda program: output_of([program, "--version"])
    )


# ---- the floors ----


def floor(name, *options, groups=frozenset()):
    def command(program, folder, port, _):
        file = folder / "floor.log"
        return [program, "--listen", port, "--file", file, *options]

    return Server(
        name,
        "plain",
        find_built("tests/bench/floor"),
        command,
        of_this_tree,
        frozenset(groups),
    )


# ---- peers ----


def node_command(program, folder, port, _):
    modules = program.parent.parent
    return ["node", ROOT / "tests/bench/node_ws_server.mjs", port, modules]


def find_node_ws(build):
    if not shutil.which("node"):
        raise Missing("not installed (apt-get install nodejs)")
    package = build / "peers/node_modules/ws/package.json"
    if not package.exists():
        raise Missing("not installed (npm install ws)")
    return package


def node_version(program):
    version = json.loads(program.read_text())["version"]
    return f"{version}, node {output_of(['node', '--version'])}"


SERVERS = [
    floor("floor-direct", "--mode", "direct"),
    floor("floor-coalesce", "--mode", "coalesce"),
    floor("floor-durable", "--mode", "durable"),
    # Each delivery as long as chatd's, which says more than the text.
    floor("floor-padded", "--pad", "136", groups=["fanout", "rooms"]),
    floor("floor-5ms", "--mode", "coalesce", "--flush-ms", "5", groups=["open"]),
    chatd("chatd"),
    chatd("chatd-at-once", "--gather-max-ms", "0"),
    Server(
        "nats-server",
        "nats",
        find_installed("nats-server", "apt-get install nats-server"),
        peers.nats_command,
        lambda program: output_of([program, "--version"]),
    ),
    Server(
        "inspircd",
        "irc",
        find_installed("inspircd", "apt-get install inspircd"),
        peers.inspircd_command,
        lambda program: output_of([program, "--version"]),
    ),
    Server("node-ws", "json", find_node_ws, node_command, node_version),
    Server(
        "store",
        "store",
        find_built("tests/bench/store_bench"),
        command=None,
        version=of_this_tree,
        measure=running.measure_store,
    ),
]
