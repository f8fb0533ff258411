"""check-account: eight things that API Gateway and the balancers do, and that no
documentation says, seen on a deployment. For one that nobody uses yet: for some
seconds at a time its rule answers errors, and its timeout is shorter.

All is put back at the end, also after a failure.
"""

import argparse
import contextlib
import json
import os
import socket
import ssl
import sys
import tempfile
import threading
import time
import urllib.parse

from traffic import Problem

from .balancer import Balancer
from .cli import Aws, say
from .stack import Stack

ANSWER_SECONDS = 10
SETTLE_SECONDS = 90  # until a stage has taken a change
COUNT_SECONDS = 180  # until CloudWatch has counted
IDLE_MINUTES = 12  # two more than API Gateway waits
PING_SECONDS = 60
SHORT_MS, USUAL_MS = 50, 29000
POSTS = 10
REQUESTS = 200


def connect(url):
    try:
        from websockets.sync.client import connect as open_socket
    except ImportError:
        raise Problem("websockets is missing: pip install websockets") from None
    return open_socket(url, open_timeout=ANSWER_SECONDS + 20)


def ask(client, seconds=ANSWER_SECONDS):
    """What comes back for a request; before hello chatd answers by an error of
    its own, which is an answer. None: nothing came."""
    client.send('{"action":"ping","id":1}')
    try:
        return client.recv(timeout=seconds)
    except TimeoutError:
        return None


def is_reply(frame):
    return frame is not None and "reply" in json.loads(frame)


class Checking:
    def __init__(self, aws, name):
        self._aws = aws
        self._outputs = Stack(aws, name).outputs()
        if not self._outputs:
            raise Problem(f"no stack {name} in {aws.region}: deploy makes it")
        self._url = self._outputs["WebSocketUrl"]
        self._balancer = Balancer(aws, self._outputs)
        self._name = name
        self._connection = None

    # ---- what is changed for a while ----

    def _api(self, verb, *words):
        return self._aws.read("apigatewayv2", verb, *words)

    def _find_api(self):
        apis = self._api("get-apis")["Items"]
        self._api_id = next(api["ApiId"] for api in apis if api["Name"] == self._name)
        integrations = self._api("get-integrations", "--api-id", self._api_id)["Items"]
        self._message = next(
            one for one in integrations if one["IntegrationUri"].endswith("/message")
        )

    @contextlib.contextmanager
    def _answering(self, status):
        """The balancer's rule answers this instead of a task."""
        rule = ("modify-rule", "--rule-arn", self._outputs["GatewayRuleArn"])
        before = self._balancer.weights()
        answer = {"StatusCode": str(status), "ContentType": "text/plain"}
        action = [{"Type": "fixed-response", "FixedResponseConfig": answer}]
        try:
            self._aws.read("elbv2", *rule, "--actions", json.dumps(action))
            yield
        finally:
            self._balancer.shift(before)

    def _set_timeout(self, milliseconds):
        self._api(
            *("update-integration", "--api-id", self._api_id),
            *("--integration-id", self._message["IntegrationId"]),
            *("--timeout-in-millis", str(milliseconds)),
        )

    # ---- the eight ----

    def takes_connects(self):
        """An ALB takes $connect, which has Sec-WebSocket-* without Upgrade."""
        with connect(self._url) as client:
            return is_reply(ask(client)), "connected, and chatd answered"

    def link_passes_the_group(self):
        """A VPC link gets through a balancer whose group lets nobody in."""
        found = self._aws.read(
            "elbv2", "describe-load-balancers", "--names", f"{self._name}-link"
        )["LoadBalancers"][0]
        key = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
        return found.get(key) == "off", f"connected with {key} {found.get(key)}"

    def errors_are_told(self):
        """What a client sees of a backend's 400, 503, and of a timeout."""
        seen = {}
        with connect(self._url) as client:
            for status in (400, 503):
                with self._answering(status):
                    seen[status] = self._note(ask(client))
            self._set_timeout(SHORT_MS)
            try:
                seen["timeout"] = self._await_error(client)
            finally:
                self._set_timeout(USUAL_MS)
        told = "; ".join(f"{what}: {frame}" for what, frame in seen.items())
        return all(seen.values()), told

    def _note(self, frame):
        if frame is not None:
            self._connection = json.loads(frame).get("connectionId", self._connection)
        return frame

    def _await_error(self, client):
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            frame = self._note(ask(client))
            if not is_reply(frame):
                return frame
        return None

    def sockets_outlive_changes(self):
        """A socket stays when the stage is deployed anew."""
        with connect(self._url) as client:
            self._set_timeout(USUAL_MS - 1)
            self._set_timeout(USUAL_MS)
            time.sleep(PING_SECONDS)
            return is_reply(ask(client)), "still answered after two changes"

    def pushes_keep_their_order(self):
        """@connections: which HTTP it speaks, and whether POSTs keep their order."""
        address = urllib.parse.urlsplit(self._url)
        protocol = self._negotiate(address.hostname) if address.scheme == "wss" else "?"
        with connect(self._url) as client:
            with self._answering(503):
                self._note(ask(client))
            if self._connection is None:
                return None, f"{protocol}; no error named the connection"
            began = time.monotonic()
            for number in range(POSTS):
                self._post(address, str(number))
            each = (time.monotonic() - began) / POSTS
            came = [self._receive(client) for _ in range(POSTS)]
        said = f"{protocol}; {each * 1000:.0f} ms each with the CLI's start; came {came}"
        return came == [str(number) for number in range(POSTS)], said

    @staticmethod
    def _receive(client):
        try:
            return client.recv(timeout=ANSWER_SECONDS)
        except TimeoutError:
            return None

    @staticmethod
    def _negotiate(host):
        context = ssl.create_default_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection((host, 443), ANSWER_SECONDS) as plain:
            with context.wrap_socket(plain, server_hostname=host) as secure:
                return secure.selected_alpn_protocol() or "http/1.1"

    def _post(self, address, text):
        scheme = {"wss": "https", "ws": "http"}[address.scheme]
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            self._aws.read(
                *("apigatewaymanagementapi", "post-to-connection"),
                *("--endpoint-url", f"{scheme}://{address.netloc}{address.path}"),
                *("--connection-id", self._connection, "--data", f"fileb://{file.name}"),
            )

    def weights_are_followed(self):
        """How soon requests follow the weights, with sockets that stay open."""
        before = self._balancer.weights()
        with connect(self._url) as client:
            first = self._balancer.served()
            try:
                self._balancer.shift({"blue": 50, "green": 50})
                for _ in range(REQUESTS):
                    ask(client)
                time.sleep(COUNT_SECONDS)
                last = self._balancer.served()
            finally:
                self._balancer.shift(before)
        counts = {color: last[color] - first[color] for color in last}
        total = sum(counts.values())
        share = counts["green"] / total if total > 0 else 0
        return 0.4 < share < 0.6, f"of {total} requests at 50/50, by color: {counts}"

    def reasons_are_mapped(self):
        """Whether a mapping may hand on why a connection ended. An integration
        of its own, which no route leads to."""
        header = "integration.request.header"
        made = self._api(
            *("create-integration", "--api-id", self._api_id),
            *("--integration-type", "HTTP_PROXY", "--integration-method", "POST"),
            *("--connection-type", "VPC_LINK"),
            *("--connection-id", self._message["ConnectionId"]),
            *("--integration-uri", self._message["IntegrationUri"]),
            "--request-parameters",
            json.dumps(
                {
                    f"{header}.X-Disconnect-Code": "context.disconnectStatusCode",
                    f"{header}.X-Disconnect-Reason": "context.disconnectReason",
                }
            ),
        )
        words = ("--integration-id", made["IntegrationId"])
        self._api("delete-integration", "--api-id", self._api_id, *words)
        return True, "a mapping of both is taken"

    def pings_do_not_count(self):
        """Whether a client's ping frames keep a connection from API Gateway's
        end after ten idle minutes."""
        began, closed = time.monotonic(), threading.Event()
        with connect(self._url) as client:
            threading.Thread(target=self._drain, args=(client, closed), daemon=True).start()
            while time.monotonic() - began < IDLE_MINUTES * 60:
                if closed.wait(PING_SECONDS):
                    seconds = time.monotonic() - began
                    return False, f"closed after {seconds:.0f} s: {client.close_code}"
                client.ping()
        return True, f"open after {IDLE_MINUTES} minutes of pings alone"

    @staticmethod
    def _drain(client, closed):
        for _ in client:
            pass
        closed.set()

    # ---- all of them ----

    def run(self):
        """(what, holds, seen) of each; None: it could not be seen."""
        self._find_api()
        for check in (
            self.takes_connects,
            self.errors_are_told,
            self.pings_do_not_count,
            self.pushes_keep_their_order,
            self.weights_are_followed,
            self.reasons_are_mapped,
            self.sockets_outlive_changes,
            self.link_passes_the_group,
        ):
            what = " ".join(check.__doc__.split())
            say(f"looking: {what}")
            try:
                holds, seen = check()
            except (Problem, OSError, StopIteration) as problem:
                holds, seen = None, f"{type(problem).__name__}: {problem}"
            yield what, holds, seen


def main(words=None):
    """The exit status: 0 all seen, 1 not all, 2 usage."""
    parser = argparse.ArgumentParser(prog="check-account", description=__doc__)
    parser.add_argument("--stack", default=os.environ.get("CHAT_STACK", "chat"))
    parser.add_argument("--region", help="another than the AWS CLI's own")
    options = parser.parse_args(words)
    try:
        checking = Checking(Aws(options.region), options.stack)
        results = list(checking.run())
    except Problem as problem:
        print(f"check-account: {problem}", file=sys.stderr)
        return 1
    for number, (what, holds, seen) in enumerate(results, 1):
        verdict = {True: "yes", False: "no", None: "not seen"}[holds]
        print(f"{number}. {what}\n   {verdict}: {seen}")
    return int(any(holds is None for _, holds, _ in results))
