"""Servers that chatd talks to: a collector of traces, a container's agent.

A body that OTLP's own schema does not take fails the test that made it.
"""

import base64
import datetime
import http.server
import json
import queue
import re
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

DEADLINE = 30
ID_BYTES = {"traceId": 16, "spanId": 8, "parentSpanId": 8}


@dataclass
class Span:
    name: str
    trace: str
    id: str
    parent: str
    kind: int
    began: int
    ended: int
    failed: bool
    state: str
    attributes: dict
    resource: dict

    def __contains__(self, other):
        """Whether the other lies within it in time."""
        return self.began <= other.began <= other.ended <= self.ended


def to_protobuf_ids(value):
    """OTLP has ids in hexadecimal where JSON of protobuf has base 64."""
    if isinstance(value, list):
        return [to_protobuf_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for key, item in value.items():
        if key in ID_BYTES:
            assert re.fullmatch(f"[0-9a-f]{{{2 * ID_BYTES[key]}}}", item), item
            assert int(item, 16) != 0, "an id of zeros"
            made[key] = base64.b64encode(bytes.fromhex(item)).decode()
        else:
            made[key] = to_protobuf_ids(item)
    return made


def attributes_of(pairs):
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs
    }


def read_spans(body):
    parsed = to_protobuf_ids(json.loads(body))
    request = json_format.ParseDict(parsed, ExportTraceServiceRequest())
    spans = []
    for resource in request.resource_spans:
        owner = attributes_of(resource.resource.attributes)
        for scope in resource.scope_spans:
            assert scope.scope.name == "chatd"
            spans += [
                Span(
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    kind=span.kind,
                    began=span.start_time_unix_nano,
                    ended=span.end_time_unix_nano,
                    failed=span.status.code == 2,
                    state=span.trace_state,
                    attributes=attributes_of(span.attributes),
                    resource=owner,
                )
                for span in scope.spans
            ]
    return spans


@dataclass
class Request:
    path: str
    headers: dict
    body: bytes
    at: float = field(default_factory=time.monotonic)


def answer(status=200, body=b"{}", **headers):
    """Answers a request; names of headers have underscores."""

    def run(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return run


def hang_up(handler):
    """Ends in the middle of an answer."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    handler.close_connection = True


class HttpServer:
    """Handles each request by `serve`, on a thread of its own."""

    scheme = "http"

    def __init__(self, tls=None):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): v for name, v in self.headers.items()}
                body = self.rfile.read(length)
                owner.serve(self, Request(self.path, headers, body))

            do_GET = do_POST = handle_any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that chatd has cut off is no fault."""

        self.server = Server(("127.0.0.1", 0), Handler)
        if tls is not None:
            self.scheme = "https"
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(
            target=self.server.serve_forever, args=(0.02,), daemon=True
        ).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Collector(HttpServer):
    def __init__(self, tls=None):
        self.requests = queue.Queue()
        self.all = []
        self.script = []  # answers of the next requests; then all is well
        self.hold = threading.Event()  # nothing is answered before it is set
        self.hold.set()
        super().__init__(tls)

    @property
    def url(self):
        return f"{self.scheme}://localhost:{self.port}/v1/traces"

    def serve(self, handler, request):
        self.requests.put(request)
        self.hold.wait(DEADLINE)
        act = self.script.pop(0) if self.script else answer()
        act(handler)

    def take(self):
        """The next request."""
        request = self.requests.get(timeout=DEADLINE)
        assert request.path == "/v1/traces"
        assert request.headers["content-type"] == "application/json"
        self.all.append(request)
        return request

    def wait_for_span(self, name):
        while True:
            for span in read_spans(self.take().body):
                if span.name == name:
                    return span

    def spans(self):
        """Those of all requests that have come by now."""
        while not self.requests.empty():
            self.take()
        return [span for request in self.all for span in read_spans(request.body)]

    def bodies(self):
        self.spans()
        return b"".join(request.body for request in self.all)


class Agent(HttpServer):
    """Gives credentials that end soon, others each time."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.authorization = secrets.token_hex(8)
        self.given = {}
        self.asked = threading.Semaphore(0)
        super().__init__()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/v2/credentials"

    def serve(self, handler, request):
        if request.headers.get("authorization") != self.authorization:
            answer(403)(handler)
            return
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(
            seconds=self.seconds
        )
        made = Credentials(
            "AKID" + secrets.token_hex(8).upper(),
            base64.b64encode(secrets.token_bytes(30)).decode(),
            base64.b64encode(secrets.token_bytes(300)).decode(),
        )
        self.given[made.access_key] = made
        body = {
            "RoleArn": "arn:aws:iam::1:role/task",
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret_key,
            "Token": made.token,
            "Expiration": ends.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        answer(body=json.dumps(body).encode())(handler)
        self.asked.release()


def verify_signature(request, credentials, region, service):
    """Signs it again with AWS's own library; returns the access key."""
    signed = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
        r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
        request.headers["authorization"],
    )
    key, day, asked_region, asked_service, names, signature = signed.groups()
    assert (asked_region, asked_service) == (region, service)
    names = names.split(";")
    assert {"host", "x-amz-date", "content-type"} <= set(names)
    again = AWSRequest(
        "POST",
        f"http://{request.headers['host']}{request.path}",
        headers={name: request.headers[name] for name in names if name != "host"},
        data=request.body,
    )
    stamp = request.headers["x-amz-date"]
    assert stamp.startswith(day)
    when = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ")
    age = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) - when
    assert abs(age.total_seconds()) < 300
    again.context["timestamp"] = stamp
    used = credentials[key]
    assert request.headers.get("x-amz-security-token") == used.token
    signer = SigV4Auth(used, service, region)
    text = signer.string_to_sign(again, signer.canonical_request(again))
    assert signer.signature(text, again) == signature
    return key


def free_port():
    """Where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def named(spans, name):
    return [span for span in spans if span.name == name]


def talk(wire, count=1):
    """Sends, and waits until all of it is done."""
    for number in range(count):
        wire.send("lobby", f"text {number}")
    wire.settle()


def fill(wire):
    """So many requests that their spans are sent without waiting for more."""
    for _ in range(6):
        requests = [wire.post("ping") for _ in range(30)]
        for request in requests:
            assert "ok" in wire.reply(request)
