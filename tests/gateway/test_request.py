"""What API Gateway asks, and what it gets for an answer."""

import json

from integration import Client, at_once


def test_connect_is_plain_http(client):
    status, headers, body = client().connect()
    assert (status, body) == (200, b"")
    assert "Sec-WebSocket-Protocol" not in headers
    assert "Upgrade" not in headers


def test_connect_may_have_a_query_and_cookies(client):
    """What a client sends reaches $connect only; nothing of it counts."""
    headers = {"Cookie": "a=b", "X-Amzn-Trace-Id": "Root=1-0-1", "X-Custom": "c"}
    assert client().post("connect?token=t&x=%2e%2e", headers=headers)[0] == 200


def test_connect_names_the_subprotocol_that_was_asked_for(client):
    _, headers, _ = client().connect(**{"Sec-WebSocket-Protocol": "other, chat.v1"})
    assert headers["Sec-WebSocket-Protocol"] == "chat.v1"


def test_an_origin_that_is_not_on_the_list_is_refused(start_chatd):
    server = start_chatd(options=["--allowed-origins", "https://chat.example"])
    client = Client(server)
    assert client.connect(Origin="https://chat.example")[0] == 200
    assert client.connect(Origin="https://other.example")[0] == 403
    assert client.connect()[0] == 200


def test_another_secret_is_forbidden(client):
    for path in ("connect", "message", "disconnect"):
        assert client(secret="a-wrong-one").post(path)[0] == 403
    assert client(secret="").post("message")[0] == 403


def test_two_secrets_count_while_they_change(start_chatd):
    server = start_chatd(environment={"CHATD_GATEWAY_SECRET": "old,new"})
    statuses = [Client(server, secret=s).connect()[0] for s in ("old", "new", "old,new")]
    assert statuses == [200, 200, 403]


def test_without_a_secret_there_is_no_gateway(start_chatd):
    server = start_chatd(environment={"CHATD_GATEWAY_SECRET": ""})
    assert Client(server).connect()[0] == 404


def test_the_reply_is_the_answer(client):
    ann = client()
    ok = ann.hello("ann")
    assert ok["user"]["name"] == "ann"
    assert ok["limits"]["in_flight"] == 1
    assert ok["limits"]["connection_ms"] == 2 * 3600 * 1000
    assert ann.ok("join", room="lobby", key="j1")["room"] == "lobby"
    assert ann.ok("send", room="lobby", key="s1", text="hi")["seq"] > 0


def test_no_reply_is_wanted_and_none_is_answered(client):
    ann = client()
    ann.hello("ann")
    ann.ok("join", room="lobby", key="j1")
    assert ann.message('{"action":"typing","room":"lobby"}') == []


def test_errors_are_in_band(client):
    ann = client()
    assert ann.request("ping")["error"]["code"] == "hello_required"
    ann.hello("ann")
    assert ann.request("send", room="no-such", key="k", text="x")["error"]["code"] == "not_found"
    assert ann.message("this is no JSON") == []
    assert ann.request("ping")["ok"]


def test_requests_of_a_connection_at_once_are_answered_each_with_its_own(client):
    ann = client()
    ann.hello("ann")
    ann.ok("join", room="lobby", key="j1")
    sent = at_once(
        [lambda n=n: ann.request("send", room="lobby", key=f"k{n}", text=str(n)) for n in range(20)]
    )
    assert sorted(r["ok"]["seq"] for r in sent) == list(
        range(min(r["ok"]["seq"] for r in sent), min(r["ok"]["seq"] for r in sent) + 20)
    )


def test_the_same_key_again_is_the_same_entry(client):
    ann = client()
    ann.hello("ann")
    ann.ok("join", room="lobby", key="j1")
    first, second = at_once([lambda: ann.ok("send", room="lobby", key="k", text="x")] * 2)
    assert first["seq"] == second["seq"]


def test_a_message_over_a_frame_ends_the_connection(client, management):
    ann = client()
    ann.hello("ann")
    text = json.dumps({"action": "ping", "id": 1, "pad": "x" * 31 * 1024})
    assert ann.message(text) == []
    management.wait_deleted(ann.id)
    assert management.objects(ann.id)[-1]["event"] == "close"


def test_a_connection_id_that_is_none_is_refused(client):
    ann = client()
    for name in ("", "a/../b", "a" * 200, "<script>"):
        assert ann.post("message", b"{}", headers={"X-Connection-Id": name})[0] == 400


def test_requests_have_a_rate(start_chatd):
    ann = Client(start_chatd(rate_limits=True))
    ann.hello("ann")
    for _ in range(12):
        reply = ann.request("hello", version=1, token=ann.token)
        if "error" in reply:
            break
    assert reply["error"]["code"] == "rate_limited"
    assert reply["error"]["retry_ms"] > 0
    assert ann.ok("ping")["now"]


def test_bad_requests_end_no_connection(client, management):
    """Tasks see parts of a row: what is between may be at another."""
    ann = client()
    ann.hello("ann")
    for _ in range(12):
        assert ann.request("dance")["error"]["code"] == "bad_request"
    assert ann.ok("ping")["now"]
    assert ann.id not in management.deleted


def test_who_says_no_hello_is_closed(client, management):
    """Also where the directory has its address, which is no session."""
    ann, silent, kept, late = client(), client(), client(), client()
    for one in (ann, silent, late):
        one.connect()
    kept.connect(**{"X-Keep-Source-Ip": "yes"})
    ann.hello("ann")
    late.disconnect()
    for one in (silent, kept):
        management.wait_deleted(one.id)
        assert management.objects(one.id)[-1]["code"] == 4502
    assert sorted(management.deleted) == sorted([silent.id, kept.id])
