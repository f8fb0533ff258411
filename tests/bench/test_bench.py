"""A short run of the floors and chatd: every message comes, once, in order.

How fast is not asked here.
"""

import json
from dataclasses import replace

import bench
import pytest
import servers

SERVERS = ["floor-direct", "floor-coalesce", "floor-durable", "floor-5ms", "chatd"]
TIMES = ["--repetitions", "1", "--warmup", "0.1", "--seconds", "0.2"]


@pytest.fixture
def run(tmp_path, capsys):
    def run_bench(*workloads):
        file = tmp_path / "bench.json"
        only = ["--only", ",".join(SERVERS)]
        status = bench.main([*workloads, *only, *TIMES, "--json", str(file)])
        return status, json.loads(file.read_text()), capsys.readouterr().out

    return run_bench


def test_nothing_is_lost_doubled_or_reordered(run):
    workloads = ["fanout-10", "rooms-100", "open-100"]
    status, found, _ = run(*workloads)
    assert status == 0, found["failures"]
    for workload in workloads:
        servers = found["runs"][workload]
        wanted = SERVERS if workload == "open-100" else [*SERVERS[:3], "chatd"]
        assert list(servers) == wanted
        for name, (measured,) in servers.items():
            assert measured["deliveries"] > 0, (workload, name)
            faults = [measured[k] for k in ("lost", "doubled", "reordered")]
            assert faults == [0, 0, 0], (workload, name)


def test_the_tables_have_what_was_measured_and_its_target(run):
    status, found, text = run("ack-1")
    assert status == 0, found["failures"]
    rows = [line.split("|")[1].strip() for line in text.splitlines() if line[:1] == "|"]
    assert rows.count("chatd") == 1
    assert rows.count("floor-durable") == 1
    assert rows.count("ack-1") == 1


def test_what_is_not_there_is_named_and_left_out():
    here, absent = (
        replace(bench.SERVERS[0], name=name, find=find)
        for name, find in [
            ("here", lambda _: "program"),
            ("absent", servers.find_built("no/such/program")),
        ]
    )
    programs, missing = bench.find_all([here, absent])
    assert programs == {"here": "program"}
    assert missing == {"absent": "no/such/program is not built"}


def test_a_server_that_does_not_start_fails_alone(run, monkeypatch, tmp_path):
    program = tmp_path / "chatd"
    program.write_text("#!/bin/sh\necho no such disk >&2\nexit 3\n")
    program.chmod(0o755)
    find = bench.find_all

    def find_broken(servers):
        programs, missing = find(servers)
        return {**programs, "chatd": program}, missing

    monkeypatch.setattr(bench, "find_all", find_broken)
    status, found, text = run("ack-1")
    assert status == 1
    assert "floor-durable" in found["runs"]["ack-1"]
    assert "chatd failed: does not start; ended with 3: no such disk" in text
