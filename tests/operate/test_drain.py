"""How a server stops: it tells, answers, finishes, and ends in time."""

import http.client
import json
import os
import signal
import socket
import subprocess

import pytest
from drivers.lines import DEADLINE
from drivers.wire import new_key
from served import Operated, Stall
from wire import Peer

# What a stop takes after --drain-timeout at most, and what a busy machine adds.
FORCED = 5 + DEADLINE


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
        if server.process is not None and server.process.poll() is None:
            server.process.kill()
        if server.process is not None:
            server.wait()


@pytest.fixture
def sign_in(connect):
    def join(server, name):
        wire = connect(server)
        wire.hello(name)
        wire.join("lobby")
        return wire

    return join


@pytest.fixture
def stall(build, folder):
    return Stall(build, folder)


def terminate(server):
    server.process.send_signal(signal.SIGTERM)
    server.event("draining")


def upgrade_status(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    connection.request(
        "GET",
        "/ws",
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    )
    response = connection.getresponse()
    connection.close()
    return response.status, response.headers["retry-after"]


def test_balancers_learn_at_once_while_clients_move(start, sign_in):
    server = start("--drain-spread", "1")
    ann = sign_in(server, "ann")
    terminate(server)
    drain = ann.take("drain")
    assert drain["spread_ms"] == 1000
    answer = server.ops("/readyz")
    assert (answer.status, answer.reasons) == (503, ["draining"])
    public = server.public("/readyz")
    assert (public.status, public.text) == (503, "draining\n")
    assert server.public("/healthz").status == 200
    assert upgrade_status(server.port) == (503, "1")
    # Who has not moved yet is served.
    assert ann.send("lobby", "still here")["seq"] > 0
    assert ann.wait_closed() == 4001
    assert server.wait() == 0


def test_what_is_in_flight_is_answered_first(start, sign_in, stall):
    server = start(environment=stall.environment)
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    with stall.held():
        sent = ann.post("send", room="lobby", key=new_key(), text="in flight")
        terminate(server)
        # Nothing is due to him; she is waited for.
        assert bob.wait_closed() == 4001
    assert ann.reply(sent)["ok"]["seq"] > 0
    assert ann.wait_closed() == 4001
    assert server.wait() == 0


def deaf_member(server):
    """Has joined, takes little, and reads no more."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(DEADLINE)
    connection.connect(("127.0.0.1", server.port))
    peer = Peer(connection, server.port)
    assert peer.handshake().status == 101
    hello = {"action": "hello", "id": 1, "version": 1, "guest": "deaf", "key": "d1"}
    join = {"action": "join", "id": 2, "room": "lobby", "key": "d2"}
    for request in (hello, join):
        peer.text(json.dumps(request))
        while f'"reply":{request["id"]}' not in peer.receive_text():
            pass
    return peer


def test_a_client_that_does_not_read_cannot_hold_it_up(start, sign_in):
    server = start("--drain-timeout", "1")
    ann = sign_in(server, "ann")
    deaf = deaf_member(server)
    # More than the kernel takes for it, less than it is closed for.
    for _ in range(600):
        ann.send("lobby", "ü" * 4000)
    terminate(server)
    assert ann.wait_closed() == 4001
    assert server.event("drain_timed_out")["level"] == "warning"
    assert server.wait(FORCED) == 0
    deaf.close()


def test_a_store_that_hangs_cannot_hold_it_up(start, sign_in, stall):
    server = start("--drain-timeout", "1", environment=stall.environment)
    ann = sign_in(server, "ann")
    with stall.held():
        ann.post("send", room="lobby", key=new_key(), text="never on disk")
        terminate(server)
        assert server.wait(FORCED) == 1
    assert server.event("stop_timed_out")["level"] == "error"


def test_a_second_signal_does_not_wait_for_ever_either(start, sign_in, stall):
    server = start("--drain-timeout", "600", environment=stall.environment)
    ann = sign_in(server, "ann")
    with stall.held():
        ann.post("send", room="lobby", key=new_key(), text="never on disk")
        terminate(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.wait(FORCED) == 1


def test_a_reader_of_the_log_that_has_stopped_cannot_hold_it_up(build, folder):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [
            build / "server/chatd",
            *("--listen", "127.0.0.1:0", "--data", folder / "data"),
            *("--drain-timeout", "1"),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=writing,
    )
    with os.fdopen(reading, "rb", buffering=0) as log:
        line = b""
        while b"listening" not in line:
            line += log.read(4096)
        os.set_blocking(writing, False)
        with pytest.raises(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        process.terminate()
        process.wait(FORCED)
    os.close(writing)
