"""One client's connection, as the gateway knows it."""

import asyncio
import time

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import Opcode
from websockets.protocol import State

from .integration import new_id

GOING_AWAY = 1001


class Connection(ServerConnection):
    """The library's, with an ear for pings and for the end."""

    client = None
    on_ping = None
    on_lost = None

    def process_event(self, event):
        super().process_event(event)
        if self.on_ping and getattr(event, "opcode", None) is Opcode.PING:
            self.on_ping()

    def connection_lost(self, exc):
        super().connection_lost(exc)
        if self.on_lost:
            self.on_lost(self.client)


class Client:
    def __init__(self, connection, settings):
        self.id = new_id()
        self.source_ip = connection.remote_address[0]
        self.user_agent = connection.request.headers.get("User-Agent", "")
        self.connected_at = int(time.time() * 1000)
        self.last_active_at = self.connected_at
        self.subprotocol = None  # what the backend's answer to $connect chose
        self.is_pending = True  # the handshake is not over
        self.is_accepted = False  # by the backend
        self.is_open = False  # after the handshake, before any close
        self._connection = connection
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._writes = set()
        self._closing = None
        if settings.ping_resets_idle == "yes":
            connection.on_ping = self.touch

    # ---- time ----

    def open(self):
        self.is_pending = False
        self.is_open = True
        self._end = self._after(self._settings.duration_seconds)
        self._idle = self._after(self._settings.idle_seconds)

    def touch(self):
        """A message went either way."""
        self.last_active_at = int(time.time() * 1000)
        if self.is_open:
            self._idle.cancel()
            self._idle = self._after(self._settings.idle_seconds)

    def _after(self, seconds):
        scaled = self._settings.scaled(seconds)
        return self._loop.call_later(scaled, self.close, GOING_AWAY, "Going away")

    # ---- to the client ----

    def has_room(self, text):
        """Whether the client reads as fast as it is sent to."""
        waiting = self._connection.transport.get_write_buffer_size()
        return waiting + len(text) <= self._settings.buffer_bytes

    async def send(self, text):
        """Returns when the kernel has it. False: the connection is no more."""
        self.touch()
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            return False
        return True

    def queue(self, text):
        """Sends in the order of calls, without waiting."""
        write = self._loop.create_task(self.send(text))
        self._writes.add(write)
        write.add_done_callback(self._writes.discard)

    # ---- the end ----

    @property
    def end(self):
        """Who closed the connection, and with what."""
        protocol = self._connection.protocol
        sent, received = protocol.close_sent, protocol.close_rcvd
        by_client = received and (not sent or protocol.close_rcvd_then_sent)
        frame = received if by_client else sent
        if frame is None:
            return "broken off"
        return f"{'client' if by_client else 'gateway'} {frame.code} {frame.reason}"

    def close(self, code, reason):
        """Begins to close; nothing can be sent any more. To be awaited or not."""
        self.ended()
        if self._closing is None:
            self._closing = self._loop.create_task(
                self._connection.close(code, reason)
            )
        return self._closing

    def cut(self):
        """As a network that fails."""
        self.ended()
        self._connection.transport.abort()

    def ended(self):
        if self.is_open:
            self.is_open = False
            self._idle.cancel()
            self._end.cancel()

    @property
    def is_connected(self):
        return self.is_open and self._connection.state is State.OPEN
