"""What is asked of the servers, and what a table shows of it.

A row of WORKLOADS is one run of the load generator. On the command line its
name chooses it, or its group's name all of the group.
"""

from dataclasses import dataclass

from tables import (
    Lossless,
    Median,
    Ratio,
    count,
    microseconds,
    number,
    share,
)

BROADCAST = frozenset(["fanout", "rooms", "open", "latency", "ack"])
KNOWN_BY = {
    "chat": None,  # all
    "plain": BROADCAST | {"slow"},
    "json": BROADCAST,
    "nats": BROADCAST,
    "irc": BROADCAST,
}

COST = [
    Median("server CPU s/1M", "server_cpu_per_million", number, spread=True),
    Median("RSS MiB", "server_rss_mib", number),
    Median("client CPU", "client_cpu", share),
]
LATENCY = [
    Median("p50", "p50_us", microseconds, spread=True),
    Median("p99", "p99_us", microseconds, spread=True),
]


def rate_columns(title, key):
    return [
        Median(title, key, count, spread=True),
        Ratio("of floor-coalesce", key, "floor-coalesce"),
        Ratio("of floor-durable", key, "floor-durable"),
    ]


STREAM = [
    *rate_columns("deliveries/s", "deliveries_per_s"),
    *LATENCY,
    *COST,
    Median("messages a read", "messages_per_read", number),
    Median("bytes", "bytes_per_delivery", number),
    Lossless(),
]
ACK = [*rate_columns("acks/s", "acks_per_s"), *LATENCY, *COST]


@dataclass(frozen=True)
class Workload:
    name: str
    group: str
    title: str
    arguments: list
    columns: list
    timed: bool = True  # takes --warmup and --seconds
    deadline: float = 120  # seconds until it is given up

    def fits(self, server):
        known = KNOWN_BY[server.adapter]
        if server.groups:
            return self.group in server.groups
        return known is None or self.group in known


def stream(name, group, title, *arguments):
    return Workload(name, group, title, list(arguments), STREAM)


def fanout(receivers):
    return stream(
        f"fanout-{receivers}",
        "fanout",
        f"fanout: {receivers:,} receivers, 64 messages under way",
        *("--workload", "fanout", "--receivers", receivers, "--window", 64),
    )


def open_loop(name, group, receivers, rate):
    return stream(
        name,
        group,
        f"{group}: {receivers:,} receivers, {rate:,} messages/s",
        *("--workload", "fanout", "--receivers", receivers, "--rate", rate),
    )


def ack(window):
    return Workload(
        f"ack-{window}",
        "ack",
        f"ack: one sender, {window} messages under way",
        ["--workload", "ack", "--window", window],
        ACK,
    )


WORKLOADS = [
    fanout(10),
    fanout(100),
    fanout(1000),
    stream(
        "rooms-100",
        "rooms",
        "rooms: 100 of 10 members, each sends 1 message at a time",
        *("--workload", "rooms", "--rooms", 100, "--members", 10, "--window", 1),
    ),
    open_loop("open-100", "open", 100, 1000),
    open_loop("latency-10", "latency", 10, 500),
    ack(1),
    ack(64),
]


def chosen(names):
    """The workloads of these names and groups; all without a name."""
    known = {name for row in WORKLOADS for name in (row.name, row.group)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no workload {', '.join(unknown)}")
    return [row for row in WORKLOADS if not names or {row.name, row.group} & {*names}]
