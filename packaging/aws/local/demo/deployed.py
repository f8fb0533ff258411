"""A deployment that is there already, as the demonstration sees it: clients by an
address, all else by its commands, whose words are the same everywhere. What is
not the demonstration's is neither started nor stopped."""

import json
import subprocess

from traffic import Problem

COMMAND_SECONDS = 60


class Deployed:
    def __init__(self, url, commands):
        self._url = url
        self._commands = commands

    def _run(self, verb, *words):
        command = [self._commands / verb, *map(str, words)]
        try:
            return subprocess.run(
                command, capture_output=True, text=True, timeout=COMMAND_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Problem(f"{verb}: {error}") from None

    def up(self):
        if not self.status()["up"]:
            raise Problem("the deployment is not up: its status command says more")

    def down(self):
        pass

    def shift(self, blue, green):
        ended = self._run("shift", blue, green)
        if ended.returncode != 0:
            raise Problem(ended.stderr.strip())

    def status(self):
        ended = self._run("status", "--json")
        try:
            return json.loads(ended.stdout)
        except ValueError:
            raise Problem(ended.stderr.strip()) from None

    def addresses(self):
        """Only the way that all deployments have."""
        return {"clients": self._url, "direct": None}

    def gateway_counts(self):
        """API Gateway tells nobody in time; the page-like client knows its own."""
        return {"connections": 0, "disconnected": 0}
