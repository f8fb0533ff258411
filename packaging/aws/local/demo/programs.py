"""Clients that are programs of their own, spoken to by lines: the terminal
client without a terminal, and a program on the SDK. Both write one JSON object
a line, the room's entries among them."""

import asyncio
import contextlib
import json
import os

STOP_SECONDS = 15
LINE_BYTES_MAX = 1024 * 1024


class Program:
    reconnects = 0  # only the gateway knows

    def __init__(self, name, command, home, seen):
        self.name = name
        self._command = [str(word) for word in command]
        self._home = home
        self._seen = seen
        self._process = None
        self._reader = None

    async def start(self):
        self._home.mkdir(parents=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("XDG_", "CHAT"))
        }
        with (self._home / "stderr").open("w") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                env={**kept, "HOME": str(self._home), "LANG": "C.UTF-8"},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=LINE_BYTES_MAX,
            )
        self._reader = asyncio.create_task(self._read())

    async def _read(self):
        async for line in self._process.stdout:
            value = json.loads(line)
            if value.get("event") == "message":
                self._seen(self.name, value["text"])

    def say(self, text):
        self._process.stdin.write(f"{text}\n".encode())

    async def stop(self):
        if self._process is None:
            return
        self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        await self._reader


def terminal(build, url, room, name, home, seen):
    options = ("--headless", "--room", room, "--name", name)
    return Program(name, [build / "client/chat-tui", url, *options], home, seen)


def sdk(build, url, room, name, home, seen):
    command = [build / "tests/e2e/sdk_program", url, room, name]
    return Program(name, command, home, seen)
