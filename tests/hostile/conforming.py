"""A client that says any bytes and hears by the rules.

What it sends is up to the test. What it hears goes through the state machine of
the library `websockets`, which knows nothing of chatd and ends at the first
byte that RFC 6455 does not allow.
"""

import socket
import struct

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

DEADLINE = 20

FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def masked(payload, key=b"\x5a\xa5\x0f\xf0"):
    return key + bytes(b ^ key[i % 4] for i, b in enumerate(payload))


def frame(first, payload=b"", length_bytes=None, mask=True):
    """One frame; `first` is its whole first byte. `length_bytes` of 0, 2 or 8
    forces a form of the length, the shortest by default."""
    size = len(payload)
    bit = 0x80 if mask else 0
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65536 else 8
    code, form = {0: (size, ""), 2: (126, "!H"), 8: (127, "!Q")}[length_bytes]
    length = struct.pack(form, size) if form else b""
    return bytes([first, bit | code]) + length + (masked(payload) if mask else payload)


def text(payload):
    return frame(FIN | TEXT, payload)


def cut(payload, *places):
    """The payload in fragments that end at these places."""
    places = [0, *places, len(payload)]
    pieces = [payload[a:b] for a, b in zip(places, places[1:])]
    last = len(pieces) - 1
    return b"".join(
        frame((FIN if n == last else 0) | (CONTINUATION if n else TEXT), piece)
        for n, piece in enumerate(pieces)
    )


class Conforming:
    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self._protocol = ClientProtocol(parse_uri(f"ws://127.0.0.1:{port}/ws"))
        self._protocol.send_request(self._protocol.connect())
        self._socket.sendall(b"".join(self._protocol.data_to_send()))
        self._waiting = []
        while self._protocol.state is State.CONNECTING:
            self._hear()
        assert self._protocol.handshake_exc is None, self._protocol.handshake_exc
        self._waiting.clear()

    def send(self, data):
        self._socket.sendall(data)

    def send_slowly(self, data):
        """Each byte in a segment of its own, as far as the system allows."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in data:
            self._socket.sendall(bytes([byte]))

    def _hear(self):
        """False at the end of the connection."""
        try:
            data = self._socket.recv(65536)
        except ConnectionError:
            data = b""
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        if data and self._protocol.parser_exc is not None:
            raise self._protocol.parser_exc
        self._waiting += self._protocol.events_received()
        return bool(data)

    def receive(self):
        """The next frame; None at the end of the connection."""
        while not self._waiting:
            if not self._hear():
                return None
        return self._waiting.pop(0)

    def ending(self):
        """(close code, other frames before it); the code is None without one."""
        before = []
        while (heard := self.receive()) is not None:
            if isinstance(heard, Frame) and heard.opcode is Opcode.CLOSE:
                code = struct.unpack("!H", heard.data[:2])[0] if heard.data else 1005
                return code, before
            before.append(heard)
        return None, before

    def is_closed(self):
        """True once the server has ended the connection itself."""
        while self._hear():
            pass
        return True

    def close(self):
        self._socket.close()
