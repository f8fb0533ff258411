"""Requests as API Gateway's HTTP_PROXY integrations send them."""

import http.client
import itertools
import json
import threading

DEADLINE = 40
SECRET = "the-secret"

# As an execution log of API Gateway shows them, on $connect only.
HANDSHAKE = {
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
}


class Client:
    """A client of API Gateway, as a task of chatd sees it."""

    numbers = itertools.count(1)

    def __init__(self, *servers, secret=SECRET, address="198.51.100.7"):
        self.id = f"JC{next(self.numbers):06d}AMCK-g="
        self._servers = list(servers)
        self._secret = secret
        self._address = address
        self._requests = itertools.count(1)
        self.token = None

    def post(self, path, body=b"", headers=None, server=None):
        """(status, headers, body); each request has a connection of its own."""
        server = server or self._servers[0]
        link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        mapped = {
            "X-Connection-Id": self.id,
            "X-Event-Type": path.upper(),
            "X-Request-Id": f"req-{next(self._requests)}",
            "X-Source-Ip": self._address,
            "X-Gateway-Secret": self._secret,
            "User-Agent": "AmazonAPIGateway_abc123",
            **(headers or {}),
        }
        link.request("POST", f"/gateway/{path}", body, mapped)
        answer = link.getresponse()
        result = answer.status, answer.headers, answer.read()
        link.close()
        return result

    def connect(self, **headers):
        return self.post("connect", headers={**HANDSHAKE, **headers})

    def message(self, text, server=None):
        """The objects of the answer."""
        status, _, body = self.post("message", text.encode(), server=server)
        assert status == 200, (status, body)
        return [json.loads(line) for line in body.decode().splitlines()]

    def request(self, action, server=None, **fields):
        """The one reply."""
        number = next(self._requests)
        objects = self.message(json.dumps({"action": action, "id": number, **fields}), server)
        assert len(objects) == 1, objects
        assert objects[0]["reply"] == number, objects
        return objects[0]

    def ok(self, action, server=None, **fields):
        reply = self.request(action, server, **fields)
        assert "ok" in reply, reply
        return reply["ok"]

    def hello(self, name, server=None, **fields):
        said = {"token": self.token} if self.token else {"guest": name, "key": f"hello-{self.id[2:8]}"}
        ok = self.ok("hello", server, version=1, **said, **fields)
        self.token = ok.get("token", self.token)
        self.user = ok["user"]["id"]
        return ok

    def disconnect(self, server=None):
        return self.post("disconnect", server=server)


def at_once(calls):
    """What each returns, all started together."""
    results = [None] * len(calls)

    def run(place, call):
        results[place] = call()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE)
    return results
