"""Between the gateway and chatd: makes the limits of hello's reply shorter, and
notes who is on which connection, and how many requests each makes at a time."""

import collections
import http.client
import http.server
import json
import threading
import time

SECONDS = 40
LATENCY = 0.1  # of keyed requests on their way, so that two at a time would show
HOP = ("connection", "content-length", "transfer-encoding", "keep-alive")


class Relay:
    """`limits` maps members of hello's ok, as text, to shorter ones."""

    def __init__(self, limits):
        self.port = None  # of chatd, once it listens
        self._limits = limits
        self._lock = threading.Lock()
        self.names = {}  # connection id -> who said hello there
        self.signed_in = []  # connection ids in the order of their hello's reply
        self.left = []  # (connection id, whether its client had another by then)
        self.coming = collections.Counter()  # (connection, room): keyed requests
        self.most_coming = 0  # which nobody can have heard of yet
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.relay = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def pass_on(self, path, headers, body):
        if path == "/gateway/disconnect":
            self._leave(headers["X-Connection-Id"])
        self._delay(headers["X-Connection-Id"], body)
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        link.request("POST", path, body, headers)
        answer = link.getresponse()
        text = self._shorten(headers["X-Connection-Id"], answer.read().decode())
        link.close()
        return answer.status, answer.headers, text

    def _leave(self, connection):
        with self._lock:
            name = self.names.get(connection)
            same = (c for c in reversed(self.signed_in) if self.names[c] == name)
            newest = next(same, connection)
            self.left.append((connection, newest != connection))

    def _delay(self, connection, body):
        request = json.loads(body) if body else {}
        if "key" not in request or "room" not in request:
            return
        place = (connection, request["room"])
        with self._lock:
            self.coming[place] += 1
            self.most_coming = max(self.most_coming, self.coming[place])
        time.sleep(LATENCY)
        with self._lock:
            self.coming[place] -= 1

    def _sign_in(self, connection, name):
        if connection not in self.names:
            self.names[connection] = name
            self.signed_in.append(connection)

    def _shorten(self, connection, text):
        for line in text.splitlines():
            ok = json.loads(line).get("ok", {})
            if "limits" in ok:
                with self._lock:
                    self._sign_in(connection, ok["user"]["name"])
                for long, short in self._limits.items():
                    assert long in text, text
                    text = text.replace(long, short)
        return text


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {n: v for n, v in self.headers.items() if n.lower() not in HOP}
        status, answered, text = self.server.relay.pass_on(self.path, headers, body)
        self.send_response(status)
        for name, value in answered.items():
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())
