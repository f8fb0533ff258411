"""Traces: what a collector gets, and what it cannot do to the server."""

import json
import os
import signal
import ssl
import subprocess
import time

import pytest
from collector import (
    Agent,
    Collector,
    answer,
    free_port,
    hang_up,
    verify_signature,
)
from log_lines import line_of
from scrape import Scrape

SERVER, CLIENT, INTERNAL, PRODUCER = 2, 3, 1, 4
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRUSTING = ["--trusted-proxies", "127.0.0.1"]


def traceparent(sampled):
    return {"traceparent": f"00-{TRACE}-{PARENT}-0{int(sampled)}"}


def amazon(sampled):
    root = f"Root=1-{TRACE[:8]}-{TRACE[8:]};Parent={PARENT}"
    return {"X-Amzn-Trace-Id": f"{root};Sampled={int(sampled)}"}


@pytest.fixture
def collector():
    made = Collector()
    yield made
    made.hold.set()
    made.stop()


@pytest.fixture
def traced(start_chatd, collector):
    """Starts servers that trace a share of all requests."""

    def start(sample=1, options=(), endpoint=None, **more):
        named = ["--trace-endpoint", endpoint or collector.url]
        named += ["--trace-sample", str(sample)]
        return start_chatd(options=[*named, *options], **more)

    return start


def talk(wire, count=1):
    """Sends, and waits until all of it is done."""
    for number in range(count):
        wire.send("lobby", f"text {number}")
    wire.settle()


def fill(wire):
    """So many requests that their spans are sent without waiting for more."""
    for _ in range(6):
        requests = [wire.post("ping") for _ in range(30)]
        for request in requests:
            assert "ok" in wire.reply(request)


def tree(spans, root):
    return {span.name: span for span in spans if span.parent == root.id}


def named(spans, name):
    return [span for span in spans if span.name == name]


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


def test_a_tracestate_is_passed_on(traced, collector, connect):
    server = traced()
    state = 'vendor=of"quotes\\,other=1'
    headers = {**traceparent(True), "tracestate": state}
    connect(server, additional_headers=headers).hello("ann")
    server.stop()
    assert {span.state for span in collector.spans()} == {state}


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


# ---- collectors that are not well ----


def test_a_collector_that_asks_to_wait_gets_it_again(traced, collector, sign_in):
    collector.script = [answer(503, Retry_After="2"), answer(429)]
    server = traced()
    ann = sign_in(server, "ann")
    talk(ann)
    fill(ann)
    first, second, third = (collector.take() for _ in range(3))
    assert first.body == second.body == third.body
    assert second.at - first.at > 1.5
    line_of(server, "traces_delayed", detail="the collector answers 503")
    talk(ann, 3)
    server.stop()
    assert len(named(collector.spans(), "send")) >= 4


@pytest.mark.parametrize("act", [hang_up, answer(502)])
def test_a_broken_answer_costs_no_span(traced, collector, sign_in, act):
    collector.script = [act]
    server = traced()
    fill(sign_in(server, "ann"))
    assert collector.take().body == collector.take().body
    server.stop()


def test_what_a_collector_refuses_is_gone(traced, collector, sign_in):
    collector.script = [answer(400, b"no\x1b[31m")]
    server = traced()
    ann = sign_in(server, "ann")
    fill(ann)
    refused = collector.take().body
    line = line_of(server, "traces_failed")
    assert line["detail"] == "the collector answers 400"
    assert line["failed"] > 0 and line["sent"] == 0
    fill(ann)
    assert collector.take().body != refused
    scrape = Scrape(server)
    assert scrape["chatd_trace_spans_failed_total"] == line["failed"]
    assert scrape["chatd_trace_spans_dropped_total"] == 0


def test_what_a_collector_takes_in_part_is_told(traced, collector, sign_in):
    told = {"partialSuccess": {"rejectedSpans": "2", "errorMessage": "too \x1bold"}}
    collector.script = [answer(body=json.dumps(told).encode())]
    server = traced()
    fill(sign_in(server, "ann"))
    line = line_of(server, "traces_rejected")
    assert line["detail"] == "too \x1bold"


def test_nobody_waits_for_a_collector_that_hangs(traced, collector, sign_in):
    """What gathers is dropped at a limit, which is seen at the end."""
    collector.hold.clear()
    server = traced()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    fill(ann)
    collector.take()
    before = server.resident_kib()
    for _ in range(10):
        fill(ann)
    assert server.resident_kib() - before < 8 * 1024
    ann.send("lobby", "still here")
    bob.take("message", lambda event: event["text"] == "still here")
    server.stop()
    line = line_of(server, "traces_failed")
    assert line["dropped"] > 0
    assert line["sent"] == 0


def test_nobody_waits_for_a_collector_that_is_down(traced, sign_in):
    server = traced(endpoint=f"http://127.0.0.1:{free_port()}/v1/traces")
    ann = sign_in(server, "ann")
    fill(ann)
    line_of(server, "traces_delayed")
    talk(ann, 50)
    server.stop()


# ---- X-Ray ----

SIGNED = ["--trace-sign", "on"]
REGION = {"AWS_REGION": "eu-west-1"}


def without_credentials():
    names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    return {name: "" for name in names}


@pytest.mark.parametrize("token", ["", "token/with+signs=="])
def test_requests_are_signed_by_the_environment(traced, collector, connect, token):
    from botocore.credentials import Credentials

    used = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCY", token or None)
    environment = {
        **REGION,
        "AWS_ACCESS_KEY_ID": used.access_key,
        "AWS_SECRET_ACCESS_KEY": used.secret_key,
        "AWS_SESSION_TOKEN": token,
    }
    server = traced(options=SIGNED, environment=environment)
    connect(server).hello("ann")
    server.stop()
    known = {used.access_key: used}
    request = collector.take()
    assert verify_signature(request, known, "eu-west-1", "xray") == used.access_key
    assert used.secret_key.encode() not in request.body
    assert used.secret_key not in str(request.headers)


@pytest.fixture
def agent():
    made = Agent(seconds=4)
    yield made
    made.stop()


@pytest.mark.parametrize("in_file", [False, True])
def test_a_container_s_credentials_are_renewed(
    traced, collector, sign_in, agent, in_file, tmp_path
):
    environment = {
        **REGION,
        **without_credentials(),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url,
    }
    if in_file:
        file = tmp_path / "token"
        file.write_text(agent.authorization + "\n")
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = str(file)
    else:
        environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = agent.authorization
    server = traced(options=SIGNED, environment=environment)
    ann = sign_in(server, "ann")
    used = []
    for _ in range(2):
        assert agent.asked.acquire(timeout=30)
        for _ in range(3):  # one may be on its way with the keys of before
            fill(ann)
            request = collector.take()
            used.append(verify_signature(request, agent.given, "eu-west-1", "xray"))
    server.stop()
    assert used[0] != used[-1], "requests go on with the keys of the first"


def test_an_agent_that_refuses_is_told_of(traced, agent, sign_in):
    environment = {
        **REGION,
        **without_credentials(),
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.url,
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "wrong",
    }
    server = traced(options=SIGNED, environment=environment)
    line = line_of(server, "credentials_failed")
    assert line["detail"] == "the container answers 403"
    talk(sign_in(server, "ann"))
    server.stop()


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": ""}, "AWS needs"),
        (
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.169.254/a"},
            "must be https, or http of the container or the loopback",
        ),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "the region to sign for"),
    ],
)
def test_who_cannot_sign_does_not_start(build, tmp_path, collector, environment, why):
    started = subprocess.run(
        [
            *(build / "server/chatd", "--listen", "127.0.0.1:0"),
            *("--data", tmp_path / "data", "--trace-endpoint", collector.url),
            *SIGNED,
        ],
        env={**os.environ, **REGION, **without_credentials(), **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert started.returncode == 1
    assert why in started.stderr


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    chain, key = folder / "chain.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost", "-keyout", key),
            *("-out", chain),
        ],
        check=True,
        capture_output=True,
    )
    return chain, key


@pytest.mark.parametrize("known", [True, False])
def test_a_collector_s_certificate_is_checked(
    start_chatd, connect, certificate, known
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    collector = Collector(tls=context)
    server = start_chatd(
        options=["--trace-endpoint", collector.url, "--trace-sample", "1"],
        environment={"AWS_CA_BUNDLE": str(certificate[0]) if known else ""},
    )
    wire = connect(server)
    wire.hello("ann")
    fill(wire)
    if known:
        assert collector.wait_for_span("hello")
    else:
        assert "certificate" in line_of(server, "traces_delayed")["detail"]
        assert collector.requests.empty()
    server.stop()
    collector.stop()
