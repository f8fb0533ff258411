"""Pages, health, and paths that lead nowhere."""

import json
import socket

import pytest
from wire import DEADLINE, Gone, Peer

GUARDS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


def has_guards(response):
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "permissions-policy" in response.headers
    return GUARDS.items() <= response.headers.items()


def test_the_page(server):
    response = server.request("GET", "/")
    assert response.status == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "strict-transport-security" not in response.headers
    assert b"<title>page" in response.body
    assert has_guards(response)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/index.html", "text/html; charset=utf-8"),
        ("/chat.js", "text/javascript; charset=utf-8"),
        ("/style/chat.css", "text/css; charset=utf-8"),
        ("/config.json", "application/json"),
        ("/healthz", "text/plain; charset=utf-8"),
        ("/chat.js?version=2", "text/javascript; charset=utf-8"),
    ],
)
def test_what_is_served(server, path, kind):
    response = server.request("GET", path)
    assert (response.status, response.headers["content-type"]) == (200, kind)
    assert has_guards(response)


def test_it_is_ready(server):
    response = server.request("GET", "/readyz")
    assert response.status == 200 and b"ready" in response.body
    assert has_guards(response)


def test_a_large_file_arrives_whole(server, web):
    response = server.request("GET", "/chat.js")
    assert response.body == (web / "chat.js").read_bytes()


def test_the_configuration(server):
    configuration = json.loads(server.request("GET", "/config.json").body)
    assert configuration == {"url": "/ws", "subprotocol": True}


def test_what_is_known_is_not_sent_again(server):
    tag = server.request("GET", "/chat.js").headers["etag"]
    again = server.request("GET", "/chat.js", [("If-None-Match", tag)])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == tag
    other = server.request("GET", "/chat.js", [("If-None-Match", '"other"')])
    assert other.status == 200


@pytest.mark.parametrize("path", ["/", "/chat.js", "/healthz", "/nothing"])
def test_head_has_the_headers_alone(server, path):
    whole = server.request("GET", path)
    peer = server.connect()
    head = peer.request("HEAD", path)
    assert head.status == whole.status
    assert head.headers["content-length"] == whole.headers["content-length"]
    if head.status == 200:
        assert peer.request("GET", "/healthz").status == 200
    else:
        assert peer.is_closed()
    assert peer.buffer == b""


def test_a_connection_is_used_again(server):
    peer = server.connect()
    for path in ["/", "/chat.js", "/healthz", "/config.json", "/"]:
        assert peer.request("GET", path).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(server, method):
    response = server.request(method, "/", [("Content-Length", "3")], b"a=b")
    assert response.status == 405
    assert response.headers["allow"] == "GET, HEAD"
    assert has_guards(response)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/secret.key",
        "/.hidden.js",
        "/style",
        "/style/",
        "/../echo_server",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/style/../../secret.key",
        "//etc/passwd",
        "/chat.js/",
        "/" + "a" * 2000,
    ],
)
def test_what_is_not_served(server, path):
    response = server.request("GET", path)
    assert response.status in (400, 403, 404)
    assert has_guards(response)
    assert b"root:" not in response.body and b"known type" not in response.body


@pytest.mark.parametrize("path", ["/%00", "/index.html%00.js", "/secret.key%00.html"])
def test_a_nul_leads_nowhere(server, path):
    """The library ends the path there, or the connection."""
    try:
        response = server.request("GET", path)
    except Gone:
        return
    assert response.status in (400, 403, 404) or b"<title>page" in response.body


def test_the_place_of_the_websocket_says_so(server):
    response = server.request("GET", "/ws")
    assert response.status == 426
    assert response.headers["sec-websocket-version"] == "13"


@pytest.fixture
def operator(start):
    """A connection to the operator's address of a front with large pages."""
    server = start("--ops-listen", "127.0.0.1:0")
    return Peer(socket.create_connection(("127.0.0.1", server.ops_port), DEADLINE), 0)


def test_a_page_of_the_operator_arrives_whole(operator):
    for _ in range(2):
        response = operator.request("GET", "/large")
        assert (response.status, response.body) == (200, b"p" * 1024 * 1024)
        assert has_guards(response)
    head = operator.request("HEAD", "/large")
    assert head.headers["content-length"] == "1048576"
    assert operator.request("GET", "/healthz").status == 200


def test_a_page_of_the_operator_has_a_limit(operator):
    assert operator.request("GET", "/too-large").status == 500


def test_a_page_of_the_operator_that_is_left_is_freed(operator):
    operator.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
    operator.take(100)
    operator.close()


def test_a_page_of_the_operator_is_not_a_client_s(start):
    server = start("--ops-listen", "127.0.0.1:0")
    assert server.request("GET", "/large").status == 404
    named = server.request("GET", "/large", [("Host", f"127.0.0.1:{server.ops_port}")])
    assert named.status in (400, 404)
