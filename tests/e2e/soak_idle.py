#!/usr/bin/env python3
"""What an idle connection costs chatd; ./dev soak idle.

Opens connections on bare sockets, signs each in as a guest of its own and
lets it join a room of --room-size members; then nothing more is said. Prints
chatd's resident memory before and after.
"""

import argparse
import asyncio
import base64
import json
import os
import pathlib
import resource
import secrets
import sys
import tempfile

from drivers.chatd import Chatd

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPARE_DESCRIPTORS = 100
AT_ONCE = 100  # handshakes under way
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA


def frame(opcode, payload):
    """A masked frame; the mask is zero, so the payload stays readable."""
    if len(payload) < 126:
        head = bytes([0x80 | opcode, 0x80 | len(payload)])
    else:
        head = bytes([0x80 | opcode, 0xFE]) + len(payload).to_bytes(2, "big")
    return head + b"\0\0\0\0" + payload


class Idler:
    """One connection; reads what comes and answers pings, for ever."""

    def __init__(self, reader, writer):
        self._reader = reader
        self._writer = writer

    async def handshake(self, port):
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self._writer.write(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: chat.v1\r\n\r\n".encode()
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode())

    async def _read_frame(self):
        opcode, length = await self._reader.readexactly(2)
        if length >= 126:
            size = 2 if length == 126 else 8
            length = int.from_bytes(await self._reader.readexactly(size), "big")
        return opcode & 0xF, await self._reader.readexactly(length)

    async def read_text(self):
        while True:
            opcode, payload = await self._read_frame()
            if opcode == PING:
                self._writer.write(frame(PONG, payload))
            elif opcode == CLOSE:
                raise ConnectionError(f"closed by the server: {payload!r}")
            elif opcode == TEXT:
                return payload.decode()

    async def ask(self, number, action, **body):
        request = {"action": action, "id": number, **body}
        self._writer.write(frame(TEXT, json.dumps(request).encode()))
        while True:
            for line in (await self.read_text()).splitlines():
                value = json.loads(line)
                if value.get("reply") == number:
                    if "error" in value:
                        raise ConnectionError(line)
                    return

    async def idle(self):
        while True:
            await self.read_text()


async def open_one(port, number, room_size, gate):
    async with gate:
        idler = Idler(*await asyncio.open_connection("127.0.0.1", port))
        await idler.handshake(port)
        key = secrets.token_hex(8)
        await idler.ask(1, "hello", version=1, guest=f"idle {number}", key=key)
        room = f"room-{number // room_size}"
        await idler.ask(2, "join", room=room, key=key, create=True, limit=0)
    return asyncio.create_task(idler.idle())


async def open_all(port, count, room_size):
    gate = asyncio.Semaphore(AT_ONCE)
    opening = [open_one(port, number, room_size, gate) for number in range(count)]
    return await asyncio.gather(*opening)


async def hold(server, count, room_size):
    before = server.resident_kib()
    tasks = await open_all(server.port, count, room_size)
    after = server.resident_kib()
    lost = [task for task in tasks if task.done()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return before, after, len(lost)


def raise_descriptor_limit(connections):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and connections + SPARE_DESCRIPTORS > hard:
        sys.exit(f"soak: at most {hard - SPARE_DESCRIPTORS} connections here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
    parser = argparse.ArgumentParser(prog="./dev soak idle")
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--room-size", type=int, default=10)
    arguments = parser.parse_args()
    count = arguments.connections
    raise_descriptor_limit(count)
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        options = ["--max-connections", str(count)]
        server = Chatd(build, pathlib.Path(folder) / "data", options=options)
        server.start()
        before, after, lost = asyncio.run(hold(server, count, arguments.room_size))
        server.stop()
    print(f"connections      {count}, {lost} lost")
    print(f"RSS before       {before} KiB")
    print(f"RSS after        {after} KiB")
    print(f"a connection     {(after - before) * 1024 / count:.0f} bytes")
    return lost != 0


if __name__ == "__main__":
    sys.exit(main())
