"""The AWS CLI, called as the user would, so that profiles and sign-ins that work
there work here. What changes something is printed instead on a dry run.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

from traffic import Problem

REFUSAL = re.compile(
    r"An error occurred \((?P<code>\w+)\) when calling the (?P<call>\w+) "
    r"operation(?: \([^)]*\))?: (?P<text>.*)",
    re.DOTALL,
)
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


class Refusal(Problem):
    """What a service answered instead of a result; `code` is its word for it."""

    def __init__(self, code, call, text):
        hint = ""
        if code in DENIED:
            hint = "; packaging/aws/deployer-policy.json has what is needed"
        super().__init__(f"{call}: {code}: {text.strip()}{hint}")
        self.code = code


def say(text):
    print(text, file=sys.stderr, flush=True)


def require(program, hint):
    if shutil.which(program) is None:
        raise Problem(f"{program} is missing: {hint}")


def outcome(ended, command):
    """What a program printed, or the Problem that it had."""
    if ended.returncode == 0:
        return ended.stdout
    found = REFUSAL.search(ended.stderr)
    if found:
        raise Refusal(**found.groupdict())
    text = ended.stderr.strip() or f"exit status {ended.returncode}"
    raise Problem(f"{command[0]}: {text}")


class Aws:
    """`region` None is the user's own."""

    def __init__(self, region=None, dry_run=False):
        require("aws", "https://aws.amazon.com/cli/ says how to install it")
        self.dry_run = dry_run
        self.region = region or self._own_region()

    def _own_region(self):
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
            if os.environ.get(name):
                return os.environ[name]
        command = ["aws", "configure", "get", "region"]
        found = subprocess.run(command, capture_output=True, text=True)
        if not found.stdout.strip():
            raise Problem("no region: set AWS_REGION, or give --region")
        return found.stdout.strip()

    def in_region(self, region):
        return Aws(region, self.dry_run)

    def _run(self, words, standard_input=None):
        command = ["aws", *map(str, words)]
        ended = subprocess.run(
            command,
            env={
                **os.environ,
                "AWS_REGION": self.region,
                "AWS_DEFAULT_REGION": self.region,
                "AWS_PAGER": "",
                "AWS_DEFAULT_OUTPUT": "json",
            },
            input=standard_input or "",
            capture_output=True,
            text=True,
        )
        return outcome(ended, command)

    def read(self, *words):
        """What it answers, as data."""
        text = self._run(words)
        return json.loads(text) if text[:1] in ("{", "[") else {}

    def text(self, *words):
        """What it answers, as it is; for a password, say."""
        return self._run((*words, "--output", "text")).strip()

    def change(self, *words):
        """As read(); on a dry run the command is printed and {} is the answer."""
        if self.dry_run:
            print(shlex.join(["aws", "--region", self.region, *map(str, words)]))
            return {}
        return self.read(*words)

    def program(self, *command, standard_input=None):
        """Another program that changes something."""
        command = [str(word) for word in command]
        if self.dry_run:
            print(shlex.join(command))
            return ""
        ended = subprocess.run(
            command, input=standard_input or "", capture_output=True, text=True
        )
        return outcome(ended, command)
