"""A peer made of plain sockets, which may say what no library would let it."""

import base64
import json
import os
import pathlib
import select
import socket
import ssl
import struct
import subprocess

DEADLINE = 20

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
CONTINUATION = 0x0
FINAL = 0x80


class Server:
    """A program that logs `listening` with its port."""

    def __init__(self, program, folder, *options):
        wrapper = os.environ.get("FRONT_WRAPPER", "").split()
        self.process = subprocess.Popen(
            [*wrapper, program, "--listen", "127.0.0.1:0", "--data", folder, *options],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.ended = False
        listening = self.wait_for("listening")
        self.port, self.ops_port = listening["port"], listening.get("ops_port")

    def wait_for(self, event):
        for line in self.process.stderr:
            if line.startswith("{"):
                entry = json.loads(line)
                if entry["event"] == event:
                    return entry
        raise AssertionError(f"no {event} in the log")

    def end(self):
        """The exit status of a server that a test has told to end."""
        self.ended = True
        self.process.stderr.read()
        self.process.stderr.close()
        return self.process.wait(DEADLINE)

    def stop(self):
        """It must end well, whatever was done to it."""
        if self.ended:
            return
        self.process.terminate()
        rest = self.process.stderr.read()
        status = self.process.wait(DEADLINE)
        assert status == 0, f"ended with {status}: {rest}"
        self.process.stderr.close()

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(x for x in status.splitlines() if x.startswith("VmRSS:"))
        return int(line.split()[1])

    def connect(self, tls=None):
        connection = socket.create_connection(("127.0.0.1", self.port), DEADLINE)
        if tls is not None:
            connection = tls.wrap_socket(connection, server_hostname="localhost")
        return Peer(connection, self.port)

    def request(self, method, path, headers=(), body=b""):
        return self.connect().request(method, path, headers, body)

    def upgrade(self, **changes):
        """(peer, response) of a handshake with some headers changed."""
        peer = self.connect(changes.pop("tls", None))
        return peer, peer.handshake(**changes)

    def websocket(self, **changes):
        peer, response = self.upgrade(**changes)
        assert response.status == 101, response
        return peer


class Response:
    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        version, status = lines[0].split()[:2]
        self.version, self.status = version, int(status)
        pairs = (line.split(":", 1) for line in lines[1:] if line)
        self.headers = {name.strip().lower(): value.strip() for name, value in pairs}
        self.body = body

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body!r}"


class Gone(Exception):
    """The server has closed the connection."""


class Peer:
    def __init__(self, connection, port):
        self.socket = connection
        self.port = port
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError) as error:
            raise Gone from error
        if not data:
            raise Gone
        self.buffer += data

    def take(self, count):
        while len(self.buffer) < count:
            self._more()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def response(self, has_body=True):
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        response = Response(head, b"")
        if has_body and response.status not in (101, 304):
            length = int(response.headers.get("content-length", 0))
            response.body = self.take(length)
        return response

    def request(self, method, path, headers=(), body=b""):
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers]
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        return self.response(has_body=method != "HEAD")

    def handshake(self, path="/ws", method="GET", more=(), **changes):
        """Header names have underscores; None leaves one out."""
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec_WebSocket_Version": "13",
            "Sec_WebSocket_Key": base64.b64encode(os.urandom(16)).decode(),
            **changes,
        }
        pairs = [(n.replace("_", "-"), v) for n, v in headers.items() if v is not None]
        return self.request(method, path, [*pairs, *more])

    def frame(self, opcode, payload=b"", first=None, mask=True, length=None):
        """Sends one frame; `first` and `length` say what is not true."""
        size = len(payload) if length is None else length
        bit = 0x80 if mask else 0
        header = bytes([opcode | FINAL if first is None else first])
        if size < 126:
            header += bytes([bit | size])
        elif size < 65536:
            header += bytes([bit | 126]) + struct.pack("!H", size)
        else:
            header += bytes([bit | 127]) + struct.pack("!Q", size)
        key = os.urandom(4) if mask else b""
        if mask:
            payload = bytes(b ^ key[i % 4] for i, b in enumerate(payload))
        self.send(header + key + payload)

    def text(self, text):
        self.frame(TEXT, text.encode())

    def receive(self):
        """(opcode, payload) of the next frame, which must be well made."""
        first, second = self.take(2)
        assert first & 0x70 == 0 and first & FINAL and second & 0x80 == 0
        size = second
        if size == 126:
            size = struct.unpack("!H", self.take(2))[0]
            assert size > 125
        assert size <= 30 * 1024
        return first & 0xF, self.take(size)

    def receive_text(self):
        opcode, payload = self.receive()
        assert opcode == TEXT, (opcode, payload)
        return payload.decode()

    def close_code(self):
        """The code of the close frame, past other frames; None without one."""
        try:
            while True:
                opcode, payload = self.receive()
                if opcode == CLOSE:
                    return struct.unpack("!H", payload[:2])[0]
        except Gone:
            return None

    def is_closed(self):
        try:
            while True:
                self._more()
        except Gone:
            return True

    def is_silent(self, seconds):
        readable, _, _ = select.select([self.socket], [], [], seconds)
        return not readable

    def close(self):
        self.socket.close()
