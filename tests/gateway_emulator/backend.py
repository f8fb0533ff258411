"""A backend for the emulator's integrations that does what a test says."""

import http.server
import queue
import threading
from dataclasses import dataclass


@dataclass
class Asked:
    """A request of an integration; header names in lower case."""

    kind: str  # connect, message or disconnect
    query: str
    headers: dict
    body: str

    @property
    def connection(self):
        return self.headers["x-connection-id"]


def accept(asked):
    """Says nothing to anything."""
    return 200, "", {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        path, _, query = self.path.partition("?")
        asked = Asked(
            path.removeprefix("/gateway/"),
            query,
            {name.lower(): ", ".join(self.headers.get_all(name)) for name in self.headers},
            self.rfile.read(length).decode(),
        )
        self.server.asked.put(asked)
        status, body, headers = self.server.answer(asked)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass  # the gateway went away, which is the gateway's affair


class Backend:
    def __init__(self):
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.asked = queue.Queue()
        self._server.answer = accept
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def answers(self, answer):
        """`answer(asked)` gives status, body, headers; on threads."""
        self._server.answer = answer

    def answers_messages(self, answer):
        """All else is accepted."""
        self.answers(lambda a: answer(a) if a.kind == "message" else accept(a))

    def next(self, kind, seconds=30):
        """Takes requests until one of this kind."""
        while (asked := self._server.asked.get(timeout=seconds)).kind != kind:
            pass
        return asked

    def all(self):
        """What came and was not taken."""
        found = []
        while not self._server.asked.empty():
            found.append(self._server.asked.get())
        return found

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
