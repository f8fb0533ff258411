#!/usr/bin/env python3
"""Measures chatd beside the floors and its peers; ./dev bench.

For each repetition, each workload, each server: a fresh process of it, and the
load generator against it. So what changes on the machine meanwhile changes for
all. Prints tables of medians [lowest..highest], and which targets were met.
"""

import argparse
import json
import os
import pathlib
import resource
import sys
import tempfile

import machine
import running
import tables
import targets
import workloads
from servers import ROOT, SERVERS, Missing

BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()


def parse(arguments):
    rows = workloads.WORKLOADS
    names = sorted({name for row in rows for name in (row.name, row.group)})
    parser = argparse.ArgumentParser(prog="./dev bench")
    parser.add_argument(
        "workloads", nargs="*", metavar="WORKLOAD", help=", ".join(names)
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--warmup", type=float, default=0.7, metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=3)
    servers = ", ".join(server.name for server in SERVERS)
    parser.add_argument("--only", default="", metavar="SERVER,...", help=servers)
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        options.workloads = workloads.chosen(options.workloads)
        options.servers = chosen_servers(options.only)
    except ValueError as error:
        parser.error(str(error))
    return options


def chosen_servers(only):
    names = [name for name in only.split(",") if name]
    unknown = set(names) - {server.name for server in SERVERS}
    if unknown:
        raise ValueError(f"no server {', '.join(sorted(unknown))}")
    return [server for server in SERVERS if not names or server.name in names]


def find_all(servers):
    """The programs that are here, and for the others why they are not."""
    programs, missing = {}, {}
    for server in servers:
        try:
            programs[server.name] = server.find(BUILD)
        except Missing as reason:
            missing[server.name] = str(reason)
    return programs, missing


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, programs, work):
        self._options = options
        self._programs = programs
        self._setting = running.Setting(BUILD, work, options.warmup, options.seconds)
        self.disk = machine.Disk(work)
        self.results = tables.Results()

    def run(self):
        for repetition in range(1, self._options.repetitions + 1):
            say(f"repetition {repetition} of {self._options.repetitions}")
            for workload in self._options.workloads:
                self.disk.sample()
                for server in self._options.servers:
                    if server.name in self._programs and workload.fits(server):
                        self._measure(workload, server)

    def _measure(self, workload, server):
        program = self._programs[server.name]
        try:
            found = server.measure(self._setting, workload, server, program)
        except running.Failed as failure:
            self.results.fail(workload.name, server.name, str(failure))
            say(f"{workload.name} {server.name}: failed: {failure}")
        else:
            for name, run in found.items():
                self._add(workload, name, run)

    def _add(self, workload, name, run):
        self.results.add(workload.name, name, run)
        first = workload.columns[0]
        if first.key in run:
            say(f"{workload.name} {name}: {first.form(run[first.key])} {first.title}")


def describe(about, versions, missing):
    sync = about["fdatasync"]
    lines = [
        f"- {about['processors']} processors, {about['processor']}, "
        f"{about['memory_gib']} GiB, Linux {about['kernel']}",
        f"- data on {about['file_system']}; {sync['appends']} appends of "
        f"{machine.APPEND_BYTES} bytes with fdatasync, all through the run: "
        f"p50 {tables.microseconds(sync['p50_us'])}, "
        f"p99 {tables.microseconds(sync['p99_us'])}",
        f"- commit {about['commit']}",
        *(f"- {name}: {version}" for name, version in versions.items()),
        *(f"- {name}: not measured: {why}" for name, why in missing.items()),
    ]
    return "\n".join(["### Machine", "", *lines])


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def report(options, about, bench, versions, missing):
    results = bench.results
    names = {workload.name for workload in options.workloads}
    judged = targets.of_workloads(results, about["fdatasync"], names)
    print(describe(about, versions, missing))
    for workload in options.workloads:
        if workload.name not in {*results.runs, *results.failures}:
            continue
        print(f"\n{tables.of_workload(results, workload)}")
    print(f"\n{targets.as_table(judged)}")
    if options.json:
        found = {
            "machine": about,
            "versions": versions,
            "missing": missing,
            "runs": results.runs,
            "failures": results.failures,
            "targets": [vars(target) for target in judged],
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def main(arguments=None):
    options = parse(arguments)
    raise_descriptor_limit()
    programs, missing = find_all(options.servers)
    versions = {
        server.name: server.version(programs[server.name])
        for server in options.servers
        if server.name in programs
    }
    with tempfile.TemporaryDirectory(prefix="bench-", dir=BUILD) as name:
        work = pathlib.Path(name)
        about = machine.describe(ROOT, work)
        bench = Bench(options, programs, work)
        bench.run()
        about["fdatasync"] = bench.disk.result()
    report(options, about, bench, versions, missing)
    return bool(bench.results.failures)


if __name__ == "__main__":
    sys.exit(main())
