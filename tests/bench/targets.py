"""What the server is to reach, as ratios of one run, and whether it did."""

from dataclasses import dataclass

import tables

COALESCE, DURABLE = "floor-coalesce", "floor-durable"
NATS, INSPIRCD = "nats-server", "inspircd"
RATE = "deliveries_per_s"


@dataclass(frozen=True)
class Target:
    workload: str
    wanted: str
    reached: str = tables.NOTHING
    verdict: str = "not measured"


def judge(workload, wanted, value, limit, form=tables.number, at_most=False):
    """One row; a figure that is not there is neither reached nor missed."""
    if value is None or limit is None:
        return Target(workload, wanted)
    good = value <= limit if at_most else value >= limit
    return Target(workload, wanted, form(value), "ok" if good else "miss")


def of_floor(results, workload, least, floor=COALESCE):
    ratio = results.ratio(workload, "chatd", RATE, floor)
    return judge(workload, f">= {least} of {floor}", ratio, least)


def above(results, workload, peer):
    ratio = results.ratio(workload, "chatd", RATE, peer)
    return judge(workload, f"above {peer}", ratio, 1)


def throughput(results):
    yield of_floor(results, "fanout-1000", 0.8)
    yield above(results, "fanout-1000", NATS)
    yield above(results, "fanout-1000", INSPIRCD)
    yield of_floor(results, "fanout-100", 0.6)
    yield above(results, "fanout-100", INSPIRCD)
    yield of_floor(results, "fanout-10", 0.7, DURABLE)
    yield of_floor(results, "rooms-100", 0.6)
    yield above(results, "rooms-100", NATS)


def plus(value, more):
    return None if value is None or more is None else value + more


def cost(results):
    """Of the open loop, without and with the flush that waits for more."""
    workload, key = "open-100", "server_cpu_per_million"
    flush = "chatd"
    plain = "chatd-at-once" if results.median(workload, "chatd-at-once", key) else flush
    without = results.ratio(workload, plain, key, COALESCE)
    yield judge(
        workload, f"{plain}: CPU <= 1.3 of {COALESCE}", without, 1.3, at_most=True
    )
    waiting = results.ratio(workload, flush, key, COALESCE)
    yield judge(
        workload, f"{flush}: CPU <= 0.5 of {COALESCE}", waiting, 0.5, at_most=True
    )
    yield at_most_behind(results, workload, "p50_us", 3000, "3 ms")


def at_most_behind(results, workload, key, more, name):
    """chatd's latency is the floor's and no more than so much."""
    value = results.median(workload, "chatd", key)
    limit = plus(results.median(workload, COALESCE, key), more)
    wanted = f"{key.removesuffix('_us')} <= {COALESCE} + {name}"
    if limit is not None:
        wanted += f" = {tables.microseconds(limit)}"
    return judge(workload, wanted, value, limit, tables.microseconds, at_most=True)


def latency(results, sync):
    yield at_most_behind(
        results, "latency-10", "p99_us", 2 * sync["p99_us"], "2 x fdatasync p99"
    )
    yield at_most_behind(
        results, "ack-1", "p50_us", 1.5 * sync["p50_us"], "1.5 x fdatasync p50"
    )


def scale(results):
    """Of many connections: what they cost, and how fast they come back."""

    def chatd(workload, key):
        return results.median(workload, "chatd", key)

    idle, slow, resume = "idle-10", "slow-1000", "resume-1000"
    yield judge(
        idle,
        "<= 2.8 KiB a connection",
        chatd(idle, "kib_per_connection"),
        2.8,
        at_most=True,
    )
    yield judge(
        idle, ">= 8,000 first joins/s", chatd(idle, "set_ups_per_s"), 8000, tables.count
    )
    yield judge(
        idle, ">= 15,000 returns/s", chatd(idle, "returns_per_s"), 15000, tables.count
    )
    without = chatd(slow, "without_p99_us")
    yield judge(
        slow,
        "p99 <= 1.1 of it without slow ones",
        chatd(slow, "p99_us"),
        None if without is None else without * 1.1,
        tables.microseconds,
        at_most=True,
    )
    caught_up = chatd(resume, "all_caught_up_s")
    yield judge(
        resume, "all caught up within 3 s", caught_up, 3, tables.seconds, at_most=True
    )


def storage(results):
    rate = results.median("store-append", "append", "entries_s")
    yield judge(
        "store-append", ">= 100,000 durable sends/s", rate, 100_000, tables.count
    )


def of_workloads(results, sync, names):
    """The targets that belong to the workloads of these names."""
    targets = [
        *throughput(results),
        *cost(results),
        *latency(results, sync),
        *scale(results),
        *storage(results),
    ]
    return [target for target in targets if target.workload in names]


def as_table(targets):
    heads = ["workload", "target", "reached", "verdict"]
    rows = [[t.workload, t.wanted, t.reached, t.verdict] for t in targets]
    return f"### Targets\n\n{tables.table(heads, rows)}"
