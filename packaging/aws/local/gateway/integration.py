"""The HTTP_PROXY integrations: what the backend is asked, and what it said."""

import asyncio
import base64
import secrets
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

MAPPED = (
    "X-Connection-Id",
    "X-Event-Type",
    "X-Request-Id",
    "X-Source-Ip",
    "X-Connected-At",
    "X-Gateway-Secret",
)
# Those of one connection, which end at the gateway, and those that it sets.
NOT_PASSED = {
    *map(str.lower, MAPPED),
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-apigateway-api-id",
    "x-amzn-trace-id",
    "x-forwarded-for",
    "x-forwarded-port",
    "x-forwarded-proto",
}


def new_id(length=11):
    """As API Gateway's look: `JC1dgf9yoAMCK-g=`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(length)).decode()


@dataclass
class Answer:
    """Of a backend; status 0: it gave none, or not in time."""

    status: int = 0
    body: str = ""
    headers: dict = field(default_factory=dict)
    request_id: str = ""
    in_time: bool = True

    @property
    def is_good(self):
        return 200 <= self.status < 300


class Integration:
    """POSTs to the backend, as many at a time as there are messages."""

    def __init__(self, settings):
        self._settings = settings
        self._limit = aiohttp.ClientTimeout(
            total=settings.scaled(settings.integration_seconds)
        )
        self._session = None

    async def open(self):
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=self._limit,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self):
        await self._session.close()

    async def connect(self, client, path, headers):
        """`headers` and the query of `path` are the client's own."""
        passed = [
            (name, value)
            for name, value in headers
            if name.lower() not in NOT_PASSED
        ]
        query = path.partition("?")[2]
        return await self._ask(client, "CONNECT", "", passed, query)

    async def message(self, client, text):
        kind = self._settings.message_type
        headers = [] if kind == "none" else [("Content-Type", kind)]
        return await self._ask(client, "MESSAGE", text, headers)

    async def disconnect(self, client):
        body = "{}" if self._settings.disconnect_body == "object" else ""
        return await self._ask(client, "DISCONNECT", body)

    def _mapped(self, client, kind, request_id):
        """The request parameters, as the deployment's template has them."""
        values = (
            client.id,
            kind,
            request_id,
            client.source_ip,
            str(client.connected_at),
            self._settings.secret,
        )
        return dict(zip(MAPPED, values, strict=True))

    def _own(self, client):
        return {
            "User-Agent": f"AmazonAPIGateway_{self._settings.api_id}",
            "X-Amzn-Apigateway-Api-Id": self._settings.api_id,
            "X-Amzn-Trace-Id": f"Root=1-{client.connected_at // 1000:08x}"
            f"-{secrets.token_hex(12)}",
            "X-Forwarded-For": client.source_ip,
            "X-Forwarded-Port": "443",
            "X-Forwarded-Proto": "https",
        }

    async def _ask(self, client, kind, body, passed=(), query=""):
        request_id = new_id()
        address = f"{self._settings.integration}/gateway/{kind.lower()}"
        url = URL(address + ("?" + query if query else ""), encoded=True)
        headers = [
            *passed,
            *self._own(client).items(),
            *self._mapped(client, kind, request_id).items(),
        ]
        try:
            async with self._session.post(
                url, data=body.encode(), headers=headers, allow_redirects=False
            ) as response:
                text = await response.text(errors="replace")
                return Answer(
                    response.status, text, dict(response.headers), request_id
                )
        except asyncio.TimeoutError:
            return Answer(request_id=request_id, in_time=False)
        except (aiohttp.ClientError, OSError):
            return Answer(request_id=request_id)
