"""Frames of all sizes, floods of them, and what is sent to whom.

The rules of RFC 6455 one by one are in tests/hostile/test_websocket.py.
"""

import socket
import struct

import pytest
from wire import CLOSE, CONTINUATION, PING, PONG, TEXT, Gone

FRAME_MAX = 30 * 1024


@pytest.fixture(params=["framed-once", "framed-by-the-library"])
def echo(start, request, monkeypatch):
    if request.param == "framed-by-the-library":
        monkeypatch.setenv("ECHO_LIBRARY_FRAMES", "1")
    return start()


@pytest.fixture
def peer(echo):
    return echo.websocket()


def is_served(server):
    other = server.websocket()
    other.text("hi")
    assert other.receive_text() == "hi\n"
    other.close()


def test_a_message_is_answered(peer):
    peer.text("hello")
    assert peer.receive_text() == "hello\n"


@pytest.mark.parametrize("size", [1, 125, 126, 1023, 1024, 1025, 2048, 20000, FRAME_MAX - 1])
def test_a_message_of_any_size_arrives_whole(peer, size):
    text = "".join(chr(ord("a") + i % 26) for i in range(size))
    peer.text(text)
    assert peer.receive_text() == text + "\n"


def test_answers_of_one_pass_share_frames(peer):
    peer.text("reply 20000")
    assert len(peer.receive_text()) == 20000


def test_a_large_answer_is_cut_between_objects(peer):
    peer.text("reply 100000")
    lines = ""
    while len(lines) < 100000:
        payload = peer.receive_text()
        assert payload.endswith("\n")
        lines += payload
    assert {len(line) for line in lines.splitlines()} == {999}


def test_a_shared_frame_reaches_all(echo):
    peers = [echo.websocket() for _ in range(5)]
    peers[0].text("tell all of you")
    assert [peer.receive_text() for peer in peers] == ["all of you\n"] * 5


def test_fragments_of_one_byte_are_joined(peer):
    peer.frame(TEXT, b"x", first=TEXT)
    for _ in range(3000):
        peer.frame(CONTINUATION, b"x", first=CONTINUATION)
    peer.frame(CONTINUATION, b"x")
    assert peer.receive_text() == "x" * 3002 + "\n"


def test_a_message_cut_at_every_byte_arrives(peer):
    for byte in b"\x81\x85\x00\x00\x00\x00hello":
        peer.send(bytes([byte]))
    assert peer.receive_text() == "hello\n"


def test_a_close_comes_after_what_was_said(peer):
    peer.text("close 4501")
    assert peer.receive_text() == "closing\n"
    opcode, payload = peer.receive()
    assert (opcode, payload) == (CLOSE, struct.pack("!H", 4501) + b"as asked")
    peer.frame(CLOSE, payload[:2])
    assert peer.is_closed()


def test_a_close_comes_after_a_long_answer(peer):
    peer.text("flood 2000 1000")
    peer.text("close 4001")
    assert peer.close_code() == 4001


def too_many_fragments(peer):
    for _ in range(FRAME_MAX + 10):
        peer.frame(CONTINUATION, b"x", first=CONTINUATION)


def endless_empty_fragments(peer):
    peer.send((b"\x00\x80" + b"\x00" * 4) * (FRAME_MAX + 10))


@pytest.mark.parametrize("rest", [too_many_fragments, endless_empty_fragments])
def test_fragments_without_end_are_too_large(echo, peer, rest):
    peer.frame(TEXT, b"x", first=TEXT)
    try:
        rest(peer)
    except ConnectionError:
        pass
    assert peer.close_code() in (1009, None)
    is_served(echo)


def test_64_mib_in_fragments_take_no_memory(echo, peer):
    before = echo.resident_kib()
    piece = b"\x00\xfe\x40\x00" + b"\x00" * 4 + b"x" * 16384
    try:
        peer.frame(TEXT, b"x" * 16384, first=TEXT)
        for _ in range(4096):
            peer.send(piece)
    except ConnectionError:
        pass
    assert peer.close_code() in (1009, None)
    assert echo.resident_kib() - before < 4096
    is_served(echo)


def test_a_flood_of_pings_does_no_harm(echo, peer):
    peer.send((b"\x89\x81" + b"\x00" * 4 + b"p") * 5000)
    peer.text("after")
    while peer.receive() != (TEXT, b"after\n"):
        pass
    is_served(echo)


def test_a_peer_that_vanishes_does_no_harm(echo):
    for _ in range(50):
        peer = echo.websocket()
        peer.text("flood 100 10000")
        peer.close()
    is_served(echo)


def test_a_reader_that_stops_is_dropped_and_others_are_served(echo, peer):
    """12 MB for one who does not read: more than the system's buffers take."""
    before = echo.resident_kib()
    peer.text("flood 12000 1000")
    is_served(echo)
    assert echo.resident_kib() - before < 12000
    texts = []
    while True:
        opcode, payload = peer.receive()
        if opcode == CLOSE:
            break
        texts.append(payload)
    assert struct.unpack("!H", payload[:2])[0] == 4008
    assert len(texts) < 12000
    assert set(texts[:-1]) == {b"f" * 999 + b"\n"}
    assert texts[-1].startswith(b'{"event":"close","code":4008')


def test_a_slow_reader_gets_everything_below_the_limit(peer):
    peer.text("flood 4000 1000")
    for _ in range(4000):
        assert peer.receive() == (TEXT, b"f" * 999 + b"\n")


def test_many_frames_to_a_slow_reader_stay_whole(peer):
    """The socket fills in the middle of a write of many."""
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    for _ in range(3):
        peer.text("flood 4000 500")
    peer.text("end")
    for _ in range(12000):
        assert peer.receive() == (TEXT, b"f" * 500)
    assert peer.receive_text() == "end\n"


def test_pongs_keep_out_of_shared_frames(peer):
    """Control frames of the library may stand only between whole frames."""
    peer.text("flood 40 90000")
    for _ in range(20):
        peer.frame(PING, b"between")
    seen = 0
    while seen < 40 * 90000:
        opcode, payload = peer.receive()
        seen += len(payload) if opcode == TEXT else 0
        assert opcode in (TEXT, PONG)


def test_frames_after_a_close_are_not_heard(peer):
    peer.text("close 4001")
    try:
        for _ in range(10):
            peer.text("still there?")
        assert peer.receive_text() == "closing\n"
        assert peer.receive()[0] == CLOSE
        peer.frame(CLOSE, struct.pack("!H", 4001))
        assert peer.is_closed()
    except (ConnectionError, Gone):
        pass


def test_a_peer_that_was_not_heard_is_asked(peer):
    peer.text("skip 26000")
    assert peer.receive_text() == "skipped\n"
    assert peer.receive() == (PING, b"p")
    peer.frame(PONG, b"p")
    peer.text("still here")
    assert peer.receive_text() == "still here\n"


def test_a_peer_that_is_silent_is_closed(peer):
    peer.text("skip 91000")
    assert peer.receive_text() == "skipped\n"
    assert peer.receive_text().startswith('{"event":"close","code":4012')
    assert peer.close_code() == 4012
