"""Who may look at what, and when a server says that it is not ready."""

import errno
import os
import shutil
import signal
import socket
import subprocess

import pytest
from drivers.lines import DEADLINE
from served import Operated
from test_storage import SYNC, TRUNCATE, WRITE, Fault


@pytest.fixture
def start(build, folder):
    servers = []

    def run(*options, **more):
        server = Operated(build, folder / f"data{len(servers)}", options, **more)
        servers.append(server)
        server.start()
        return server

    yield run
    for server in servers:
        server.stop()


def make_certificate(chain, key):
    command = [
        *("openssl", "req", "-x509", "-newkey", "ec", "-nodes"),
        *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
        *("-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", chain),
    ]
    subprocess.run(command, check=True, capture_output=True)


# ---- where the pages are


def test_the_operator_has_an_address_of_its_own(start):
    server = start()
    assert server.ops_port not in (None, 0, server.port)
    answer = server.ops("/readyz")
    assert (answer.status, answer.type) == (200, "application/json")
    assert answer.json == {"ready": True, "reasons": []}
    assert server.ops("/healthz").text == "ok\n"
    assert server.ops("/").status == 404
    assert (server.public("/readyz").status, server.public("/readyz").text) == (
        200,
        "ready\n",
    )
    assert server.public("/metrics").status == 404
    assert "chatd_connections 0" in server.ops("/metrics").text


def test_there_are_no_clients_on_the_operator_s_address(start):
    server = start()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert server.ops("/ws", headers=upgrade).status == 404
    assert server.ops("/ws").status == 404


def test_the_operator_s_address_has_no_tls(start, folder):
    files = (folder / "chain.pem", folder / "key.pem")
    make_certificate(*files)
    server = start("--tls-cert", files[0], "--tls-key", files[1])
    assert server.ops("/readyz").json["ready"] is True


def test_on_the_loopback_both_share_an_address_but_not_through_a_proxy(start):
    server = start(ops=None)
    assert server.ops_port == server.port
    assert server.public("/readyz").json["ready"] is True
    forwarded = {"X-Forwarded-For": "203.0.113.9"}
    assert server.public("/readyz", headers=forwarded).text == "ready\n"
    assert server.public("/metrics", headers=forwarded).status == 404


def test_the_operator_s_pages_can_be_off(start):
    server = start(ops="off")
    assert server.ops_port is None
    assert server.public("/readyz").text == "ready\n"


def test_a_full_server_can_be_looked_at(start, connect):
    server = start("--max-connections", "1")
    wire = connect(server)
    wire.hello("ann")
    answer = server.ops("/readyz")
    assert (answer.status, answer.reasons) == (503, ["full"])
    assert server.public("/readyz").text == "not ready\n"
    wire.close()
    server.wait_ready()


def test_the_operator_s_address_has_few_places(start):
    server = start()
    address = ("127.0.0.1", server.ops_port)
    held = [socket.create_connection(address) for _ in range(40)]
    try:
        # Clients do not feel it; who waits is served when another has gone.
        assert server.public("/healthz").status == 200
    finally:
        for connection in held:
            connection.close()
    assert server.ops("/healthz").status == 200


# ---- for containers


def healthcheck(build, *options, **environment):
    done = subprocess.run(
        [build / "server/chatd", "--healthcheck", *options],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE,
    )
    assert len(done.stderr.splitlines()) == 1
    return done.returncode, done.stderr


def test_a_server_is_asked_by_its_own_options(build, start):
    server = start(ops=None)
    listen = f"127.0.0.1:{server.port}"
    assert healthcheck(build, "--listen", listen) == (0, "chatd: ok\n")
    assert healthcheck(build, CHATD_LISTEN=listen)[0] == 0
    server.stop()
    status, said = healthcheck(build, "--listen", listen)
    assert status == 1 and str(server.port) in said


def test_the_operator_s_address_is_asked_first(build, start, folder):
    server = start()
    config = folder / "chatd.conf"
    config.write_text(f"listen = 127.0.0.1:1\nops-listen = 127.0.0.1:{server.ops_port}\n")
    assert healthcheck(build, "--config", config)[0] == 0


@pytest.mark.parametrize(("all_addresses", "ops"), [("0.0.0.0", "off"), ("[::]", "off")])
def test_all_addresses_are_asked_at_the_loopback(build, start, all_addresses, ops):
    server = start("--listen", f"{all_addresses}:0", ops=ops)
    listen = f"{all_addresses}:{server.port}"
    assert healthcheck(build, "--listen", listen, "--ops-listen", "off")[0] == 0


def test_a_server_with_tls_is_asked(build, start, folder):
    files = (folder / "chain.pem", folder / "key.pem")
    make_certificate(*files)
    tls = ("--tls-cert", files[0], "--tls-key", files[1])
    server = start(*tls, ops="off")
    listen = f"127.0.0.1:{server.port}"
    assert healthcheck(build, "--listen", listen, *tls)[0] == 0
    assert healthcheck(build, "--listen", listen)[0] == 1


def test_a_free_port_cannot_be_asked(build):
    status, said = healthcheck(build, "--listen", "127.0.0.1:0")
    assert status == 1 and "port 0" in said


def test_a_server_that_stands_still_is_not_healthy(build, start):
    server = start(ops=None)
    server.process.send_signal(signal.SIGSTOP)
    try:
        status, said = healthcheck(build, "--listen", f"127.0.0.1:{server.port}")
    finally:
        server.process.send_signal(signal.SIGCONT)
    assert status == 1 and "3 seconds" in said


def test_what_is_no_chatd_is_not_healthy(build):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        check = subprocess.Popen(
            [build / "server/chatd", "--healthcheck", "--listen", f"127.0.0.1:{port}"],
            stderr=subprocess.PIPE,
        )
        peer = other.accept()[0]
        peer.recv(1000)
        peer.sendall(b"HTTP/1.1 404 Not Found\r\n\r\n")
        assert check.wait(DEADLINE) == 1
        check.stderr.close()
        peer.close()


# ---- the store


@pytest.fixture
def fault(folder):
    return Fault(folder / "fault")


@pytest.fixture
def failing(build, folder, fault, start):
    """A server whose storage fails when the fault begins."""
    options = os.environ.get("ASAN_OPTIONS", "")
    server = start(
        environment={
            "LD_PRELOAD": str(build / "tests/crash/libmedium_preload.so"),
            "CHAT_MEDIUM_PREFIX": str(folder / "data0/chat.db"),
            "CHAT_MEDIUM_FAULT": str(folder / "fault"),
            "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
        }
    )
    yield server
    fault.end()


@pytest.mark.parametrize(
    ("kinds", "error"),
    [(WRITE | TRUNCATE, errno.ENOSPC), (WRITE, errno.EIO), (SYNC, errno.EIO)],
    ids=["full", "writes", "syncs"],
)
def test_a_store_that_fails_is_seen_though_nobody_writes(failing, fault, kinds, error):
    failing.wait_ready()
    fault.begin(kinds, error)
    answer = failing.wait_not_ready("store")
    assert answer.json["reasons"][0]["since"].endswith("Z")
    assert failing.public("/readyz").text == "not ready\n"
    assert failing.public("/healthz").status == 200
    fault.end()
    failing.wait_ready()


def test_a_store_is_probed_no_more_than_once_a_second(failing, fault):
    fault.begin(WRITE, errno.EIO)
    failing.wait_not_ready("store")
    hits = fault.hits
    for _ in range(200):
        failing.ops("/readyz")
    assert fault.hits - hits < 100


def test_a_database_that_was_deleted_is_gone(start, folder):
    server = start()
    server.wait_ready()
    shutil.rmtree(server.data)
    server.wait_not_ready("store")
