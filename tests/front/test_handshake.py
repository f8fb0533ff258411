"""What may become a WebSocket, and what a hostile handshake can do."""

import socket

import pytest
from wire import CLOSE, DEADLINE, TEXT, Gone


def still_serves(server):
    assert server.request("GET", "/healthz").status == 200


def test_the_subprotocol_is_echoed(server):
    peer, response = server.upgrade(Sec_WebSocket_Protocol="chat.v1")
    assert response.status == 101
    assert response.headers["sec-websocket-protocol"] == "chat.v1"


def test_the_subprotocol_is_found_in_a_list(server):
    _, response = server.upgrade(Sec_WebSocket_Protocol="other, chat.v1")
    assert response.headers["sec-websocket-protocol"] == "chat.v1"


def test_no_subprotocol_is_fine(server):
    _, response = server.upgrade()
    assert response.status == 101
    assert "sec-websocket-protocol" not in response.headers


def test_compression_is_not_negotiated(server):
    _, response = server.upgrade(Sec_WebSocket_Extensions="permessage-deflate")
    assert response.status == 101
    assert "sec-websocket-extensions" not in response.headers


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        (400, {"Sec_WebSocket_Protocol": "chat.v2"}),
        (400, {"Sec_WebSocket_Protocol": "chat.v10"}),
        (400, {"Sec_WebSocket_Key": None}),
        (400, {"Sec_WebSocket_Key": "short"}),
        (400, {"Sec_WebSocket_Key": "A" * 120}),
        (426, {"Sec_WebSocket_Version": "8"}),
        (426, {"Sec_WebSocket_Version": None}),
        (404, {"path": "/other"}),
        (404, {"path": "/ws/"}),
        (403, {"Origin": "https://evil.example"}),
        (403, {"Origin": "null"}),
        (403, {"Origin": "https://127.0.0.1.evil.example"}),
        (403, {"Origin": "https://" + "a" * 600}),
    ],
)
def test_a_wrong_handshake_is_told_why(server, status, changes):
    peer, response = server.upgrade(**changes)
    assert (response.status, response.version) == (status, "HTTP/1.1")
    assert peer.is_closed()
    still_serves(server)


def test_two_origins_are_none(server):
    own = f"http://127.0.0.1:{server.port}"
    _, response = server.upgrade(Origin=own, more=[("Origin", "https://evil.example")])
    assert response.status == 403


def test_the_own_page_may_connect(server):
    _, response = server.upgrade(Origin=f"http://127.0.0.1:{server.port}")
    assert response.status == 101


def test_a_list_of_origins_is_exact(start):
    server = start("--allowed-origins", "https://chat.example, https://two.example:8443")

    def status(origin):
        return server.upgrade(Origin=origin)[1].status

    assert status("https://chat.example") == 101
    assert status("https://two.example:8443") == 101
    assert status("https://two.example") == 403
    assert status("http://chat.example") == 403
    assert status("https://chat.example.evil") == 403
    assert status(f"http://127.0.0.1:{server.port}") == 403


TOKENS = ["foo", "h2c", "h2c, websocket", "websocket, h2c", "W" * 3000, "x" * 8192, ""]


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:16] or "empty")
def test_an_unknown_upgrade_never_switches(server, token):
    """CVE-2025-11677: the library once read headers that it had freed."""
    peer = server.connect()
    try:
        response = peer.handshake(Upgrade=token, HTTP2_Settings="AAMAAABkAARAAAAA")
        assert response.status != 101
    except Gone:
        pass
    still_serves(server)


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token[:16] or "empty")
def test_an_unknown_upgrade_after_another_request(server, token):
    """The headers are freed for certain when the connection is kept alive."""
    peer = server.connect()
    assert peer.request("GET", "/healthz").status == 200
    try:
        assert peer.handshake(Upgrade=token, Connection="keep-alive, Upgrade").status != 101
    except Gone:
        pass
    still_serves(server)


def test_an_unknown_upgrade_in_a_pipeline(server):
    peer = server.connect()
    one = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    two = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n"
    peer.send(one + two + one + two)
    assert peer.response().status == 200
    assert peer.is_closed()
    assert b" 101 " not in peer.buffer
    still_serves(server)


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"


def test_http2_without_asking_is_refused(server):
    """Also a header block that would overflow the library's table."""
    block = b"\x04\x7f\x81\x7f" + b"/" * 6000
    headers = len(block).to_bytes(3, "big") + b"\x01\x05\x00\x00\x00\x01" + block
    peer = server.connect()
    try:
        peer.send(PREFACE + SETTINGS + headers)
    except ConnectionError:
        pass
    assert peer.is_closed()
    assert SETTINGS[3:5] not in peer.buffer[:5]
    still_serves(server)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
        b"CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
        b"BREW /pot HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET " + b"/" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-A: " + b"b" * 9000 + b"\r\n\r\n",
        b"\x00" * 4096,
        b"GET http://other.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ],
)
def test_noise_does_no_harm(server, request_bytes):
    peer = server.connect()
    try:
        peer.send(request_bytes)
        peer.socket.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    assert peer.is_closed()
    assert b" 101 " not in peer.buffer
    still_serves(server)


def test_a_slow_handshake_is_cut_off_and_others_are_served(server):
    slow = [server.connect() for _ in range(300)]
    for peer in slow:
        peer.send(b"GET /ws HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    assert server.websocket()
    still_serves(server)
    for peer in slow:
        peer.socket.settimeout(DEADLINE)
        assert peer.is_closed()


def test_whoever_says_nothing_is_cut_off(echo):
    assert echo.connect().is_closed()


def test_the_cap_of_connections_is_a_503(start):
    server = start("--max-connections", "2")
    first, second = server.websocket(), server.websocket()
    peer, response = server.upgrade()
    assert response.status == 503
    assert response.headers["retry-after"] == "1"
    still_serves(server)
    first.close()
    while server.upgrade()[1].status != 101:
        pass
    second.close()


def test_the_cap_of_an_address_is_a_503(start):
    server = start("--max-connections-per-address", "2")
    peer, other = server.websocket(), server.websocket()
    assert server.upgrade()[1].status == 503
    still_serves(server)
    peer.close()
    while server.upgrade()[1].status != 101:
        pass
    other.close()


def test_a_drain_refuses_new_ones(echo):
    peer = echo.websocket()
    assert echo.request("GET", "/readyz").status == 200
    peer.text("drain")
    assert peer.receive_text() == "draining\n"
    assert echo.request("GET", "/readyz").status == 503
    assert echo.request("GET", "/healthz").status == 200
    assert echo.upgrade()[1].status == 503


def leave_politely(peer):
    peer.frame(CLOSE, b"\x03\xe8")
    assert peer.is_closed()


def vanish(peer):
    peer.close()


def break_a_rule(peer):
    peer.frame(TEXT, b"x", first=0xF1)
    assert peer.close_code() == 1002
    peer.close()


def be_told_to_go(peer):
    peer.text("close 4001")
    peer.close_code()
    peer.close()


@pytest.mark.parametrize("way", [leave_politely, vanish, break_a_rule, be_told_to_go])
def test_whoever_leaves_makes_room(start, way):
    server = start("--max-connections", "3")
    for _ in range(30):
        while True:
            peer, response = server.upgrade()
            if response.status == 101:
                break
        way(peer)
    peers = []
    while len(peers) < 3:
        peer, response = server.upgrade()
        if response.status == 101:
            peers.append(peer)
    assert server.upgrade()[1].status == 503
    for peer in peers:
        peer.text("hi")
        assert peer.receive_text() == "hi\n"
