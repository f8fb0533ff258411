"""$connect and $disconnect: what the backend sees, what the client gets."""

import pytest
from backend import accept
from websockets.exceptions import ConnectionClosed, InvalidStatus

MAPPED = {
    "x-connection-id",
    "x-event-type",
    "x-request-id",
    "x-source-ip",
    "x-connected-at",
    "x-gateway-secret",
}


def refused(gateway, path="/local"):
    with pytest.raises(InvalidStatus) as caught:
        gateway.connect(path)
    return caught.value.response.status_code


def test_the_backend_sees_the_mapped_headers(gateway, backend):
    with gateway.connect():
        asked = backend.next("connect")
    assert MAPPED <= asked.headers.keys()
    assert asked.headers["x-event-type"] == "CONNECT"
    assert asked.headers["x-gateway-secret"] == "gateway-secret"
    assert asked.headers["x-source-ip"] == "127.0.0.1"
    assert asked.connection.endswith("=")
    assert asked.headers["user-agent"].startswith("AmazonAPIGateway_")
    assert asked.body == ""
    assert asked.headers["content-length"] == "0"


def test_connect_has_the_clients_headers_and_query(gateway, backend):
    headers = {"Origin": "https://chat.example", "Cookie": "a=b", "X-Own": "1"}
    with gateway.connect("/local?room=a%2Fb%20c&x", additional_headers=headers) as client:
        asked = backend.next("connect")
        client.send("{}")
        message = backend.next("message")
    assert asked.query == "room=a%2Fb%20c&x"
    for name, value in headers.items():
        assert asked.headers[name.lower()] == value
        assert name.lower() not in message.headers
    assert message.query == ""


def test_connect_has_sec_websocket_headers_without_an_upgrade(gateway, backend):
    with gateway.connect(subprotocols=["chat.v1"]):
        asked = backend.next("connect")
    assert asked.headers["sec-websocket-version"] == "13"
    assert asked.headers["sec-websocket-key"]
    assert asked.headers["sec-websocket-protocol"] == "chat.v1"
    assert "upgrade" not in asked.headers
    assert "Upgrade" not in asked.headers.get("connection", "")


def test_a_client_cannot_set_a_mapped_header(gateway, backend):
    headers = {"X-Gateway-Secret": "guess", "X-Source-Ip": "10.0.0.1"}
    with gateway.connect(additional_headers=headers):
        asked = backend.next("connect")
    assert asked.headers["x-gateway-secret"] == "gateway-secret"
    assert asked.headers["x-source-ip"] == "127.0.0.1"


@pytest.mark.parametrize("status", [200, 201])
def test_2xx_opens(gateway, backend, status):
    backend.answers(lambda asked: (status, "", {}))
    with gateway.connect():
        pass


@pytest.mark.parametrize("status", [301, 401, 403, 501])
def test_another_status_is_the_handshakes(gateway, backend, status):
    location = {"Location": f"{backend.url}/gateway/message"}
    backend.answers(lambda asked: (status, "", location))
    assert refused(gateway) == status


def test_no_backend_is_502(start):
    assert refused(start(integration="http://127.0.0.1:1")) == 502


@pytest.mark.parametrize("status", ["502", "504"])
def test_a_slow_connect_is_refused(start, backend, wait, status):
    backend.answers(lambda asked: (wait.wait(30), accept(asked))[1])
    gateway = start(integration_seconds=0.2, connect_failure=status)
    assert refused(gateway) == int(status)
    wait.set()


@pytest.mark.parametrize("path", ["/", "/local/hello", "/other"])
def test_another_path_is_403(gateway, backend, path):
    assert refused(gateway, path) == 403
    assert backend.all() == []


@pytest.mark.parametrize("passed", ["passed", "dropped"])
def test_the_subprotocol_is_the_backends(start, backend, passed):
    gateway = start(subprotocol=passed)
    headers = {"Sec-WebSocket-Protocol": "chat.v1"}
    backend.answers(lambda asked: (200, "", headers))
    with gateway.connect(subprotocols=["other", "chat.v1"]) as client:
        assert client.subprotocol == ("chat.v1" if passed == "passed" else None)


def test_no_subprotocol_without_the_backends_word(gateway):
    with gateway.connect(subprotocols=["chat.v1"]) as client:
        assert client.subprotocol is None


def test_connections_are_throttled(start):
    gateway = start(connections_per_second=1)
    with gateway.connect():
        assert refused(gateway) == 429


@pytest.mark.parametrize("body", ["empty", "object"])
def test_the_end_is_told(start, backend, body):
    gateway = start(disconnect_body=body)
    with gateway.connect():
        connection = backend.next("connect").connection
    asked = backend.next("disconnect")
    assert asked.connection == connection
    assert asked.headers["x-event-type"] == "DISCONNECT"
    assert asked.body == ("" if body == "empty" else "{}")


def test_a_client_that_breaks_off_is_told(gateway, backend):
    client = gateway.connect()
    client.socket.close()
    backend.next("disconnect")


def test_a_disconnect_may_be_lost(start, backend):
    gateway = start(lost_disconnects=1)
    with gateway.connect():
        lost = backend.next("connect").connection
    assert gateway.callback("GET", lost) == 410
    with gateway.connect():
        pass
    assert [asked.kind for asked in backend.all()] == ["connect"]


def test_an_idle_connection_ends(start):
    with start(idle_seconds=0.2).connect() as client:
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=30)
    assert closed.value.rcvd.code == 1001
    assert closed.value.rcvd.reason == "Going away"


@pytest.mark.parametrize("resets", ["yes", "no"])
def test_pings_and_the_idle_time(start, resets):
    """Three seconds of pings, where two are the limit."""
    gateway = start(idle_seconds=20, time_scale=10, ping_resets_idle=resets)
    with gateway.connect() as client:
        pings = 0
        with pytest.raises(ConnectionClosed):
            while pings < 15:
                client.ping()
                pings += 1
                try:
                    client.recv(timeout=0.2)
                except TimeoutError:
                    pass
            client.close()
            client.recv()
    assert (pings == 15) == (resets == "yes")


def test_a_long_connection_ends_though_it_talks(start):
    gateway = start(duration_seconds=50, idle_seconds=1000, time_scale=100)
    with gateway.connect() as client:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                client.send("{}")
                try:
                    client.recv(timeout=0.05)
                except TimeoutError:
                    pass
    assert closed.value.rcvd.code == 1001
