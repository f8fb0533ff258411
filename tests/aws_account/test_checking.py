"""check-account, with a server in API Gateway's place that looks at what moto was
told: so what is changed for a while is seen, and must be put back."""

import json
import threading

import pytest
from account import checking
from conftest import slow
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import serve

CONNECTION = "abc="
ERROR = {"message": "Internal server error", "connectionId": CONNECTION}
REPLY = {"reply": 1, "error": {"code": "hello_required"}}


class Gateway:
    """Answers as API Gateway does, by the rule and the timeout in moto."""

    def __init__(self, account):
        self._account = account
        self.address = None

    def _is_well(self):
        rule = self._account.outputs()["GatewayRuleArn"]
        rules = self._account.client("elbv2").describe_rules(RuleArns=[rule])
        forwards = rules["Rules"][0]["Actions"][0]["Type"] == "forward"
        return forwards and self._account.timeout() > checking.SHORT_MS

    def attend(self, client):
        threading.Thread(target=self._push, args=(client,), daemon=True).start()
        for _ in client:
            client.send(json.dumps(REPLY if self._is_well() else ERROR))

    def _push(self, client):
        """What was posted, in the order of the calls."""
        sent = self._posts()
        while True:
            try:
                client.ping().wait(0.05)
                while sent < self._posts():
                    client.send(str(sent % checking.POSTS))
                    sent += 1
            except ConnectionClosed:
                return

    def _posts(self):
        return self._account.calls().count("execute-api:PostToConnection")


@pytest.fixture
def gateway(deployed, monkeypatch):
    client = deployed.client("apigatewayv2")
    api = client.create_api(
        Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$default"
    )
    message = client.create_integration(
        ApiId=api["ApiId"],
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="POST",
        IntegrationUri="http://balancer/gateway/message",
        ConnectionType="VPC_LINK",
        ConnectionId="link",
        TimeoutInMillis=29000,
    )
    deployed.timeout = lambda: client.get_integration(
        ApiId=api["ApiId"], IntegrationId=message["IntegrationId"]
    )["TimeoutInMillis"]
    deployed.integrations = lambda: client.get_integrations(ApiId=api["ApiId"])["Items"]
    made = Gateway(deployed)
    with serve(made.attend, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/chat"
        for name, value in {
            "IDLE_MINUTES": 0.01,
            "PING_SECONDS": 0.1,
            "COUNT_SECONDS": 0,
            "REQUESTS": 3,
            "POSTS": 3,
        }.items():
            monkeypatch.setattr(checking, name, value)
        yield made
        server.shutdown()


def point_to(account, address, monkeypatch):
    outputs = {**account.outputs(), "WebSocketUrl": address}
    monkeypatch.setattr(checking.Stack, "outputs", lambda stack: outputs)
    link = {"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off"}
    account.set_answers(
        elasticloadbalancing__DescribeLoadBalancers={"LoadBalancers": [link]},
        **{"execute-api__PostToConnection": {}},
    )


@slow
def test_all_is_looked_at_and_put_back(deployed, gateway, monkeypatch, capsys):
    point_to(deployed, gateway.address, monkeypatch)
    before = len(deployed.integrations())
    assert checking.main([]) == 0
    said = capsys.readouterr().out
    assert said.count("   yes: ") == 7, said
    assert f"400: {json.dumps(ERROR)}; 503: {json.dumps(ERROR)}; timeout:" in said
    assert "came ['0', '1', '2']" in said
    # Nobody counts here.
    assert "no: of 0 requests at 50/50" in said
    assert deployed.weights() == (90, 10)
    assert deployed.timeout() == checking.USUAL_MS
    assert len(deployed.integrations()) == before


def test_what_cannot_be_seen_is_said(deployed, gateway, monkeypatch, capsys):
    """And what follows is looked at all the same."""
    point_to(deployed, "ws://127.0.0.1:9/chat", monkeypatch)
    assert checking.main([]) == 1
    said = capsys.readouterr().out
    assert said.count("not seen: ConnectionRefusedError") == 6, said
    assert deployed.weights() == (90, 10)


def test_without_a_deployment(account, capsys):
    assert checking.main([]) == 1
    assert "no stack chat" in capsys.readouterr().err
