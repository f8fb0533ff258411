"""The @connections API: what the backend sends to a client, asks and ends."""

import datetime
import json
import urllib.parse

from aiohttp import web

from .signature import Refused, Verifier

NORMAL = 1000
READ_BYTES_MAX = 1024 * 1024


def time_text(milliseconds):
    moment = datetime.datetime.fromtimestamp(
        milliseconds / 1000, datetime.timezone.utc
    )
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Callback:
    def __init__(self, gateway):
        self._gateway = gateway
        self._settings = gateway.settings
        self._verifier = Verifier(gateway.settings)
        self._runner = None

    async def open(self):
        application = web.Application(client_max_size=READ_BYTES_MAX)
        application.router.add_get("/-/status", self._status)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        host, _, port = self._settings.callback_listen.rpartition(":")
        await web.TCPSite(self._runner, host, int(port)).start()

    async def close(self):
        await self._runner.cleanup()

    @property
    def port(self):
        return self._runner.addresses[0][1]

    async def _status(self, _):
        """The emulator's own; API Gateway has no such thing."""
        counts = {"connected": 0, "disconnected": 0, **self._gateway.counts}
        clients = self._gateway.clients.values()
        counts["connections"] = sum(client.is_connected for client in clients)
        return web.json_response(counts)

    async def _handle(self, request):
        body = await request.read()
        response = await self._answer(request, body)
        self._gateway.counts[f"callback_{response.status}"] += 1
        return response

    async def _answer(self, request, body):
        name = self._connection_id(request)
        if name is None:
            return self._error(403, "ForbiddenException", "Forbidden")
        try:
            url = f"http://{request.host}{request.raw_path}"
            self._verifier.verify(request.method, url, request.headers, body)
        except Refused as refused:
            return self._error(403, "ForbiddenException", str(refused))
        if request.method == "POST" and len(body) > int(self._settings.callback_bytes):
            return self._error(413, "PayloadTooLargeException", "Message too long")
        if not self._gateway.requests.take():
            return self._error(429, "LimitExceededException", "Too Many Requests")
        return await self._answer_for(name, request.method, body)

    def _connection_id(self, request):
        """Of /STAGE/@connections/ID, as the wire had it; None without."""
        path = request.raw_path.partition("?")[0]
        parts = [urllib.parse.unquote(part) for part in path.split("/")]
        if parts[:3] != ["", self._settings.stage, "@connections"] or len(parts) != 4:
            return None
        return parts[3]

    async def _answer_for(self, name, method, body):
        client = self._gateway.clients.get(name)
        if client and client.is_pending:
            status = int(self._settings.pending_status)
            return self._error(status, "GoneException", "Not connected yet")
        if not client or not client.is_connected:
            return self._error(410, "GoneException", "Gone")
        if method == "GET":
            return self._describe(client)
        if method == "DELETE":
            client.close(NORMAL, "Connection Closed Normally")
            return web.Response(status=204)
        if method == "POST":
            return await self._post(client, body.decode(errors="replace"))
        return self._error(403, "ForbiddenException", "Forbidden")

    def _describe(self, client):
        return web.json_response(
            {
                "connectedAt": time_text(client.connected_at),
                "identity": {
                    "sourceIp": client.source_ip,
                    "userAgent": client.user_agent,
                },
                "lastActiveAt": time_text(client.last_active_at),
            }
        )

    async def _post(self, client, text):
        chaos = self._gateway.chaos
        await chaos.delay()
        if chaos.happens("slow") or not client.has_room(text):
            return self._error(429, "LimitExceededException", "Slow client")
        if chaos.happens("fail"):
            if chaos.chance(0.5):
                client.queue(text)
            return self._error(500, "InternalServerError", "Internal server error")
        if chaos.happens("drop"):
            return web.Response(status=200)
        if chaos.happens("duplicate"):
            client.queue(text)
        if self._settings.callback_answers == "queued":
            client.queue(text)
        elif not await client.send(text):
            return self._error(410, "GoneException", "Gone")
        return web.Response(status=200)

    def _error(self, status, kind, message):
        return web.Response(
            status=status,
            headers={"X-Amzn-ErrorType": kind},
            content_type="application/json",
            text=json.dumps({"message": message}),
        )
