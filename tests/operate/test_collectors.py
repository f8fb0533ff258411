"""Collectors of traces: what they may do, whom they trust, what they are told."""

import json
import os
import ssl
import subprocess

import pytest
from collector import (
    Agent,
    Collector,
    answer,
    fill,
    free_port,
    hang_up,
    named,
    talk,
    verify_signature,
)
from log_lines import DEBUG, line_of
from scrape import Scrape


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


# ---- keys of vendors ----

KEY = "hush%3D1, x-team = a%20b"  # as it stands in the variable
HEADERS = {"x-api-key": "hush=1", "x-team": "a b"}


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_EXPORTER_OTLP_HEADERS": f"x-api-key={KEY}"},
        {
            "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=other",
            "OTEL_EXPORTER_OTLP_TRACES_HEADERS": f" x-api-key={KEY} ",
        },
    ],
)
def test_a_vendor_s_key_goes_with_spans(traced, collector, connect, variables):
    server = traced(options=DEBUG, environment=variables)
    connect(server).hello("ann")
    server.stop()
    request = collector.take()
    assert HEADERS.items() <= request.headers.items()
    assert "hush" not in "\n".join(server.log.all())


@pytest.mark.parametrize(
    "value",
    [
        "hush",
        "=hush",
        "a=",
        "a= ,b=hush",
        "a=hush,",
        "a b=hush",
        "a:b=hush",
        "a=hush%0d%0aX: y",
        "a=hush%4",
        "a=%4,b=hush",
        "a=hush\n",
        "a=hüsh hush",
        ",".join(f"a{n}=hush" for n in range(8)),
        "a=" + "hush" * 1024,
    ],
)
def test_a_malformed_key_is_refused_and_not_said(build, tmp_path, collector, value):
    started = subprocess.run(
        [
            *(build / "server/chatd", "--listen", "127.0.0.1:0"),
            *("--data", tmp_path / "data", "--trace-endpoint", collector.url),
        ],
        env={**os.environ, "OTEL_EXPORTER_OTLP_HEADERS": value},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert started.returncode == 1
    assert "OTEL_EXPORTER_OTLP_HEADERS" in started.stderr
    assert "hush" not in started.stderr
