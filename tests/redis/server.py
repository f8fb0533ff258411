"""A real redis-server on a free port, plain or with TLS, and a client of it
that says whatever a test wants."""

import shutil
import signal
import socket
import subprocess

from drivers.lines import DEADLINE, Lines
from local import free_port

PASSWORD = "hush7Qz0"
USER = "chatd"


def make_certificate(folder, name):
    """(certificate, key) of one that signs itself, for 127.0.0.1."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


class Server:
    """Everybody needs the password; the user of the tasks is an ACL's."""

    def __init__(self, folder, prefix, tls=None):
        self._folder = folder
        self._tls = tls
        self._rules = (
            f"on >{PASSWORD} resetchannels -@all &{prefix}* ~{prefix}*"
            " +auth +ping +select +publish +subscribe +get +set +del +sadd"
            " +srem +srandmember +pexpire +multi +exec"
        )
        self.port = free_port()
        self.process = None
        self.start()

    @property
    def url(self):
        scheme = "redis" if self._tls is None else "rediss"
        return f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    def start(self):
        options = ["bind 127.0.0.1", f"dir {self._folder}", 'save ""']
        options += [f"user default on >{PASSWORD} ~* &* +@all"]
        options += [f"user {USER} {self._rules}"]
        if self._tls is None:
            options += [f"port {self.port}"]
        else:
            certificate, key = self._tls
            options += ["port 0", f"tls-port {self.port}", "tls-auth-clients no"]
            options += [f"tls-cert-file {certificate}", f"tls-key-file {key}"]
            options += [f"tls-ca-cert-file {certificate}"]
        path = self._folder / "redis.conf"
        path.write_text("\n".join(options) + "\n")
        self.process = subprocess.Popen(
            [shutil.which("redis-server"), path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        Lines(self.process.stdout).find(
            lambda line: "Ready to accept connections" in line, "Ready"
        )

    def hang(self):
        """It keeps its connections and says nothing any more."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)

    def command(self, *words):
        with Client(self.port) as client:
            return client.ask(*words)

    def grant(self, *rules):
        self.command("ACL", "SETUSER", USER, *rules)

    def grant_all(self):
        self.grant("reset", *self._rules.split())


class Client:
    """Of a plain one, as the user who may do all."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self._stream = self._socket.makefile("rb")
        assert self.ask("AUTH", PASSWORD) == b"OK"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._socket.close()

    def ask(self, *words):
        self.say(*words)
        return self.receive()

    def say(self, *words):
        raw = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        parts = [b"$%d\r\n%s\r\n" % (len(word), word) for word in raw]
        self._socket.sendall(b"*%d\r\n" % len(raw) + b"".join(parts))

    def receive(self):
        line = self._stream.readline()
        assert line.endswith(b"\r\n"), "the connection has ended"
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == b"-1" else self._stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.receive() for _ in range(int(rest))]
        raise AssertionError(line)
