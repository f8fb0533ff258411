"""The emulator of API Gateway on a thread of its own."""

import asyncio
import pathlib
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging/aws/local"))

from gateway.gateway import Gateway  # noqa: E402
from gateway.settings import Settings  # noqa: E402, F401

SECONDS = 30
SERVICE_RESTART = 1012  # what API Gateway says when it ends a connection so


class Running:
    """Listens when it is made, until it is closed."""

    def __init__(self, settings):
        self._settings = settings
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._ready.wait(SECONDS)

    async def _run(self):
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._gateway = Gateway(self._settings)
        await self._gateway.open()
        self.port = self._gateway.port
        self.callback_port = self._gateway.callback_port
        self._ready.set()
        await self._ended.wait()
        await self._gateway.close()

    @property
    def counts(self):
        """What went through, by kind."""
        return dict(self._gateway.counts)

    async def _end_connections(self):
        clients = [c for c in self._gateway.clients.values() if c.is_open]
        ends = [c.close(SERVICE_RESTART, "Service restart") for c in clients]
        await asyncio.gather(*ends)

    def end_connections(self):
        """All of them, as API Gateway does when it is restarted."""
        ended = asyncio.run_coroutine_threadsafe(self._end_connections(), self._loop)
        ended.result(SECONDS)

    def close(self):
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(SECONDS)
