"""The folder of a stack: its ports, secrets and weights, and who holds it."""

import contextlib
import fcntl
import json
import pathlib
import secrets
import shutil
import socket
import subprocess

from traffic import FIRST_WEIGHTS, Problem

from .process import program

PORTS = (
    "gateway",
    "callback",
    "web",
    "load_balancer",
    "blue",
    "green",
    "dynamodb",
    "redis",
)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count):
    """Held together until all are known, so that none comes twice."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


class State:
    """Kept in state.json, which only the user can read."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._file = self.folder / "state.json"
        self._known = None

    @property
    def exists(self):
        return self._file.exists()

    def __getitem__(self, name):
        if self._known is None:
            self._known = json.loads(self._file.read_text())
        return self._known[name]

    def __setitem__(self, name, value):
        self[name]  # loads
        self._known[name] = value
        self._write()

    def _write(self):
        part = self._file.with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(self._known, indent=1) + "\n")
        part.replace(self._file)

    def create(self, first_port):
        """Ports from `first_port` on, or free ones for 0."""
        count = len(PORTS)
        ports = (
            range(first_port, first_port + count) if first_port else free_ports(count)
        )
        self.folder.mkdir(parents=True, exist_ok=True)
        self._known = {
            "ports": dict(zip(PORTS, ports, strict=True)),
            "weights": list(FIRST_WEIGHTS),
            "alone": "blue",  # who last had all requests
            "gateway_secret": secrets.token_hex(32),
            "redis_password": secrets.token_hex(16),
            "access_key_id": "local",
            "secret_access_key": secrets.token_hex(20),
        }
        self._write()

    def make_certificate(self):
        """(certificate, key) of the cache; signs itself."""
        folder = self.folder / "tls"
        certificate, key = folder / "redis.pem", folder / "redis.key"
        if not certificate.exists():
            folder.mkdir(parents=True, exist_ok=True)
            command = [
                *(program("openssl", "openssl"), "req", "-x509", "-newkey", "ec", "-nodes"),
                *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-days", "30"),
                *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", key, "-out", certificate),
            ]
            subprocess.run(command, check=True, capture_output=True)
        return certificate, key

    @contextlib.contextmanager
    def held(self):
        """One command at a time; the lock goes with the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Problem(f"{self.folder} is in use by another command") from None
            yield

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self._known = None
