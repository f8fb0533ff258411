"""A chatd and the pages that its operator looks at."""

import contextlib
import fcntl
import http.client
import json
import os

from drivers.chatd import Chatd, is_listening
from drivers.lines import DEADLINE, wait_until


class Stall:
    """Holds up every sync of the servers that were started with it."""

    def __init__(self, build, folder):
        self._path = folder / "stall"
        self._path.touch()
        options = os.environ.get("ASAN_OPTIONS", "")
        self.environment = {
            "LD_PRELOAD": str(build / "tests/operate/libstall_preload.so"),
            "CHAT_STALL": str(self._path),
            "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
        }

    @contextlib.contextmanager
    def held(self):
        with self._path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.type = response.headers["content-type"]
        self.text = response.read().decode()

    @property
    def json(self):
        return json.loads(self.text)

    @property
    def reasons(self):
        return [reason["name"] for reason in self.json["reasons"]]

    def __repr__(self):
        return f"{self.status} {self.text}"


def ask(port, path, headers=(), host="127.0.0.1", method="GET"):
    connection = http.client.HTTPConnection(host, port, timeout=DEADLINE)
    try:
        connection.request(method, path, headers=dict(headers))
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Operated(Chatd):
    """With an address for its operator, or with the default one for `ops` None."""

    def __init__(self, build, data, options=(), ops="127.0.0.1:0", **more):
        if ops is not None:
            options = ["--ops-listen", ops, *options]
        super().__init__(build, data, options, **more)
        self.ops_port = None

    def start(self):
        super().start()
        line = self.log.find(is_listening, "listening")
        self.ops_port = json.loads(line).get("ops_port")

    def public(self, path, **more):
        return ask(self.port, path, **more)

    def ops(self, path, **more):
        return ask(self.ops_port, path, **more)

    def wait_ready(self):
        return wait_until(lambda: self.ops("/readyz").status == 200, "ready")

    def wait_not_ready(self, reason):
        def answered():
            answer = self.ops("/readyz")
            return answer if answer.status == 503 and reason in answer.reasons else None

        return wait_until(answered, f"not ready for {reason}")

    def event(self, name):
        """The log's first line of an event."""
        line = self.log.find(lambda line: f'"event":"{name}"' in line, name)
        return json.loads(line)
