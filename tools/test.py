#!/usr/bin/env python3
"""Runs every suite and counts single test cases. Called by ./dev test.

Each suite writes its log below build/test-logs and yields cases. A suite that
could not run counts as one failure. The last line is the sum.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import counting
from counting import FAILED, PASSED, SKIPPED, Case

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SANITIZED = ROOT / "build-asan"
LOGS = BUILD / "test-logs"
PYTEST = ROOT / ".venv/bin/pytest"
SUITE_SECONDS = 900  # a suite that hangs is a failure, not a wait

# Warnings are errors in build/; here the instrumentation adds false ones.
SANITIZER_OPTIONS = [
    "-Db_sanitize=address,undefined",
    "-Db_lundef=false",
    "-Dwerror=false",
]
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
SANITIZED_E2E = ["together", "wire", "restart", "crash"]
CLUSTER_E2E = ["together", "wire_rooms"]
GATEWAY_E2E = ["together"]
GATEWAY_CHAOS = "delay,duplicate,fail,slow,cut"  # what gets lost costs 35 s
SANITIZED_HOSTILE = ["websocket", "requests", "text"]
NOT_IN_C = (":lint", ":tools", ":web")  # meson's suites that need one run only
MESON_OUTCOMES = {"OK": PASSED, "EXPECTEDFAIL": PASSED, "SKIP": SKIPPED}


class DidNotRun(Exception):
    """A suite could not be run; the text says why."""


def run(suite, command, environment=None):
    """Runs a command with its output in the suite's log; its exit status."""
    log = LOGS / f"{suite}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(SUITE_SECONDS)
        except subprocess.TimeoutExpired:
            raise DidNotRun(f"not done after {SUITE_SECONDS} s, see {log}")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, 9)
                process.wait()


def build(suite, _, folder, options=()):
    if not (folder / "build.ninja").exists():
        if run(suite, ["meson", "setup", folder, *options]) != 0:
            raise DidNotRun((LOGS / f"{suite}.log").read_text())
    if run(suite, ["ninja", "-C", folder]) != 0:
        raise DidNotRun((LOGS / f"{suite}.log").read_text()[-8000:])
    return []


def meson_names(folder, pattern, left_out):
    listing = subprocess.run(
        ["meson", "introspect", "--tests", folder],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [
        test["name"]
        for test in json.loads(listing)
        if pattern in " ".join([*test["suite"], test["name"]])
        and not any(suite.endswith(left_out) for suite in test["suite"])
    ]


def meson_tests(suite, pattern, folder, left_out, environment=None):
    names = meson_names(folder, pattern, left_out)
    if not names:
        if pattern:
            return []
        raise DidNotRun("no test is registered with meson")
    log = folder / "meson-logs/testlog.json"
    log.unlink(missing_ok=True)
    run(suite, ["meson", "test", "-C", folder, "--no-rebuild", *names], environment)
    if not log.exists():
        raise DidNotRun((LOGS / f"{suite}.log").read_text())
    cases = []
    for line in log.read_text().splitlines():
        test = json.loads(line)
        outcome = MESON_OUTCOMES.get(test["result"], FAILED)
        text = test.get("stdout", "") + test.get("stderr", "")
        cases += counting.program(test["name"], outcome, text)
    return cases


def programs(folder):
    """How the tests of a part are told what to run."""
    return {
        "CHAT_BUILD": folder,
        "CHATD": folder / "server/chatd",
        "CHAT_TUI": folder / "client/chat-tui",
        "ECHO_SERVER": folder / "tests/front/echo_server",
    }


def pytest(suite, pattern, folder, paths, environment=None):
    report = LOGS / f"{suite}.xml"
    command = [PYTEST, "-q", "--tb=short", "-p", "no:cacheprovider"]
    command += [f"--junitxml={report}", *paths]
    if pattern:
        command += ["-k", pattern]
    status = run(suite, command, {**programs(folder), **(environment or {})})
    if not report.exists() or status not in (0, 1, 5):
        raise DidNotRun((LOGS / f"{suite}.log").read_text()[-8000:])
    cases = counting.junit(report)
    if not cases and not pattern:
        raise DidNotRun("pytest found no test")
    return cases


def pytest_parts():
    """Each with a conftest of its own; tests/lint is run by meson."""
    folders = {path.parent.name for path in ROOT.glob("tests/*/test_*.py")}
    return sorted(folders - {"lint"})


def files_of(part, names):
    folder = ROOT / "tests" / part
    return [path for name in names for path in folder.glob(f"test_{name}*.py")]


def lint(suite, pattern):
    if pattern:
        return []
    status = run(suite, ["./dev", "lint"])
    text = (LOGS / f"{suite}.log").read_text()
    return counting.program(suite, PASSED if status == 0 else FAILED, text)


@dataclass
class Suite:
    name: str
    cases: Callable  # (name, pattern) -> cases, or DidNotRun
    needs: str = "build"  # the suite without which this one makes no sense


def suites():
    sanitized = {"folder": SANITIZED, "environment": SANITIZER_ENVIRONMENT}
    return [
        Suite("build", partial(build, folder=BUILD), needs=""),
        Suite("parts", partial(meson_tests, folder=BUILD, left_out=(":lint",))),
        *[
            Suite(part, partial(pytest, folder=BUILD, paths=[f"tests/{part}"]))
            for part in pytest_parts()
        ],
        Suite(
            "cluster-e2e",
            partial(
                pytest,
                folder=BUILD,
                paths=files_of("e2e", CLUSTER_E2E),
                environment={"CHAT_CLUSTER": "1"},
            ),
        ),
        Suite(
            "gateway-e2e",
            partial(
                pytest,
                folder=BUILD,
                paths=files_of("e2e", GATEWAY_E2E),
                environment={"CHAT_GATEWAY": "1", "CHAT_CHAOS": GATEWAY_CHAOS},
            ),
        ),
        Suite("lint", lint, needs=""),
        Suite(
            "asan-build", partial(build, folder=SANITIZED, options=SANITIZER_OPTIONS)
        ),
        Suite(
            "asan-parts",
            partial(meson_tests, left_out=NOT_IN_C, **sanitized),
            needs="asan-build",
        ),
        Suite(
            "asan-e2e",
            partial(pytest, paths=files_of("e2e", SANITIZED_E2E), **sanitized),
            needs="asan-build",
        ),
        Suite(
            "asan-hostile",
            partial(
                pytest, paths=files_of("hostile", SANITIZED_HOSTILE), **sanitized
            ),
            needs="asan-build",
        ),
    ]


def run_suite(suite, pattern):
    started = time.monotonic()
    name = suite.name
    try:
        cases = suite.cases(name, pattern)
    except DidNotRun as reason:
        cases = [Case(f"{name} did not run", FAILED, str(reason))]
    for case in cases:
        if case.outcome == FAILED:
            print(f"\nFAILED {name}: {case.name}\n{case.output}", flush=True)
    seconds = time.monotonic() - started
    print(f"{name:12} {sentence(cases)} ({seconds:.0f} s)", flush=True)
    return cases


def sentence(cases):
    count = {o: sum(c.outcome == o for c in cases) for o in (PASSED, FAILED, SKIPPED)}
    text = f"{count[PASSED]} passed, {count[FAILED]} failed"
    return text + (f", {count[SKIPPED]} skipped" if count[SKIPPED] else "")


def run_all(pattern):
    cases = []
    broken = set()
    for suite in suites():
        if suite.needs in broken:
            broken.add(suite.name)
            continue
        done = run_suite(suite, pattern)
        cases += done
        if suite.name.endswith("build") and done:
            broken.add(suite.name)
    if not cases:
        cases.append(Case(f"no test has {pattern} in its name", FAILED))
    return cases


def main():
    parser = argparse.ArgumentParser(prog="./dev test")
    parser.add_argument("--filter", default="", metavar="PATTERN")
    arguments = parser.parse_args()
    BUILD.mkdir(exist_ok=True)
    shutil.rmtree(LOGS, ignore_errors=True)
    LOGS.mkdir()
    cases = run_all(arguments.filter)
    print(f"logs: {LOGS.relative_to(ROOT)}\n\n{sentence(cases)}")
    return any(case.outcome == FAILED for case in cases)


if __name__ == "__main__":
    sys.exit(main())
