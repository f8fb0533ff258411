"""HAProxy as the load balancer: its configuration, and its admin socket, by
which weights change without a reload and without ending a connection."""

import csv
import socket

from traffic import COLORS

SECONDS = 10

# As an ALB: HTTP/1.1 kept alive on both sides, one choice for each request.
CONFIGURATION = """\
global
  stats socket {admin} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout tunnel 2h
  timeout http-request 30s
  timeout http-keep-alive 1h
  timeout check 2s
  option forwardfor
  option redispatch 1
  retries 1
frontend requests
  bind 127.0.0.1:{port}
  default_backend tasks
backend tasks
  balance roundrobin
  http-reuse safe
  option httpchk GET /readyz
  default-server check inter 500ms fall 2 rise 1
{servers}
"""


class Balancer:
    def __init__(self, state):
        self._state = state
        self._admin = state.folder / "haproxy.sock"

    def write_configuration(self):
        ports, weights = self._state["ports"], self._state["weights"]
        servers = [
            f"  server {color} 127.0.0.1:{ports[color]} weight {weight}"
            for color, weight in zip(COLORS, weights, strict=True)
        ]
        path = self._state.folder / "haproxy.cfg"
        path.write_text(
            CONFIGURATION.format(
                admin=self._admin,
                port=ports["load_balancer"],
                servers="\n".join(servers),
            )
        )
        return path

    def _ask(self, command):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(SECONDS)
            connection.connect(str(self._admin))
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def set_weights(self, blue, green):
        """First the one that gains, so that nobody is refused in between."""
        wanted = dict(zip(COLORS, (blue, green), strict=True))
        for color in sorted(COLORS, key=wanted.get, reverse=True):
            answer = self._ask(f"set server tasks/{color} weight {wanted[color]}")
            if answer.strip():
                raise OSError(answer.strip())

    def drain(self, color):
        """As a target that is deregistered."""
        self._ask(f"set server tasks/{color} state drain")

    def set_ready(self):
        for color in COLORS:
            self._ask(f"set server tasks/{color} state ready")

    def is_idle(self, color):
        return int(self._rows()[color]["scur"]) == 0

    def _rows(self):
        table = self._ask("show stat").removeprefix("# ")
        rows = csv.DictReader(table.splitlines())
        return {
            row["svname"]: row
            for row in rows
            if row["pxname"] == "tasks" and row["svname"] in COLORS
        }

    def report(self):
        """Weights, requests served, and health of each color."""
        rows = self._rows()
        return {
            "weights": {color: int(rows[color]["weight"]) for color in COLORS},
            "served": {color: int(rows[color]["hrsp_2xx"]) for color in COLORS},
            "health": {color: rows[color]["status"] for color in COLORS},
        }

    def is_up(self):
        try:
            return bool(self._rows())
        except OSError:
            return False

    def is_healthy(self, color):
        try:
            return self._rows()[color]["status"].startswith("UP")
        except (OSError, KeyError):
            return False
