"""Traces: which requests they follow, and what they say of them."""

import signal
import time

import pytest
from collector import fill, named

SERVER, CLIENT, INTERNAL, PRODUCER = 2, 3, 1, 4
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRUSTING = ["--trusted-proxies", "127.0.0.1"]


def traceparent(sampled):
    return {"traceparent": f"00-{TRACE}-{PARENT}-0{int(sampled)}"}


def amazon(sampled):
    root = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={PARENT}"
    return {"X-Amzn-Trace-Id": f"{root};Sampled={int(sampled)}"}


def tree(spans, root):
    return {span.name: span for span in spans if span.parent == root.id}


def test_a_send_is_followed_to_its_listeners(traced, collector, sign_in):
    server = traced()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    before = time.time()
    seq = ann.send("lobby", "hello")["seq"]
    bob.take("message")
    server.stop()
    spans = collector.spans()
    (root,) = named(spans, "send")
    assert (root.kind, root.parent, root.failed) == (SERVER, "", False)
    assert root.attributes == {
        "chat.action": "send",
        "chat.room": "lobby",
        "chat.result": "ok",
        "chat.seq": seq,
    }
    assert before - 1 <= root.began / 1e9 <= root.ended / 1e9 <= time.time() + 1
    # X-Ray takes no trace whose id does not begin with the time.
    assert abs(int(root.trace[:8], 16) - before) < 60
    parts = tree(spans, root)
    assert set(parts) == {"wait", "append", "deliver"}
    assert {span.trace for span in parts.values()} == {root.trace}
    assert all(span in root for span in parts.values())
    wait, append, deliver = (parts[name] for name in ("wait", "append", "deliver"))
    assert (wait.kind, append.kind, deliver.kind) == (INTERNAL, CLIENT, PRODUCER)
    assert wait.began == root.began and wait.ended == append.began
    assert append.began < append.ended <= deliver.began < deliver.ended
    assert append.attributes == {
        "db.system.name": "sqlite",
        "db.operation.name": "append",
    }
    assert deliver.attributes["messaging.destination.name"] == "lobby"
    assert deliver.attributes["chat.connections"] == 2
    assert root.resource["service.name"] == "chatd"
    assert root.resource["service.instance.id"] == ann.hello_reply["server"]["task"]
    assert root.resource["service.version"] == ann.hello_reply["server"]["version"]
    ids = [span.id for span in spans]
    assert len(set(ids)) == len(ids)


def test_requests_that_share_an_append_have_it_each(traced, collector, sign_in):
    server = traced()
    ann = sign_in(server, "ann")
    keys = [f"{number:016d}" for number in range(20)]
    requests = [ann.post("send", room="lobby", key=key, text="x") for key in keys]
    for request in requests:
        assert "ok" in ann.reply(request)
    server.stop()
    spans = collector.spans()
    sizes = []
    for root in named(spans, "send"):
        parts = tree(spans, root)
        assert set(parts) == {"wait", "append", "deliver"}
        assert all(span in root for span in parts.values())
        sizes.append(parts["append"].attributes.get("db.operation.batch.size", 1))
    assert len(sizes) == len(keys)
    assert max(sizes) > 1, "twenty requests in a row shared no append"


def test_other_requests_have_a_span(traced, collector, sign_in):
    server = traced()
    ann = sign_in(server, "ann")
    ann.ask("history", room="lobby", after=0, limit=10)
    assert ann.refused("history", room="nowhere", after=0, limit=10) == "not_found"
    assert ann.refused("nonsense") == "bad_request"
    server.stop()
    spans = collector.spans()
    fine, refused = named(spans, "history")
    assert fine.attributes["chat.result"] == "ok"
    assert refused.attributes["chat.result"] == "not_found"
    assert refused.attributes["error.type"] == "not_found"
    assert not refused.failed, "the client's fault is not the server's"
    assert {"store"} == set(tree(spans, fine))
    (unknown,) = named(spans, "unknown")
    assert unknown.attributes["chat.result"] == "bad_request"


@pytest.mark.parametrize("header", [traceparent, amazon])
def test_a_trace_that_others_began_goes_on(traced, collector, connect, header):
    server = traced()
    wire = connect(server, additional_headers=header(False))
    wire.hello("ann")
    wire.join()
    wire.send("lobby", "hello")
    other = connect(server)
    other.hello("bob")
    server.stop()
    spans = collector.spans()
    for name in ("join", "send"):
        (root,) = named(spans, name)
        assert (root.trace, root.parent) == (TRACE, PARENT)
        assert {span.trace for span in tree(spans, root).values()} == {TRACE}
    ours, others = named(spans, "hello")
    assert ours.trace == TRACE
    assert others.trace != TRACE and others.parent == ""


@pytest.mark.parametrize("options", [TRUSTING, []])
def test_a_tracestate_is_passed_on_for_who_is_trusted(
    traced, collector, connect, options
):
    server = traced(options=options)
    state = 'vendor=of"quotes\\,other=1'
    headers = {**traceparent(True), "tracestate": state}
    connect(server, additional_headers=headers).hello("ann")
    server.stop()
    spans = collector.spans()
    assert {span.trace for span in spans} == {TRACE}
    assert {span.state for span in spans} == {state if options else ""}


@pytest.mark.parametrize(
    "headers",
    [
        {"traceparent": f"00-{TRACE.upper()}-{PARENT}-01"},
        {"traceparent": f"00-{TRACE}-{PARENT}-01" * 20},
        {"traceparent": f"00-{TRACE}-{PARENT}-01, 00-{TRACE}-{PARENT}-01"},
        {"X-Amzn-Trace-Id": "Root=1-0-0;Sampled=1"},
        {"X-Amzn-Trace-Id": "Self=" + "x" * 600},
    ],
)
def test_a_malformed_header_is_none(traced, collector, connect, headers):
    server = traced(options=TRUSTING)
    connect(server, additional_headers=headers).hello("ann")
    server.stop()
    (root,) = named(collector.spans(), "hello")
    assert root.trace != TRACE and root.parent == ""


@pytest.mark.parametrize("header", [traceparent, amazon])
@pytest.mark.parametrize(
    ("options", "sampled", "sample", "count"),
    [
        (TRUSTING, True, 0, 1),
        (TRUSTING, False, 1, 0),
        ([], True, 0, 0),
        ([], False, 1, 1),
    ],
)
def test_a_wish_counts_from_who_is_trusted(
    traced, collector, connect, header, options, sampled, sample, count
):
    server = traced(sample=sample, options=options)
    connect(server, additional_headers=header(sampled)).hello("ann")
    server.stop()
    assert len(named(collector.spans(), "hello")) == count


@pytest.mark.parametrize(
    ("sample", "least", "most"), [(0, 0, 0), (0.5, 50, 150), (1, 200, 200)]
)
def test_a_share_is_followed(traced, collector, sign_in, sample, least, most):
    server = traced(sample=sample)
    ann = sign_in(server, "ann", room=None)
    for _ in range(200):
        ann.ask("ping")
    server.stop()
    assert least <= len(named(collector.spans(), "ping")) <= most


def test_a_reload_changes_the_share(start_chatd, collector, sign_in, tmp_path):
    config = tmp_path / "chatd.conf"
    config.write_text(f"trace-endpoint = {collector.url}\ntrace-sample = 0\n")
    server = start_chatd(options=["--config", str(config)])
    ann = sign_in(server, "ann", room=None)
    ann.ask("ping")
    config.write_text(f"trace-endpoint = {collector.url}\ntrace-sample = 1\n")
    server.process.send_signal(signal.SIGHUP)
    server.log.find(lambda line: '"event":"reloaded"' in line, "reloaded")
    ann.ask("rooms")
    server.stop()
    assert {span.name for span in collector.spans()} == {"rooms", "store"}


@pytest.mark.parametrize(
    ("variable", "path"),
    [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/"),
    ],
)
def test_the_variables_of_opentelemetry_count(
    start_chatd, collector, connect, variable, path
):
    base = collector.url.removesuffix("/v1/traces")
    server = start_chatd(
        options=["--trace-sample", "1"], environment={variable: base + path}
    )
    wire = connect(server)
    wire.hello("ann")
    fill(wire)
    assert collector.wait_for_span("hello")


def test_no_secret_leaves_the_server(traced, collector, connect):
    secrets = {
        "text": "PLANTED-TEXT",
        "key": "PLANTED-KEY",
        "password": "PLANTED-PASSWORD",
        "name": "PLANTED-NAME",
        "topic": "PLANTED-TOPIC",
    }
    server = traced()
    wire = connect(server)
    login = {"user": secrets["name"], "password": secrets["password"]}
    token = wire.ask(
        "hello", version=1, register=login, key=secrets["key"] + "-0", agent="PLANTED"
    )["token"]
    wire.join("club", create=True, key=secrets["key"] + "-1")
    seq = wire.send("club", secrets["text"], key=secrets["key"] + "-2")["seq"]
    wire.ask("topic", room="club", topic=secrets["topic"], key=secrets["key"] + "-3")
    wire.ask("edit", room="club", ref=seq, text="PLANTED-EDIT", key="PLANTED-KEY-4")
    again = connect(server)
    again.ask("hello", version=1, token=token, agent="PLANTED")
    other = connect(server)
    assert other.refused("hello", version=1, login={**login, "password": "PLANTED-2"})
    server.stop()
    bodies = collector.bodies()
    assert b'"club"' in bodies
    assert b"PLANTED" not in bodies
    assert token.encode() not in bodies
