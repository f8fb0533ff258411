"""The emulator of API Gateway, with a backend that does what a test says."""

import contextlib
import http.client
import threading
import urllib.parse

import pytest
from backend import Backend
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from running import SECONDS, Running, Settings
from websockets.sync.client import connect

KEYS = Credentials("key-id", "key", "session")


class Driven(Running):
    """Spoken to from both sides, on free ports."""

    # ---- as a client ----

    def connect(self, path="/local", **options):
        return connect(
            f"ws://127.0.0.1:{self.port}{path}",
            compression=None,
            proxy=None,
            ping_interval=None,
            close_timeout=5,
            **options,
        )

    # ---- as a backend ----

    def callback(self, method, connection, body="", keys=KEYS, **more):
        """Signed as botocore signs; the status."""
        return self.callback_answer(method, connection, body, keys, **more)[0]

    def callback_answer(
        self, method, connection, body="", keys=KEYS, encoded=True, region="us-east-1"
    ):
        name = urllib.parse.quote(connection, safe="") if encoded else connection
        path = f"/local/@connections/{name}"
        headers = self.sign(method, path, body, keys, region) if keys else {}
        return self.request(method, path, body, headers)

    def sign(self, method, path, body="", keys=KEYS, region="us-east-1"):
        url = f"http://127.0.0.1:{self.callback_port}{path}"
        request = AWSRequest(method=method, url=url, data=body.encode())
        SigV4Auth(keys, "execute-api", region).add_auth(request)
        return dict(request.headers)

    def request(self, method, path, body="", headers=()):
        host = http.client.HTTPConnection(
            "127.0.0.1", self.callback_port, timeout=SECONDS
        )
        with contextlib.closing(host):
            host.request(method, path, body.encode(), dict(headers))
            answer = host.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture
def backend():
    started = Backend()
    yield started
    started.close()


@pytest.fixture
def start(backend):
    """Starts gateways; fields of Settings are the options."""
    gateways = []

    def start_gateway(**options):
        given = {
            "listen": "127.0.0.1:0",
            "callback_listen": "127.0.0.1:0",
            "integration": backend.url,
            "secret": "gateway-secret",
            "access_key_id": KEYS.access_key,
            "secret_access_key": KEYS.secret_key,
            "session_token": KEYS.token,
        }
        gateways.append(Driven(Settings(**{**given, **options})))
        return gateways[-1]

    yield start_gateway
    for gateway in gateways:
        gateway.close()


@pytest.fixture
def gateway(start):
    return start()


@pytest.fixture
def wait():
    """An event that is set at the end, so that no backend hangs."""
    event = threading.Event()
    yield event
    event.set()
