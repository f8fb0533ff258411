"""What chatd does around its network edge: start, refusals, end."""

import json
import os
import resource
import subprocess

import pytest
from wire import DEADLINE


@pytest.fixture
def chatd():
    if "CHATD" not in os.environ:
        pytest.skip("CHATD is not set")
    return os.environ["CHATD"]


def refusal(program, *options):
    """The last line of the log of a chatd that cannot start."""
    done = subprocess.run(
        [program, "--listen", "127.0.0.1:0", *options],
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 1
    return json.loads(done.stderr.splitlines()[-1])


def test_the_data_is_for_nobody_else(chatd, start, tmp_path):
    start(program=chatd)
    folder = tmp_path / "data0"
    assert folder.stat().st_mode & 0o777 == 0o700
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0


def test_data_that_cannot_be_kept_is_told(chatd, tmp_path):
    (tmp_path / "file").write_text("")
    entry = refusal(chatd, "--data", tmp_path / "file/data")
    assert entry["level"] == "error"
    assert "file/data" in entry["detail"]


def test_a_page_that_is_not_there_is_told(chatd, tmp_path):
    entry = refusal(chatd, "--data", tmp_path / "data", "--web", tmp_path / "none")
    assert "none" in entry["detail"]


def test_a_certificate_that_is_not_there_is_told(chatd, tmp_path):
    files = ("--tls-cert", tmp_path / "none.pem", "--tls-key", tmp_path / "none.key")
    entry = refusal(chatd, "--data", tmp_path / "data", *files)
    assert "none.pem" in entry["detail"]


def test_what_is_no_origin_is_told(chatd, tmp_path):
    entry = refusal(chatd, "--data", tmp_path / "data", "--allowed-origins", "chat.example")
    assert "chat.example" in entry["detail"]


def test_what_is_no_proxy_is_told(chatd, tmp_path):
    options = ("--trusted-proxies", "127.0.0.1, 10.0.0.0/33,::1")
    entry = refusal(chatd, "--data", tmp_path / "data", *options)
    assert "'10.0.0.0/33'" in entry["detail"]


def test_every_client_is_told_of_a_drain(chatd, start):
    server = start(program=chatd)
    peers = [server.websocket() for _ in range(3)]
    server.process.terminate()
    for peer in peers:
        assert peer.close_code() == 4001
        peer.close()
    assert server.end() == 0


def test_a_second_signal_ends_a_drain(chatd, start):
    server = start(program=chatd)
    peer = server.websocket()
    server.process.terminate()
    server.wait_for("draining")
    server.process.terminate()
    assert server.end() == 1
    assert peer.close_code() in (4001, None)


def ask(peer, request):
    """The reply to a request; events in between are passed over."""
    peer.text(json.dumps(request))
    while True:
        for line in peer.receive_text().splitlines():
            entry = json.loads(line)
            if entry.get("reply") == request["id"]:
                return entry


def told(server, words):
    """The store's line that begins so; its checkpointer has lines of its own."""
    while True:
        entry = server.wait_for("store")
        if entry["detail"].startswith(words):
            return entry


def test_a_failure_of_the_store_is_told_and_so_is_its_end(chatd, start):
    server = start(program=chatd)
    peer = server.websocket()
    hello = {"action": "hello", "id": 1, "version": 1, "guest": "ann", "key": "g1"}
    assert "ok" in ask(peer, hello)
    assert "ok" in ask(peer, {"action": "join", "id": 2, "room": "lobby", "key": "j1"})
    send = {"action": "send", "id": 3, "room": "lobby", "key": "k1", "text": "hi"}

    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, most))
    assert ask(peer, send)["error"]["code"] == "storage"
    assert told(server, "cannot write")["level"] == "warning"

    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert "ok" in ask(peer, send)
    assert told(server, "can write")["detail"].endswith("again")
