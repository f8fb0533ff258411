"""API Gateway's @connections: what chatd posts, with its signature checked."""

import datetime
import http.server
import json
import threading
import urllib.parse

from botocore import auth, awsrequest, credentials

KEY, SECRET, TOKEN, REGION = "AKIDEXAMPLE", "a-secret-key", "a-session-token", "eu-central-1"
DEADLINE = 20


def signature_of(method, path, headers, body):
    """What botocore makes of the same request, at the same time."""
    then = datetime.datetime.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")
    signed = headers["Authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    request = awsrequest.AWSRequest(
        method, f"http://{headers['Host']}{path}", headers={n: headers[n] for n in signed}, data=body
    )
    request.context["timestamp"] = then.strftime("%Y%m%dT%H%M%SZ")
    signer = auth.SigV4Auth(credentials.Credentials(KEY, SECRET, TOKEN), "execute-api", REGION)
    canonical = signer.canonical_request(request)
    return signer.signature(signer.string_to_sign(request, canonical), request)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def _answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        sent = self.headers["Authorization"].split("Signature=")[1]
        if sent != signature_of(self.command, self.path, self.headers, body):
            status = 403
            self.server.management.refused += 1
        else:
            connection = urllib.parse.unquote(self.path.removeprefix("/prod/@connections/"))
            status = self.server.management.take(self.command, connection, body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_DELETE = do_GET = _answer


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class Management:
    """`decide(method, id, body)` may answer with a status of its own, or None."""

    def __init__(self):
        self.changed = threading.Condition()
        self.bodies = {}
        self.deleted = []
        self.refused = 0
        self.in_flight = {}
        self.most_in_flight = 0
        self.decide = lambda method, connection, body: None
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.management = self
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/prod"

    def take(self, method, connection, body):
        with self.changed:
            flying = self.in_flight[connection] = self.in_flight.get(connection, 0) + 1
            self.most_in_flight = max(self.most_in_flight, flying)
        status = self.decide(method, connection, body)
        with self.changed:
            self.in_flight[connection] -= 1
            if status is None and method == "DELETE":
                self.deleted.append(connection)
            elif status is None:
                self.bodies.setdefault(connection, []).append(body)
            self.changed.notify_all()
        return status or (204 if method == "DELETE" else 200)

    def objects(self, connection):
        lines = b"".join(self.bodies.get(connection, [])).decode().splitlines()
        return [json.loads(line) for line in lines]

    def wait_for(self, connection, wanted, what):
        """The objects up to the first that is wanted, which is returned."""

        def first():
            return next((o for o in self.objects(connection) if wanted(o)), None)

        with self.changed:
            assert self.changed.wait_for(first, DEADLINE), (
                f"{connection} got no {what} in {self.objects(connection)}"
            )
            return first()

    def wait_deleted(self, connection):
        with self.changed:
            assert self.changed.wait_for(lambda: connection in self.deleted, DEADLINE)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
