"""What /metrics says after traffic whose numbers are known."""

import collections
import json
import pathlib
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from drivers.lines import wait_until
from drivers.wire import new_key
from scrape import Scrape
from websockets.exceptions import InvalidStatus
from wire import Peer

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 60  # nothing hangs longer; no test depends on it


class Growth:
    """How samples grew since it was made."""

    def __init__(self, server):
        self._server = server
        self._before = Scrape(server)

    def __call__(self):
        now = Scrape(self._server)
        return {name: now[name] - self._before[name] for name in now}


def labelled(samples, name, label):
    """The values of one metric by that of its label, without zeros."""
    start = f'{name}{{{label}="'
    return {
        sample[len(start) : -2]: value
        for sample, value in samples.items()
        if sample.startswith(start) and value
    }


def wait_for(server, **expected):
    def is_there():
        scrape = Scrape(server)
        return all(scrape[name] == value for name, value in expected.items())

    wait_until(is_there, PATIENCE)


# ---- messages ----


def test_each_entry_is_counted_for_each_listener(start_chatd, sign_in):
    server = start_chatd()
    people = [sign_in(server, name) for name in ("ann", "bob", "cat")]
    for person in people:
        person.settle()
    growth = Growth(server)
    for n in range(7):
        people[0].send("lobby", f"message {n}")
    for person in people:
        person.entries("lobby", 3 + 7)
    grown = growth()
    assert grown["chatd_deliveries_total"] == 7 * 3
    assert grown["chatd_append_seconds_count"] == 7
    assert grown["chatd_append_entries_sum"] == 7
    assert grown["chatd_ack_seconds_count"] == 7
    assert grown['chatd_ack_seconds_bucket{le="+Inf"}'] == 7
    assert grown["chatd_ack_seconds_sum"] > grown["chatd_append_seconds_sum"] > 0
    assert grown["chatd_delivery_seconds_count"] == 7
    assert grown["chatd_frames_received_total"] == 7
    # The sender's ack and entry leave in one write. Presence may come as well.
    assert grown["chatd_frames_sent_total"] >= 7 * 4
    assert grown["chatd_frames_sent_total"] >= grown["chatd_writes_total"] + 7
    assert labelled(grown, "chatd_requests_total", "action") == {"send": 7}
    assert labelled(grown, "chatd_replies_total", "result") == {"ok": 7}
    calls = labelled(grown, "chatd_store_calls_total", "operation")
    assert calls["append"] == 7
    assert grown["chatd_store_waiting_calls"] == 0


def test_entries_that_share_a_delivery_count_each(start_chatd, sign_in):
    server = start_chatd()
    people = [sign_in(server, name) for name in ("ann", "bob", "cat")]
    for person in people:
        person.settle()
    growth = Growth(server)
    sent = [
        people[0].post("send", room="lobby", text=f"message {n}", key=new_key())
        for n in range(60)
    ]
    for request in sent:
        assert "ok" in people[0].reply(request)
    for person in people:
        person.entries("lobby", 3 + 60)
    grown = growth()
    assert grown["chatd_deliveries_total"] == 60 * 3
    assert grown["chatd_append_entries_sum"] == 60
    assert grown["chatd_append_seconds_count"] < 60
    assert grown["chatd_ack_seconds_count"] == 60


def test_people_are_counted(start_chatd, sign_in, connect):
    server = start_chatd()
    ann = sign_in(server, "ann")
    bob = connect(server)
    assert bob.refused("nonsense") == "bad_request"
    scrape = Scrape(server)
    assert scrape["chatd_connections"] == 2
    assert scrape["chatd_sessions"] == scrape["chatd_users"] == 1
    assert scrape["chatd_rooms"] == 1
    assert labelled(scrape, "chatd_replies_total", "result")["bad_request"] == 1
    ann.hello("ann", key=ann.guest_key)
    assert Scrape(server)["chatd_sessions"] == 1
    ann.close()
    wait_for(server, chatd_connections=1, chatd_sessions=0)


def test_a_repeated_key_is_counted_once_each_time(start_chatd, sign_in):
    server = start_chatd()
    ann = sign_in(server)
    ann.send("lobby", "once", key="the-one-key-of-all-0123456789")
    growth = Growth(server)
    for _ in range(3):
        assert ann.send("lobby", "once", key="the-one-key-of-all-0123456789")["dup"]
    code = ann.refused(
        "send", room="lobby", text="other", key="the-one-key-of-all-0123456789"
    )
    assert code == "key_conflict"
    grown = growth()
    assert grown["chatd_duplicates_total"] == 3
    assert labelled(grown, "chatd_replies_total", "result") == {
        "ok": 3,
        "key_conflict": 1,
    }
    answers = labelled(grown, "chatd_store_answers_total", "result")
    assert answers["duplicate"] == 4
    assert grown["chatd_deliveries_total"] == 0


def test_each_request_over_the_rate_is_counted(start_chatd, sign_in):
    server = start_chatd(rate_limits=True)
    ann = sign_in(server)
    growth = Growth(server)
    ids = [ann.post("typing", room="lobby", on=True) for _ in range(50)]
    replies = [ann.reply(request) for request in ids]
    refused = [x for x in replies if "error" in x]
    assert {x["error"]["code"] for x in refused} == {"rate_limited"}
    limited = labelled(growth(), "chatd_rate_limited_total", "class")
    assert limited == {"ephemeral": len(refused)}
    assert refused


# ---- who comes, and goes ----


def refused_status(connect, server, **options):
    with pytest.raises(InvalidStatus) as refused:
        connect(server, **options)
    return refused.value.response.status_code


def test_handshakes_are_counted_by_result(start_chatd, connect):
    server = start_chatd(options=["--max-connections", "2"])
    assert refused_status(connect, server, origin="https://evil.example") == 403
    assert refused_status(connect, server, subprotocols=["other"]) == 400
    connect(server)
    connect(server)
    assert refused_status(connect, server) == 503
    assert labelled(Scrape(server), "chatd_handshakes_total", "result") == {
        "accepted": 2,
        "bad_request": 1,
        "refused_origin": 1,
        "refused_full": 1,
    }


def test_an_address_that_is_full_is_counted(start_chatd, connect):
    server = start_chatd(options=["--max-connections-per-address", "1"])
    connect(server)
    assert refused_status(connect, server) == 503
    results = labelled(Scrape(server), "chatd_handshakes_total", "result")
    assert results == {"accepted": 1, "refused_address": 1}


def test_each_connection_that_ends_is_counted_once(start_chatd, connect):
    server = start_chatd()
    stays = connect(server)
    for _ in range(2):
        connect(server).close()
    lost = Peer(socket.create_connection(("127.0.0.1", server.port)), server.port)
    assert lost.handshake().status == 101
    lost.close()
    bad = connect(server)
    for _ in range(10):
        bad.send_frame("no request")
    assert bad.wait_closed() == 4501
    wait_for(server, chatd_connections=1)
    assert labelled(Scrape(server), "chatd_closes_total", "reason") == {
        "client": 2,
        "lost": 1,
        "bad_requests": 1,
    }
    stays.close()


def sign_in_raw(server, room):
    """A client that reads when it wants to."""
    peer = Peer(socket.socket(), server.port)
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    peer.socket.settimeout(PATIENCE)
    peer.socket.connect(("127.0.0.1", server.port))
    assert peer.handshake().status == 101
    hello = {"action": "hello", "id": 1, "version": 1, "guest": "eve"}
    join = {"action": "join", "id": 2, "room": room, "limit": 0}
    for request in (hello, join):
        peer.text(json.dumps({**request, "key": new_key()}))
        while f'"reply":{request["id"]}' not in peer.receive_text():
            pass
    return peer


def test_a_slow_reader_is_counted(start_chatd, sign_in):
    """Asks for pages until what waits for it passes its limit."""
    server = start_chatd()
    ann = sign_in(server)
    for _ in range(3):
        ann.send("lobby", "é" * 4000)
    eve = sign_in_raw(server, "lobby")
    page = json.dumps(
        {"action": "history", "id": 3, "room": "lobby", "after": 0, "limit": 50}
    )
    end = time.monotonic() + PATIENCE
    largest = 0
    while Scrape(server)["chatd_slow_reader_closes_total"] == 0:
        assert time.monotonic() < end, "it was not closed"
        for _ in range(20):
            eve.text(page)
        largest = max(largest, Scrape(server)["chatd_output_queue_bytes"])
    assert largest > 1 << 20
    assert eve.close_code() == 4008
    eve.close()
    wait_for(server, chatd_connections=1, chatd_output_queue_bytes=0)
    scrape = Scrape(server)
    assert scrape["chatd_slow_reader_closes_total"] == 1
    assert labelled(scrape, "chatd_closes_total", "reason") == {"slow": 1}


# ---- what was missed ----


def resume_of(wire, epoch, seq):
    return wire.hello(
        key=wire.guest_key, resume=[{"room": "lobby", "epoch": epoch, "seq": seq}]
    )


def test_resumes_are_counted_by_depth(start_chatd, sign_in):
    server = start_chatd()
    ann, bob = sign_in(server, "ann"), sign_in(server, "bob")
    for n in range(12):
        ann.send("lobby", f"message {n}")
    room = bob.hello(key=bob.guest_key)["rooms"][0]
    epoch, head = room["epoch"], room["head"]
    growth = Growth(server)
    for missed in (0, 3, 4, 12):
        rooms = resume_of(bob, epoch, head - missed)["rooms"]
        assert rooms[0]["resumed"]
    assert not resume_of(bob, "another", head)["rooms"][0].get("resumed")
    grown = growth()
    buckets = [
        grown[f'chatd_resume_entries_bucket{{le="{bound}"}}']
        for bound in (0, 2, 5, 10, 20)
    ]
    assert buckets == [1, 1, 3, 3, 4]
    assert grown["chatd_resume_entries_sum"] == 0 + 3 + 4 + 12
    assert grown["chatd_resumes_refused_total"] == 1


def test_pages_are_counted_by_direction(start_chatd, sign_in):
    server = start_chatd()
    ann = sign_in(server)
    ann.ask("history", room="lobby", before=1)
    ann.ask("history", room="lobby", after=0)
    ann.ask("history", room="lobby", after=1)
    ann.ask("history", room="lobby", around=1)
    pages = labelled(Scrape(server), "chatd_history_pages_total", "direction")
    assert pages == {"before": 1, "after": 2, "around": 1}


# ---- the process ----


def test_passwords_are_counted_by_result(start_chatd, connect):
    server = start_chatd()
    right = {"user": "mallory", "password": "right and long"}
    wrong = {"user": "mallory", "password": "wrong and long"}
    connect(server).ask("hello", version=1, register=right, key=new_key())
    connect(server).ask("hello", version=1, login=right)
    code = connect(server).refused("hello", version=1, login=wrong)
    assert code == "unauthorized"
    scrape = Scrape(server)
    results = labelled(scrape, "chatd_passwords_total", "result")
    assert results == {"right": 2, "wrong": 1}
    assert scrape["chatd_passwords_waiting"] == 0


def test_the_loop_and_the_process_are_measured(start_chatd):
    server = start_chatd()
    wait_until(
        lambda: Scrape(server)["chatd_loop_lag_seconds_count"] >= 2, PATIENCE
    )
    scrape = Scrape(server)
    assert scrape["chatd_loop_pass_seconds_count"] > 2
    resident = scrape["process_resident_memory_bytes"] / 1024
    assert abs(resident - server.resident_kib()) < server.resident_kib() / 2
    assert 0 < scrape["process_open_fds"] < scrape["process_max_fds"]
    assert scrape["process_cpu_seconds_total"] > 0
    assert abs(scrape["process_start_time_seconds"] - time.time()) < PATIENCE
    assert scrape["chatd_ready"] == 1
    assert scrape["chatd_draining"] == 0


# ---- the page ----


def test_the_page_is_prometheus_text(start_chatd):
    scrape = Scrape(start_chatd())
    assert scrape.type == "text/plain; version=0.0.4; charset=utf-8"
    assert scrape.text.endswith("\n")
    heads = [x.split()[2] for x in scrape.text.splitlines() if x.startswith("# TYPE")]
    assert collections.Counter(heads).most_common(1)[0][1] == 1
    assert len(scrape.text) < 64 * 1024


def test_the_documentation_is_the_table(build):
    """To renew it: build/server/ops/metrics_markdown > docs/metrics.md"""
    page = subprocess.run(
        [build / "server/ops/metrics_markdown"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert (ROOT / "docs/metrics.md").read_text() == page


def test_strangers_do_not_see_it(start_chatd):
    server = start_chatd(options=["--listen", "0.0.0.0:0"])
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.page_url}metrics", timeout=10)
