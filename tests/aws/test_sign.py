"""Signatures agree with botocore's, byte for byte.

CHAT_BUILD names the build folder (default: build).
"""

import datetime
import os
import pathlib
import random
import string
import subprocess
import urllib.parse

import pytest
from botocore import auth, awsrequest, credentials, serialize
from botocore.session import Session

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
KEY, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLE=="
NOW = datetime.datetime(2026, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)


@pytest.fixture
def now(monkeypatch):
    """botocore asks the clock itself."""
    monkeypatch.setattr(auth, "get_current_datetime", lambda **_: NOW, raising=False)
    monkeypatch.setattr("botocore.compat.get_current_datetime", lambda **_: NOW, raising=False)
    return NOW


def signed_by_botocore(request, service, token):
    keys = credentials.Credentials(KEY, SECRET, token or None)
    auth.SigV4Auth(keys, service, "eu-central-1").add_auth(request)
    return request.headers["Authorization"]


def signed_by_us(requests):
    """Of each: (service, token, what botocore signed)."""
    lines = []
    for service, token, request in requests:
        url = urllib.parse.urlsplit(request.url)
        headers = [f"{name}: {value}" for name, value in request.headers.items()]
        sent = [h for h in headers if h.split(":")[0] not in ("Authorization", "X-Amz-Date")]
        host = [f"Host: {url.netloc}"]
        body = request.body.decode() if isinstance(request.body, bytes) else request.body or ""
        fields = [NOW.timestamp().__int__(), service, "eu-central-1", token or ""]
        fields += [request.method, url.path or "/", url.query, body, *host, *sent]
        lines.append("\t".join(str(field) for field in fields))
    ended = subprocess.run(
        [BUILD / "tests/aws/aws_sign_tool"],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [line.removeprefix("Authorization: ") for line in ended.stdout.splitlines()]


def check(requests):
    theirs = [signed_by_botocore(request, service, token) for service, token, request in requests]
    assert signed_by_us(requests) == theirs


def connection_request(connection):
    """What botocore makes of PostToConnection: its path is not ours to invent."""
    model = Session().get_service_model("apigatewaymanagementapi")
    operation = model.operation_model("PostToConnection")
    made = serialize.create_serializer("rest-json").serialize_to_request(
        {"ConnectionId": connection, "Data": b"hello"}, operation
    )
    url = "https://abc.execute-api.eu-central-1.amazonaws.com/prod" + made["url_path"]
    return awsrequest.AWSRequest("POST", url, made["headers"], made["body"])


def test_a_connection_of_api_gateway(now):
    request = connection_request("JC1dgf9yoAMCK-g=")
    assert request.url.endswith("/prod/@connections/JC1dgf9yoAMCK-g%3D")
    check([("execute-api", None, request), ("execute-api", TOKEN, connection_request("a_b-c="))])


def test_a_request_of_dynamodb(now):
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "DynamoDB_20120810.PutItem",
    }
    url = "https://dynamodb.eu-central-1.amazonaws.com/"
    check([("dynamodb", TOKEN, awsrequest.AWSRequest("POST", url, headers, '{"a":"ü"}'))])


def test_requests_of_any_kind(now):
    """Paths and values of any bytes, queries in any order."""
    chance = random.Random(1)
    letters = string.ascii_letters + string.digits + "-._~@=$!'()*+,;:%& äß"

    def word():
        return "".join(chance.choice(letters) for _ in range(chance.randrange(1, 12)))

    def segment():
        return urllib.parse.quote(word().strip(".") or "x", safe="@$!~")

    requests = []
    for _ in range(300):
        path = "/" + "/".join(segment() for _ in range(chance.randrange(0, 4)))
        query = "&".join(
            f"{urllib.parse.quote(word(), safe='~')}={urllib.parse.quote(word(), safe='~')}"
            for _ in range(chance.randrange(0, 5))
        )
        url = f"http://127.0.0.1:8000{path}" + (f"?{query}" if query else "")
        headers = {f"X-{string.ascii_uppercase[n]}": word().strip() or "x" for n in range(3)}
        method = chance.choice(["GET", "POST", "DELETE"])
        body = word() if method == "POST" else ""
        requests.append(
            ("execute-api", chance.choice([None, TOKEN]), awsrequest.AWSRequest(method, url, headers, body))
        )
    check(requests)
