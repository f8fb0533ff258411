"""HAProxy before the tasks: who connects gets the task with fewest sessions.

It listens on a socket that is made here, so its port is free for certain and
stays the same however the tasks come and go.
"""

import csv
import shutil
import socket
import subprocess

from drivers.lines import DEADLINE, Lines, wait_until

CHECK_MS = 100

CONFIGURATION = """\
global
  nbthread 1
  stats socket {admin} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 1h
  timeout check 5s
  retries 3
  option redispatch 1
  option forwardfor
frontend chat
  bind fd@{descriptor}
{route}  default_backend tasks
backend tasks
  balance leastconn
  option httpchk GET /readyz
  default-server check inter {check_ms}ms fall 1 rise 1
{servers}
"""

# Clients' sockets to API Gateway, all else to tasks, as CloudFront shares out.
ROUTE = "  use_backend gateway if { path /ws }\n"
GATEWAY = "backend gateway\n  server gateway 127.0.0.1:{port}\n"


def find_program():
    return shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin")


class Haproxy:
    def __init__(self, folder):
        self._folder = folder
        self._admin = folder / "haproxy.sock"
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self._listener.getsockname()[1]
        self._process = None
        self._log = None

    def start(self, tasks, gateway=None):
        """`tasks` are ports by name, `gateway` is that of clients' sockets."""
        descriptor = self._listener.fileno()
        servers = [f"  server {name} 127.0.0.1:{tasks[name]}" for name in tasks]
        path = self._folder / "haproxy.cfg"
        text = CONFIGURATION.format(
            admin=self._admin,
            descriptor=descriptor,
            check_ms=CHECK_MS,
            route=ROUTE if gateway else "",
            servers="\n".join(servers),
        )
        path.write_text(text + (GATEWAY.format(port=gateway) if gateway else ""))
        self._process = subprocess.Popen(
            [find_program(), "-db", "-q", "-f", path],
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log = Lines(self._process.stderr)

    def ask(self, command):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(DEADLINE)
            connection.connect(str(self._admin))
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def status(self):
        """Of each task by name: UP, DOWN, and others that begin so."""
        try:
            table = self.ask("show stat").removeprefix("# ")
        except OSError:
            assert self._process.poll() is None, self._log.tail()
            return {}
        rows = csv.DictReader(table.splitlines())
        return {
            row["svname"]: row["status"]
            for row in rows
            if row["pxname"] == "tasks" and row["svname"] != "BACKEND"
        }

    def wait_for(self, name, status):
        def has_it():
            return self.status().get(name, "").startswith(status)

        wait_until(has_it, f"{name} is {status}")

    def stop(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait(DEADLINE)
            self._log.join()
            self._process = None
        self._listener.close()
