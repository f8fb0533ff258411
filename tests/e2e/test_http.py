"""The HTTP side of chatd: the page, its headers, health, who may upgrade."""

import http.client
import json

import pytest


@pytest.fixture
def get(chatd):
    def request(path, method="GET", **headers):
        connection = http.client.HTTPConnection("127.0.0.1", chatd.port, timeout=10)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=names)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    return request


def test_the_page_is_served_with_its_guards(get):
    response, body = get("/")
    assert response.status == 200
    assert response.getheader("Content-Type").startswith("text/html")
    assert b"<html" in body
    policy = response.getheader("Content-Security-Policy")
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy
    assert response.getheader("X-Content-Type-Options") == "nosniff"


def test_configuration_is_json(get):
    response, body = get("/config.json")
    assert response.status == 200
    assert json.loads(body)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_told(get, path):
    assert get(path)[0].status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../meson.build",
        "/%2e%2e/meson.build",
        "/..%2fmeson.build",
        "//etc/passwd",
    ],
)
def test_nothing_outside_the_page_is_served(get, path):
    response, body = get(path)
    assert response.status in (400, 403, 404)
    assert b"project(" not in body and b"root:" not in body


def test_other_methods_are_refused(get):
    assert get("/", method="DELETE")[0].status in (400, 403, 404, 405)


def upgrade(server, **headers):
    """Asks for a WebSocket; the status that answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    connection.request("GET", "/ws", headers={**handshake, **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_foreign_page_cannot_connect(chatd):
    assert upgrade(chatd) == 101
    assert upgrade(chatd, Origin="https://evil.example") == 403


def test_the_own_page_can_connect(chatd, connect):
    wire = connect(chatd, origin=f"http://127.0.0.1:{chatd.port}")
    assert wire.hello()["session"]


def test_a_full_server_says_503(start_chatd, sign_in):
    server = start_chatd(options=["--max-connections", "2"])
    sign_in(server, "ann")
    sign_in(server, "bob")
    assert upgrade(server) == 503
