"""Bytes that would move a terminal are escaped, wherever they come from."""

import base64
import contextlib
import json
import os
import socket

import pytest
from drivers.chatd import Chatd
from log_lines import DEBUG
from websockets.exceptions import ConnectionClosed

C0 = "".join(map(chr, range(1, 0x20)))
C1 = "".join(map(chr, range(0x80, 0xA0)))
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
OTHERS = "\x7f\u2028\u2029\ufeff\U000e0041\u0300"
STRANGE = C0 + C1 + BIDI + OTHERS
NO_UTF8 = [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc3"]


def lines_of(server):
    """All that it wrote until its end, each line an object of printable ASCII."""
    server.stop()
    return checked(server.log.all())


def checked(lines):
    for line in lines:
        assert all(" " <= character <= "~" for character in line), repr(line)
    return [json.loads(line) for line in lines]


def test_what_clients_call_themselves(start_chatd, connect):
    server = start_chatd(options=DEBUG)
    taken = []
    for number, strange in enumerate(STRANGE):
        for name, agent in (f"a{strange}b", "plain"), ("plain", f"a{strange}b"):
            wire = connect(server)
            body = {"guest": f"{name}{number}", "key": f"key{number}{len(agent)}" * 3}
            answer = wire.reply(wire.post("hello", version=1, agent=agent, **body))
            if "ok" in answer:
                taken.append((answer["ok"]["user"]["name"], agent))
            wire.close()
    assert any(agent != "plain" for _, agent in taken)
    signed_in = [x for x in lines_of(server) if x["event"] == "signed_in"]
    assert [(x["name"], x["agent"]) for x in signed_in] == taken


def test_requests(start_chatd, connect):
    server = start_chatd(options=DEBUG)
    for strange in [*(c.encode() for c in STRANGE), *NO_UTF8]:
        wire = connect(server)
        wire.hello("ann")
        room = json.dumps(f"den{strange.decode(errors='replace')}")
        wire.send_frame(f'{{"action":"history","after":0,"room":{room}}}')
        with contextlib.suppress(ConnectionClosed):
            wire._socket.send(strange, text=True)
            wire._socket.send(b'{"action":"' + strange + b'"}', text=True)
            wire.settle()
        wire.close()
    events = {line["event"] for line in lines_of(server)}
    assert "request" in events


def ask(server, request):
    with socket.create_connection(("127.0.0.1", server.port), 20) as peer:
        with contextlib.suppress(OSError):
            peer.sendall(request)
            peer.shutdown(socket.SHUT_WR)
            while peer.recv(65536):
                pass


def test_handshakes(start_chatd):
    server = start_chatd(options=[*DEBUG, "--trusted-proxies", "127.0.0.1"])
    for strange in [*(c.encode() for c in STRANGE), *NO_UTF8]:
        if strange in (b"\r", b"\n"):
            continue
        key = base64.b64encode(os.urandom(16))
        ask(server, b"GET /a" + strange + b"b HTTP/1.1\r\nHost: x\r\n\r\n")
        ask(server, strange + b" / HTTP/1.1\r\nHost: x\r\n\r\n")
        for name in b"X-Request-Id", b"X-Forwarded-For", b"Origin", b"Upgrade":
            more = name + b": a" + strange + b"b\r\n"
            ask(
                server,
                b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: " + key + b"\r\n" + more + b"\r\n",
            )
    assert lines_of(server)


@pytest.mark.parametrize("name", ["\x1b[2J", "\u202e", "\x9b31m", "a\nb", "\udcff"])
def test_paths(build, tmp_path, name):
    (tmp_path / "file").touch()
    path = os.fspath(tmp_path / "file" / name)
    server = Chatd(build, tmp_path / "data", options=["--data", path])
    server.launch()
    assert server.wait() == 1
    [line] = checked(server.log.all())
    assert "/file/" in line["detail"]
