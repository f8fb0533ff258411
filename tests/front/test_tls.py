"""Certificates: 1.2 or later, HTTP/1.1 only, reloaded while serving."""

import signal
import ssl

import pytest


@pytest.fixture
def files(make_certificate, tmp_path):
    """A server's certificate and key, and a function that renews them."""
    live = tmp_path / "live.pem", tmp_path / "live.key"

    def renew(name, kind="ec"):
        made = make_certificate(name, kind)
        for source, target in zip(made, live, strict=True):
            target.write_bytes(source.read_bytes())
        return made[0]

    renew("first")
    return live, renew


@pytest.fixture
def server(start, files):
    (certificate, key), _ = files
    return start("--tls-cert", certificate, "--tls-key", key)


@pytest.fixture
def tls(files, trust):
    return trust(files[0][0])


def test_a_websocket(server, tls):
    peer = server.websocket(tls=tls, Origin=f"https://127.0.0.1:{server.port}")
    for size in (5, 20000):
        peer.text("x" * size)
        assert peer.receive_text() == "x" * size + "\n"
    peer.text("flood 3000 1000")
    for _ in range(3000):
        assert len(peer.receive_text()) == 1000


def test_a_page_without_tls_is_another_origin(server, tls):
    _, response = server.upgrade(tls=tls, Origin=f"http://127.0.0.1:{server.port}")
    assert response.status == 403


def test_a_page(server, tls):
    response = server.connect(tls).request("GET", "/chat.js")
    assert response.status == 200
    assert len(response.body) > 100000
    assert "max-age=" in response.headers["strict-transport-security"]


def test_only_http_1_is_offered(server, tls):
    tls.set_alpn_protocols(["h2", "http/1.1"])
    peer = server.connect(tls)
    assert peer.socket.selected_alpn_protocol() == "http/1.1"


def test_old_versions_are_refused(server, files, trust):
    old = trust(files[0][0])
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError):
        server.connect(old)


def test_plain_text_is_refused(server, tls):
    peer = server.connect()
    peer.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert peer.is_closed()
    assert b"200" not in peer.buffer
    assert server.connect(tls).request("GET", "/healthz").status == 200


def name_of(peer):
    return dict(pair[0] for pair in peer.socket.getpeercert()["subject"])["commonName"]


def test_a_hang_up_reloads_the_certificate(server, files, tls, trust):
    _, renew = files
    before = server.websocket(tls=tls)
    certificate = renew("second")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("reloaded")
    assert name_of(server.connect(trust(certificate))) == "second"
    before.text("still here")
    assert before.receive_text() == "still here\n"


@pytest.mark.parametrize("first", ["ec", "rsa"])
def test_a_key_of_another_kind_leaves_nothing_of_the_first(start, files, trust, first):
    """A client that can do with both is not given the old one."""
    (certificate, key), renew = files
    renew("first", first)
    server = start("--tls-cert", certificate, "--tls-key", key)
    for name, kind in [("second", "rsa"), ("third", "ec"), ("fourth", "rsa")]:
        made = renew(name, kind)
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("reloaded")
        peer = server.websocket(tls=trust(made), Origin=f"https://127.0.0.1:{server.port}")
        assert name_of(peer) == name


def test_a_key_of_another_certificate_is_not_taken(server, files, make_certificate, tls):
    (_, key), _ = files
    key.write_bytes(make_certificate("other")[1].read_bytes())
    server.process.send_signal(signal.SIGHUP)
    assert "key values mismatch" in server.wait_for("reload_failed")["detail"]
    assert name_of(server.connect(tls)) == "first"


def test_a_bad_certificate_is_not_taken(server, files, tls):
    (certificate, _), _ = files
    certificate.write_text("no certificate\n")
    server.process.send_signal(signal.SIGHUP)
    server.wait_for("reload_failed")
    assert name_of(server.connect(tls)) == "first"
