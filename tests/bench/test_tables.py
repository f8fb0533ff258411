"""Medians, ratios and verdicts of made-up runs."""

import machine
import pytest
import tables
import targets
import workloads
from tables import Results

SYNC = {"p50_us": 100, "p99_us": 400}


def results_of(**servers):
    """Of fanout-1000: by server, the rates of its runs."""
    results = Results()
    for name, rates in servers.items():
        for rate in rates:
            results.add("fanout-1000", name, {"deliveries_per_s": rate})
    return results


def verdict(results, workload, wanted):
    found = [
        target
        for target in targets.of_workloads(results, SYNC, {workload})
        if target.wanted.startswith(wanted)
    ]
    assert len(found) == 1
    return found[0].verdict


def test_a_ratio_is_of_the_medians():
    results = results_of(a=[1, 8, 9], b=[2, 4, 1000])
    assert results.ratio("fanout-1000", "a", "deliveries_per_s", "b") == 2


def test_what_no_run_has_has_no_ratio():
    results = results_of(a=[1])
    assert results.median("fanout-1000", "a", "p50_us") is None
    assert results.ratio("fanout-1000", "a", "deliveries_per_s", "b") is None
    assert results.ratio("fanout-1000", "b", "deliveries_per_s", "a") is None
    assert results.median("rooms-100", "a", "p50_us") is None


def test_a_cell_shows_the_spread_of_more_than_one_run():
    column = tables.Median("rate", "deliveries_per_s", tables.count, spread=True)
    many = results_of(a=[2e6, 1.5e6, 2500])
    assert column.cell(many, "fanout-1000", "a") == "1.50M [2.50k..2.00M]"
    assert column.cell(results_of(a=[999]), "fanout-1000", "a") == "999"
    assert column.cell(Results(), "fanout-1000", "a") == "-"


def test_losses_of_all_runs_are_summed():
    results = Results()
    for lost in (0, 2, 1):
        results.add("ack-1", "a", {"lost": lost, "doubled": 0, "reordered": 5})
    column = tables.Sums("faults", ("lost", "doubled", "reordered"))
    assert column.cell(results, "ack-1", "a") == "3/0/15"


@pytest.mark.parametrize(
    ("value", "text"),
    [(9.994, "9.99"), (9.996, "10.0"), (99.96, "100"), (99_970, "100k")],
)
def test_numbers_have_three_digits(value, text):
    assert tables.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.4, "12 us"), (999, "999 us"), (2500, "2.5 ms"), (1.5e6, "1.50 s")],
)
def test_microseconds_have_a_unit_that_fits(value, text):
    assert tables.microseconds(value) == text


def test_a_table_has_what_was_measured_and_the_failures():
    results = results_of(a=[1], b=[2])
    results.add("fanout-1000", "nothing of the columns", {"bytes": 4})
    results.fail("fanout-1000", "c", "did not start")
    (workload,) = workloads.chosen(["fanout-1000"])
    text = tables.of_workload(results, workload)
    rows = [line.split(" | ")[0] for line in text.splitlines() if line[:1] == "|"]
    assert rows == ["| server", "| ---", "| a", "| b"]
    assert text.endswith("\n- c failed: did not start")


@pytest.mark.parametrize(("rate", "expected"), [(79, "miss"), (80, "ok")])
def test_a_share_of_the_floor_is_met_or_missed(rate, expected):
    results = results_of(**{"chatd": [rate], "floor-coalesce": [100]})
    assert verdict(results, "fanout-1000", ">= 0.8") == expected


def test_a_peer_that_was_not_there_is_not_beaten():
    results = results_of(**{"chatd": [5], "inspircd": [4]})
    assert verdict(results, "fanout-1000", "above inspircd") == "ok"
    assert verdict(results, "fanout-1000", "above nats") == "not measured"


@pytest.mark.parametrize(("p50", "expected"), [(249, "ok"), (251, "miss")])
def test_an_ack_may_take_one_and_a_half_syncs_more_than_the_floor(p50, expected):
    results = Results()
    results.add("ack-1", "floor-coalesce", {"p50_us": 100})
    results.add("ack-1", "chatd", {"p50_us": p50})
    assert verdict(results, "ack-1", "p50 <= floor") == expected


@pytest.mark.parametrize(("p99", "expected"), [(110, "ok"), (111, "miss")])
def test_slow_readers_may_cost_the_others_a_tenth(p99, expected):
    results = Results()
    results.add("slow-1000", "chatd", {"p99_us": p99, "without_p99_us": 100})
    assert verdict(results, "slow-1000", "p99") == expected


def test_names_choose_workloads_and_groups():
    names = [row.name for row in workloads.chosen(["ack-1", "fanout"])]
    assert names == ["fanout-10", "fanout-100", "fanout-1000", "ack-1"]
    with pytest.raises(ValueError, match="no workload fan"):
        workloads.chosen(["fan"])


def test_what_takes_minutes_is_run_only_when_it_is_named():
    assert "history-10m" not in {row.name for row in workloads.chosen([])}
    assert [row.name for row in workloads.chosen(["history"])] == ["history-1m"]
    assert [row.name for row in workloads.chosen(["history-10m"])] == ["history-10m"]
    assert len(workloads.chosen([])) == len(workloads.WORKLOADS) - 1


def test_the_disk_is_sampled_more_than_once(tmp_path):
    disk = machine.Disk(tmp_path)
    disk.sample()
    disk.sample()
    result = disk.result()
    assert result["appends"] == 2 * machine.APPENDS
    assert 0 < result["p50_us"] <= result["p99_us"]
    assert not list(tmp_path.iterdir())
