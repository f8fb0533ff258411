"""What goes to standard output for CloudWatch: its schema, and its numbers."""

import json
import pathlib
import subprocess
import time

import jsonschema
import pytest
from drivers.chatd import Chatd
from drivers.lines import DEADLINE, Lines

SCHEMA = json.loads((pathlib.Path(__file__).parent / "emf_schema.json").read_text())
LINE_BYTES_MAX = 256 * 1024  # of an event of CloudWatch Logs, as older pages say


class Emitting(Chatd):
    """A chatd whose standard output is read."""

    stdout = subprocess.PIPE

    def launch(self):
        super().launch()
        self.output = Lines(self.process.stdout)

    def lines(self):
        """All of them, read as CloudWatch reads them."""
        return [read_line(text) for text in self.output.all()]


def read_line(text):
    """The metrics of a line by name, of which the directive tells."""
    assert len(text) <= LINE_BYTES_MAX
    line = json.loads(text)
    jsonschema.validate(line, SCHEMA)
    metadata = line.pop("_aws")
    assert abs(metadata["Timestamp"] / 1000 - time.time()) < 600
    (directive,) = metadata["CloudWatchMetrics"]
    dimensions = {name: line.pop(name) for name in directive["Dimensions"][0]}
    names = [metric["Name"] for metric in directive["Metrics"]]
    assert len(set(names)) == len(names)
    assert sorted(line) == sorted(names), "each metric has its value, and no more"
    return line, dimensions


@pytest.fixture
def start_emitting(build, tmp_path):
    servers = []

    def start(*options):
        server = Emitting(build, tmp_path / "data", options)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


def end(server):
    """The lines of a server that has ended."""
    server.stop()
    server.output.join()
    return server.lines()


def test_a_server_says_at_its_end_what_it_has_done(start_emitting, sign_in):
    server = start_emitting("--emf", "on")
    people = [sign_in(server, name) for name in ("ann", "bob", "cat")]
    for n in range(5):
        people[0].send("lobby", f"message {n}")
    for person in people:
        person.entries("lobby", 3 + 5)
        person.close()
    ((metrics, dimensions),) = end(server)
    assert dimensions == {"service": "chatd"}
    assert metrics["chatd_handshakes_total_accepted"] == 3
    # The joins were heard by those who were there already, and their own.
    assert metrics["chatd_deliveries_total"] >= 5 * 3
    assert metrics["chatd_ack_seconds_count"] == 5 + 3
    assert 0 < metrics["chatd_ack_seconds_p50"] <= metrics["chatd_ack_seconds_p99"]
    assert metrics["chatd_store_answers_total_failed"] == 0
    assert metrics["process_resident_memory_bytes"] > 1 << 20
    assert "chatd_delivery_seconds_count" in metrics
    assert "chatd_requests_total" not in metrics


def test_counters_are_what_came_since_the_line_before(start_emitting, sign_in):
    server = start_emitting("--emf", "on", "--emf-interval", "1", "--color", "blue")

    def wait_for_line(accept):
        def takes(text):
            return accept(read_line(text)[0])

        server.output.find(takes, "what was waited for", DEADLINE)

    ann = sign_in(server)
    for n in range(4):
        ann.send("lobby", f"message {n}")
    wait_for_line(lambda x: x.get("chatd_ack_seconds_count") and x["chatd_sessions"])
    for n in range(3):
        ann.send("lobby", f"message {n}")
    ann.close()
    wait_for_line(lambda x: x["chatd_sessions"] == 0 and x["chatd_frames_received_total"])
    lines = end(server)
    assert all(dims == {"service": "chatd", "color": "blue"} for _, dims in lines)
    sums = {
        name: sum(metrics.get(name, 0) for metrics, _ in lines)
        for name in ("chatd_ack_seconds_count", "chatd_handshakes_total_accepted")
    }
    assert sums == {
        "chatd_ack_seconds_count": 1 + 4 + 3,
        "chatd_handshakes_total_accepted": 1,
    }
    last, _ = lines[-1]
    assert last["chatd_connections"] == 0
    assert "chatd_ack_seconds_p99" not in last, "nothing was acknowledged"


def test_nothing_is_said_when_nobody_asked(start_emitting, sign_in):
    server = start_emitting()
    sign_in(server).close()
    assert end(server) == []


@pytest.mark.parametrize("color", ["Blue", 'a"b', "", "x" * 33])
def test_a_color_is_a_word(build, tmp_path, color):
    status = subprocess.run(
        [build / "server/chatd", "--check-config", f"--color={color}"],
        capture_output=True,
        text=True,
    )
    assert status.returncode == 1
    assert "word" in status.stdout + status.stderr
