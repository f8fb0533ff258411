"""What an operator has: chatctl, and the control socket itself."""

import json
import os
import socket
import subprocess

DEADLINE = 20


class Done:
    """What chatctl left when it ended."""

    def __init__(self, done):
        self.status = done.returncode
        self.text = done.stdout
        self.lines = done.stdout.splitlines()
        self.errors = done.stderr

    @property
    def objects(self):
        return [json.loads(line) for line in self.lines]


class Chatctl:
    """chatctl, told where the server's socket is."""

    def __init__(self, build, server=None):
        self._program = build / "server/chatctl"
        self._place = ["--data", server.data] if server else []

    def __call__(self, *arguments, environment=None, **options):
        done = subprocess.run(
            [self._program, *self._place, *arguments],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            env={**os.environ, **(environment or {})},
            **options,
        )
        assert done.returncode in (0, 1, 2), done.stderr
        return Done(done)

    def rows(self, *arguments):
        """The objects of a command that must go well."""
        done = self("--json", *arguments)
        assert done.status == 0, done.errors
        return done.objects

    def row(self, *arguments):
        [row] = self.rows(*arguments)
        return row

    def error(self, *arguments):
        """The code of a command that is refused; chatctl says why."""
        done = self("--json", *arguments)
        assert done.status == 1, done.text
        assert done.errors.startswith("chatctl: ")
        return done.objects[-1]["error"]["code"]


class Socket:
    """The control socket, byte by byte."""

    def __init__(self, server):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(DEADLINE)
        self._socket.connect(str(server.data / "chatd.sock"))
        self._lines = self._socket.makefile("rb")

    def send(self, data):
        self._socket.sendall(data)

    def ask(self, **request):
        self.send(json.dumps(request).encode() + b"\n")

    def line(self):
        """The next object; None at the end."""
        line = self._lines.readline()
        return json.loads(line) if line else None

    def rest(self):
        """Everything up to the end, which a server that hangs up may cut."""
        data = b""
        try:
            while more := self._socket.recv(4096):
                data += more
        except ConnectionResetError:
            pass
        return data

    def close(self):
        self._lines.close()
        self._socket.close()


def audits(server):
    """Of the log of a server that has ended."""
    lines = [json.loads(line) for line in server.log.all() if line.startswith("{")]
    return [line for line in lines if line["event"] == "audit"]
