#!/usr/bin/env python3
"""Breaks the product on purpose: each patch must make its test fail.

Called by ./dev test --mutations. A patch of tests/mutations/ begins with a
line "# TEST: what it breaks"; TEST is the name of a test that meson knows. All
is done to one copy of the tree, in a folder of its own.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATCHES = ROOT / "tests/mutations"
BUILD_SECONDS = 900
SEED = re.compile(r"^# (seed \d+), ", re.MULTILINE)  # of the simulation
TEST_SECONDS = 300  # a test that hangs has failed


class Broken(Exception):
    """The mutation itself is at fault; the text says why."""


@dataclass
class Mutation:
    path: pathlib.Path
    test: str
    breaks: str


def read(path):
    first = path.read_text().split("\n", 1)[0]
    test, _, breaks = first.removeprefix("# ").partition(": ")
    if not first.startswith("# ") or not breaks:
        raise Broken("the first line must be: # TEST: what it breaks")
    return Mutation(path, test, breaks)


def run(command, seconds, folder):
    """The exit status, None when time ran out, and the output."""
    process = subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        output, _ = process.communicate()
        return None, output


def must(command, folder, seconds=BUILD_SECONDS):
    status, output = run(command, seconds, folder)
    if status != 0:
        raise Broken(f"{' '.join(map(str, command))}:\n{output[-4000:]}")
    return output


def copy_tree(target):
    names = must(["git", "ls-files", "-co", "--exclude-standard", "-z"], ROOT)
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def tests_of(tree):
    listing = must(["meson", "introspect", "--tests", "build"], tree)
    return {test["name"]: test for test in json.loads(listing)}


def failure(tree, test):
    """Builds what the test needs and runs it: how it fails, None if not."""
    program = pathlib.Path(test["cmd"][0])
    build = tree / "build"
    if build in program.parents:
        must(["ninja", "-C", build, program.relative_to(build)], tree)
    status, _ = run(
        ["meson", "test", "-C", "build", "--no-rebuild", test["name"]],
        TEST_SECONDS,
        tree,
    )
    if status is None:
        return "it hangs"
    if status == 0:
        return None
    log = tree / "build/meson-logs/testlog.txt"
    seed = SEED.search(log.read_text(errors="replace"))
    return seed[1] if seed else "it fails"


def check(tree, tests, mutation):
    if mutation.test not in tests:
        raise Broken(f"there is no test {mutation.test}")
    patch = ["patch", "-p1", "--no-backup-if-mismatch", "-s", "-i", mutation.path]
    must([*patch, "--dry-run"], tree)  # one that does not apply changes nothing
    must(patch, tree)
    try:
        seen = failure(tree, tests[mutation.test])
        if seen is None:
            raise Broken(f"{mutation.test} passes, though {mutation.breaks}")
        return seen
    finally:
        must([*patch, "-R"], tree)


def tell(name, check_it):
    """Runs a check and prints its line; True when it passed."""
    try:
        said = check_it()
    except Broken as reason:
        print(f"not ok - {name}\n{reason}", flush=True)
        return False
    print(f"ok - {name}" + (f": {said}" if said else ""), flush=True)
    return True


def check_whole(tree, tests, name):
    """A test that fails anyway shows nothing."""
    if name in tests and failure(tree, tests[name]):
        raise Broken(f"{name} fails without a mutation")


def main():
    with tempfile.TemporaryDirectory(prefix="chat-mutations-") as folder:
        tree = pathlib.Path(folder)
        try:
            copy_tree(tree)
            must(["meson", "setup", "build", "-Dwerror=false"], tree)
            tests = tests_of(tree)
            mutations = [read(path) for path in sorted(PATCHES.glob("*.patch"))]
        except Broken as reason:
            print(reason)
            print("0 passed, 1 failed")
            return 1
        results = [
            tell(f"{name}, as it is", lambda: check_whole(tree, tests, name))
            for name in sorted({mutation.test for mutation in mutations})
        ]
        results += [
            tell(
                f"{mutation.path.stem} is seen by {mutation.test}",
                lambda: check(tree, tests, mutation),
            )
            for mutation in mutations
        ]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return not all(results)


if __name__ == "__main__":
    sys.exit(main())
