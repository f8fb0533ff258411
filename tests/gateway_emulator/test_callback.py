"""@connections: POST, GET, DELETE and their refusals."""

import http.client
import json
import socket

import botocore.auth
import botocore.session
import pytest
from botocore.credentials import Credentials
from conftest import KEYS
from websockets.exceptions import ConnectionClosed


@pytest.fixture
def client(gateway):
    with gateway.connect() as connected:
        yield connected


@pytest.fixture
def connection(client, backend):
    return backend.next("connect").connection


@pytest.mark.parametrize("choice", ["queued", "written"])
def test_post_sends_a_frame(start, backend, choice):
    gateway = start(callback_answers=choice)
    with gateway.connect() as client:
        connection = backend.next("connect").connection
        for text in ("one", "two"):
            assert gateway.callback("POST", connection, text) == 200
        assert [client.recv(timeout=30) for _ in range(2)] == ["one", "two"]


def test_get_describes(gateway, connection):
    status, text = gateway.callback_answer("GET", connection)
    assert status == 200
    described = json.loads(text)
    assert described["identity"]["sourceIp"] == "127.0.0.1"
    assert described["connectedAt"].endswith("Z")
    assert described["lastActiveAt"] >= described["connectedAt"]


def test_delete_ends(gateway, backend, client, connection):
    assert gateway.callback("DELETE", connection) == 204
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=30)
    assert closed.value.rcvd.code == 1000
    assert closed.value.rcvd.reason == "Connection Closed Normally"
    assert backend.next("disconnect").connection == connection


def test_a_connection_that_is_gone_is_410(gateway, backend, client, connection):
    client.close()
    backend.next("disconnect")
    for method in ("POST", "GET", "DELETE"):
        assert gateway.callback(method, connection) == 410


@pytest.mark.parametrize("status", ["410", "403"])
def test_nothing_is_sent_before_connect_is_over(start, backend, status):
    gateway = start(pending_status=status)
    got = []

    def answer(asked):
        got.append(gateway.callback("POST", asked.connection, "early"))
        return 200, "", {}

    backend.answers(answer)
    with gateway.connect():
        pass
    assert got[0] == int(status)


@pytest.mark.parametrize("limit", ["131072", "32768"])
def test_too_much_is_413(start, backend, limit):
    gateway = start(callback_bytes=limit)
    most = int(limit)
    with gateway.connect() as client:
        connection = backend.next("connect").connection
        assert gateway.callback("POST", connection, "x" * (most + 1)) == 413
        assert gateway.callback("POST", connection, "x" * most) == 200
        assert len(client.recv(timeout=30)) == most


def test_the_accounts_limit_is_shared_with_messages(start, backend):
    gateway = start(requests_per_second=0.001, requests_burst=2)
    with gateway.connect() as client:
        client.send("{}")
        connection = backend.next("message").connection
        assert gateway.callback("POST", connection, "x") == 200
        assert gateway.callback("POST", connection, "x") == 429


def test_a_client_that_does_not_read_is_429(start, backend):
    gateway = start(buffer_bytes=100_000)
    quiet = socket.create_connection(("127.0.0.1", gateway.port))
    quiet.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    quiet.sendall(
        b"GET /local HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert b"101" in quiet.recv(4096)
    connection = backend.next("connect").connection
    statuses = []
    while len(statuses) < 500 and 429 not in statuses:
        statuses.append(gateway.callback("POST", connection, "x" * 30_000))
    quiet.close()
    assert statuses[0] == 200
    assert statuses[-1] == 429


# ---- signatures ----


def test_without_a_signature_is_403(gateway, connection):
    status, text = gateway.callback_answer("POST", connection, "x", keys=None)
    assert status == 403
    assert "Missing Authentication Token" in text


@pytest.mark.parametrize(
    "keys",
    [
        Credentials(KEYS.access_key, "other", KEYS.token),
        Credentials("other", KEYS.secret_key, KEYS.token),
        Credentials(KEYS.access_key, KEYS.secret_key, "other"),
        Credentials(KEYS.access_key, KEYS.secret_key),
    ],
    ids=["key", "id", "token", "no token"],
)
def test_other_keys_are_403(gateway, connection, keys):
    assert gateway.callback("POST", connection, "x", keys=keys) == 403


def test_another_region_is_403(gateway, connection):
    assert gateway.callback("POST", connection, "x", region="eu-west-1") == 403


def test_another_body_is_403(gateway, connection):
    path = f"/local/@connections/{connection.replace('=', '%3D')}"
    headers = gateway.sign("POST", path, "said")
    assert gateway.request("POST", path, "sent", headers)[0] == 403


def test_an_old_signature_is_403(gateway, connection, monkeypatch):
    path = f"/local/@connections/{connection}"
    now = botocore.auth.get_current_datetime()
    with monkeypatch.context() as patch:
        patch.setattr(
            botocore.auth,
            "get_current_datetime",
            lambda **_: now.replace(year=now.year - 1),
        )
        headers = gateway.sign("POST", path, "x")
    assert gateway.request("POST", path, "x", headers)[0] == 403


def test_another_stage_is_403(gateway, connection):
    path = f"/@connections/{connection}"
    headers = gateway.sign("POST", path, "x")
    assert gateway.request("POST", path, "x", headers)[0] == 403


@pytest.mark.parametrize(
    "sent",
    ["/local/@connections/{}%3D", "/local/@connections/{}=", "/local/%40connections/{}%3D"],
)
def test_the_path_is_signed_as_sent_and_encoded_once_more(gateway, connection, sent):
    path = sent.format(connection.rstrip("="))
    headers = gateway.sign("POST", path, "x")
    assert gateway.request("POST", path, "x", headers)[0] == 200


def test_one_path_is_not_signed_for_another(gateway, connection):
    name = connection.rstrip("=")
    headers = gateway.sign("POST", f"/local/@connections/{name}=", "x")
    status, text = gateway.request(
        "POST", f"/local/@connections/{name}%3D", "x", headers
    )
    assert status == 403
    assert f"/local/%40connections/{name}%253D" in text


def test_the_library_of_aws_is_understood(gateway, backend, client, connection):
    session = botocore.session.Session()
    api = session.create_client(
        "apigatewaymanagementapi",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{gateway.callback_port}/local",
        aws_access_key_id=KEYS.access_key,
        aws_secret_access_key=KEYS.secret_key,
        aws_session_token=KEYS.token,
    )
    api.post_to_connection(ConnectionId=connection, Data=b"hello")
    assert client.recv(timeout=30) == "hello"
    assert api.get_connection(ConnectionId=connection)["ConnectedAt"]
    client.close()
    backend.next("disconnect")
    with pytest.raises(api.exceptions.GoneException):
        api.post_to_connection(ConnectionId=connection, Data=b"hello")


def test_a_request_that_is_cut_off_harms_nobody(gateway, client, connection):
    half = http.client.HTTPConnection("127.0.0.1", gateway.callback_port)
    half.putrequest("POST", f"/local/@connections/{connection}")
    half.putheader("Content-Length", "100")
    half.endheaders(b"half")
    half.close()
    assert gateway.callback("POST", connection, "x") == 200
    assert client.recv(timeout=30) == "x"
