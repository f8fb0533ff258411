"""A redis-server with TLS and a password, on a free port, that can be made to
fail in the ways that one does."""

import secrets
import shutil
import signal
import subprocess

from drivers.lines import DEADLINE, Lines
from local import free_port


def is_ready(line):
    return "Ready to accept connections" in line


def make_certificate(folder):
    """(certificate, key) of one that signs itself."""
    certificate, key = folder / "redis.pem", folder / "redis.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key


class Redis:
    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.certificate, self._key = make_certificate(folder)
        self._password = secrets.token_hex(16)
        self._port = free_port()
        self._process = None
        self.start()

    @property
    def url(self):
        return f"rediss://:{self._password}@127.0.0.1:{self._port}"

    def start(self):
        options = {
            "port": 0,
            "tls-port": self._port,
            "bind": "127.0.0.1",
            "tls-cert-file": self.certificate,
            "tls-key-file": self._key,
            "tls-ca-cert-file": self.certificate,
            "tls-auth-clients": "no",
            "requirepass": self._password,
            "dir": self._folder,
        }
        path = self._folder / "redis.conf"
        lines = [f"{name} {value}\n" for name, value in options.items()]
        path.write_text("".join(lines) + 'save ""\nappendonly no\n')
        self._process = subprocess.Popen(
            [shutil.which("redis-server"), path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        log = Lines(self._process.stdout)
        log.find(is_ready, "Ready")

    def flush(self):
        self.command("FLUSHALL")

    def command(self, *words):
        """What redis-cli prints."""
        done = subprocess.run(
            [
                *("redis-cli", "--no-auth-warning", "--tls"),
                *("--cacert", self.certificate, "-u", self.url, *words),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        return done.stdout

    def hang(self):
        """It keeps its connections and says nothing any more."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        self._process.kill()
        self._process.wait(DEADLINE)

    def stop(self):
        if self._process.poll() is None:
            self.kill()
