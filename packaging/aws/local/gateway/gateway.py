"""The gateway: connections, their messages, and what becomes of them."""

import asyncio
import collections
import http
import json
import sys
import time

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from .callback import Callback
from .chaos import Chaos
from .client import Client, Connection
from .integration import Integration, new_id
from .throttle import TokenBucket

UNSUPPORTED_DATA = 1003
POLICY_VIOLATION = 1008


def error_frame(message, client, request_id):
    """As API Gateway writes it, to the blank."""
    return (
        f'{{"message": "{message}", "connectionId":"{client.id}",'
        f' "requestId":"{request_id}"}}'
    )


def log(event, client, **more):
    fields = {"event": event, "connection": client.id, **more}
    print(json.dumps(fields), file=sys.stderr, flush=True)


def split_address(address):
    host, _, port = address.rpartition(":")
    return host, int(port)


class Gateway:
    def __init__(self, settings):
        self.settings = settings
        self.clients = {}
        self.counts = collections.Counter()
        self.chaos = Chaos(settings.chaos, settings.chaos_milliseconds, settings.seed)
        rate, burst = settings.requests_per_second, settings.requests_burst
        self.requests = TokenBucket(rate, burst, time.monotonic)
        rate = settings.connections_per_second
        self._connects = TokenBucket(rate, rate, time.monotonic)
        self._integration = Integration(settings)
        self._callback = Callback(self)
        self._tasks = set()
        self._server = None

    async def open(self):
        await self._integration.open()
        await self._callback.open()
        host, port = split_address(self.settings.listen)
        frame, message = self.settings.frame_bytes, self.settings.message_bytes
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._connect,
            select_subprotocol=lambda connection, _: connection.client.subprotocol,
            create_connection=Connection,
            compression=None,
            open_timeout=self.settings.scaled(self.settings.integration_seconds) + 5,
            ping_interval=None,
            max_size=(message, frame),
            write_limit=0,
            server_header=None,
        )

    async def close(self):
        self._server.close()
        await self._server.wait_closed()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        await self._callback.close()
        await self._integration.close()

    @property
    def port(self):
        return self._server.sockets[0].getsockname()[1]

    @property
    def callback_port(self):
        return self._callback.port

    def start(self, work):
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- $connect and $disconnect ----

    async def _connect(self, connection, request):
        """The handshake waits for the backend, whose status is the client's."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return None  # the library has the answer for those
        if request.path.partition("?")[0] != f"/{self.settings.stage}":
            return self._refuse(connection, 403, "Forbidden")
        if not self._connects.take():
            return self._refuse(connection, 429, "Too Many Requests")
        client = connection.client = Client(connection, self.settings)
        connection.on_lost = self._lost
        self.clients[client.id] = client
        headers = request.headers.raw_items()
        answer = await self._integration.connect(client, request.path, headers)
        if not answer.is_good:
            del self.clients[client.id]
            status = answer.status or self._failed_status(answer)
            return self._refuse(connection, status, "Connect failed")
        self._accept(client, connection, answer)
        return None

    def _accept(self, client, connection, answer):
        self.counts["connected"] += 1
        client.is_accepted = True
        log("connected", client, agent=client.user_agent)
        if self.settings.subprotocol == "passed":
            client.subprotocol = answer.headers.get("Sec-WebSocket-Protocol")
        if connection.state is State.CLOSED:
            self._lost(client)

    def _failed_status(self, answer):
        return 502 if answer.in_time else int(self.settings.connect_failure)

    def _refuse(self, connection, status, message):
        self.counts["refused"] += 1
        known = status in http.HTTPStatus.__members__.values()
        response = connection.respond(status if known else 502, "")
        response.body = json.dumps({"message": message}).encode()
        del response.headers["Content-Type"], response.headers["Content-Length"]
        response.headers["Content-Type"] = "application/json"
        response.headers["Content-Length"] = str(len(response.body))
        return response

    def _lost(self, client):
        """The connection is no more; $disconnect may not get through."""
        self.clients.pop(client.id, None)
        client.ended()
        if not client.is_accepted:
            return
        client.is_accepted = False
        self.counts["disconnected"] += 1
        log("disconnected", client, why=client.end)
        if not self.chaos.chance(self.settings.lost_disconnects):
            self.start(self._integration.disconnect(client))

    # ---- messages ----

    async def _serve(self, connection):
        client = connection.client
        client.open()
        try:
            async for message in connection:
                client.touch()
                if isinstance(message, bytes):
                    await client.close(UNSUPPORTED_DATA, "Unsupported data")
                elif not self.requests.take():
                    await self._throttle(client)
                else:
                    self._run(client, message)
        except ConnectionClosed:
            pass  # _lost has it

    async def _throttle(self, client):
        self.counts["throttled"] += 1
        if self.settings.throttled == "close":
            await client.close(POLICY_VIOLATION, "Throttled")
        else:
            await client.send(error_frame("Too Many Requests", client, new_id()))

    def _run(self, client, text):
        """Nothing waits for the message before it."""
        self.counts["messages"] += 1
        if self.chaos.happens("cut"):
            client.cut()
        if self.chaos.happens("drop"):
            return
        for _ in range(2 if self.chaos.happens("duplicate") else 1):
            self.start(self._integrate(client, text))

    async def _integrate(self, client, text):
        await self.chaos.delay()
        if self.chaos.happens("fail"):
            if self.chaos.chance(0.5):
                await self._integration.message(client, text)
            await self._send(client, self._error(client, new_id()))
            return
        answer = await self._integration.message(client, text)
        frame = self._frame_of(client, answer)
        if frame is not None:
            await self._send(client, frame)

    def _frame_of(self, client, answer):
        """The route response: what the client gets, None: nothing."""
        if answer.is_good:
            if answer.body or self.settings.empty_response == "frame":
                return answer.body
            return None
        if not answer.status or self.settings.non_2xx == "error":
            return self._error(client, answer.request_id)
        return answer.body if self.settings.non_2xx == "body" else None

    def _error(self, client, request_id):
        self.counts["errors"] += 1
        return error_frame("Internal server error", client, request_id)

    async def _send(self, client, frame):
        await self.chaos.delay()
        if self.chaos.happens("drop"):
            return
        for _ in range(2 if self.chaos.happens("duplicate") else 1):
            if client.is_connected:
                self.counts["responses"] += 1
                await client.send(frame)
