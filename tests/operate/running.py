"""Servers that follow each other: by hand-over, and under a service manager."""

import os
import socket
import subprocess

from drivers.lines import DEADLINE, Lines, wait_until
from served import Operated, ask


class Running(Operated):
    """Whose successors take over in the same folder."""

    def successor(self, *options):
        listen = ("--listen", f"127.0.0.1:{self.port}")
        return type(self)(
            self._program.parents[1],
            self.data,
            ["--take-over", *listen, *options],
            ops=f"127.0.0.1:{self.ops_port}",
        )


class Manager:
    """What systemd does for a .socket unit: the sockets outlive the servers."""

    def __init__(self, build, folder, names="clients:ops"):
        self.names = names
        self._folder = folder
        self._build = build
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notices.bind(str(folder / "notify"))
        self.notices.settimeout(DEADLINE)
        self.processes = []

    @property
    def ports(self):
        return [kept.getsockname()[1] for kept in self.sockets]

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.ports[0]}/ws"

    def launch(self, *options, descriptors=None):
        script = (
            'exec 3<&"$1" 4<&"$2"; shift 2; '
            'LISTEN_PID=$$ exec "$@" --rate-limits off'
        )
        kept = descriptors or [kept.fileno() for kept in self.sockets]
        process = subprocess.Popen(
            [
                *("bash", "-c", script, "manager", *map(str, kept)),
                *(self._build / "server/chatd", "--data", self._folder / "data"),
                *options,
            ],
            env={
                **os.environ,
                "LISTEN_FDS": "2",
                "NOTIFY_SOCKET": str(self._folder / "notify"),
                **({"LISTEN_FDNAMES": self.names} if self.names else {}),
            },
            pass_fds=kept,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        process.log = Lines(process.stderr)
        self.processes.append(process)
        return process

    def start(self, *options):
        process = self.launch(*options)
        assert self.notices.recv(100) == b"READY=1"
        return process

    def stop(self, process):
        process.terminate()
        assert process.wait(DEADLINE) == 0
        assert self.notices.recv(100) == b"STOPPING=1"

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(DEADLINE)
        for kept in (*self.sockets, self.notices):
            kept.close()


def number(port, name):
    """One of /metrics."""
    for line in ask(port, "/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def wait_traffic(port, clients, appends=50):
    """Until so many are connected again, and then talk for a while."""

    def has(name, least):
        wait_until(lambda: number(port, name) >= least, name, 60)

    has("chatd_connections", clients)
    before = number(port, "chatd_append_seconds_count")
    has("chatd_append_seconds_count", before + appends)
