"""What is asked of the servers, and what a table shows of it.

A row of WORKLOADS is one run of the load generator. On the command line its
name chooses it, or its group's name all of the group.
"""

from dataclasses import dataclass

from tables import Median, Ratio, Sums, count, microseconds, number, seconds, share

# A process has 20,000 descriptors on many machines, and needs some itself.
IDLE_CONNECTIONS = 19_000

BROADCAST = frozenset(["fanout", "rooms", "open", "latency", "ack"])
KNOWN_BY = {
    "chat": BROADCAST | {"slow", "idle", "resume", "join-storm", "history"},
    "plain": BROADCAST | {"slow"},
    "json": BROADCAST,
    "nats": BROADCAST,
    "irc": BROADCAST,
    "store": frozenset(["store"]),
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
    Sums("lost/doubled/reordered", ("lost", "doubled", "reordered")),
]
ACK = [*rate_columns("acks/s", "acks_per_s"), *LATENCY, *COST]
SLOW = [
    Median("deliveries/s", "deliveries_per_s", count, spread=True),
    *LATENCY,
    Median("p50 without", "without_p50_us", microseconds, spread=True),
    Median("p99 without", "without_p99_us", microseconds, spread=True),
    Median("highest RSS MiB", "rss_highest_mib", number),
    Median("without", "without_rss_highest_mib", number),
    Median("slow ones closed", "slow_closed", number),
    Sums("lost/doubled/reordered", ("lost", "doubled", "reordered")),
]
IDLE = [
    Median("first joins/s", "set_ups_per_s", count, spread=True),
    Median("returns/s", "returns_per_s", count, spread=True),
    Median("KiB a connection", "kib_per_connection", number, spread=True),
    Median("RSS MiB", "rss_after_mib", number),
    Median("server CPU s/1M joins", "server_cpu_per_million", number),
    Median("client CPU", "client_cpu", share),
]
GAPS = Sums("gaps/doubles", ("gaps", "doubles"))
RESUME = [
    Median("all caught up", "all_caught_up_s", seconds, spread=True),
    Median("all signed in", "all_signed_in_s", seconds),
    Median("entries/s", "entries_per_s", count),
    *LATENCY,
    *COST,
    GAPS,
]
JOIN_STORM = [
    Median("joins/s", "joins_per_s", count, spread=True),
    Median("all joined", "all_joined_s", seconds),
    Median("all saw all", "all_seen_s", seconds),
    *LATENCY,
    *COST,
    GAPS,
]
HISTORY = [
    Median("pages/s", "pages_per_s", count, spread=True),
    Median("entries a page", "entries_per_page", number),
    *LATENCY,
    *COST,
    Median("filled, entries/s", "fill_per_s", count),
]
STORE = [
    Median("entries/s", "entries_s", count, spread=True),
    Ratio("of floor", "entries_s", "floor"),
    Median("reads/s", "reads_s", count, spread=True),
    Median("p50", "p50_us", microseconds),
    Median("p99", "p99_us", microseconds),
    Median("CPU s/1M entries", "cpu_s_1m", number),
]


@dataclass(frozen=True)
class Workload:
    name: str
    group: str
    title: str
    arguments: list
    columns: list
    deadline: float = 120  # seconds until it is given up
    on_demand: bool = False  # not in a run that names no workload
    clients: int = 10_000  # that a server must have room for

    def fits(self, server):
        return self.group in (server.groups or KNOWN_BY[server.adapter])


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


def of_chat(name, group, title, columns, *arguments, **options):
    arguments = ["--workload", group, *arguments]
    return Workload(name, group, title, arguments, columns, **options)


def history(name, entries, **options):
    return of_chat(
        name,
        "history",
        f"history: pages of 50 before a random one of {entries:,} entries",
        HISTORY,
        *("--entries", entries, "--limit", 50),
        **options,
    )


def store(kind, title):
    return Workload(f"store-{kind}", "store", f"store: {title}", [kind], STORE)


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
    Workload(
        "slow-1000",
        "slow",
        "slow: 100 messages/s, 50 of 1,000 receivers stop to read",
        ["--workload", "slow", "--receivers", 1000, "--rate", 100],
        SLOW,
    ),
    of_chat(
        "idle-10",
        "idle",
        f"idle: {IDLE_CONNECTIONS:,} connections in rooms of 10",
        IDLE,
        *("--connections", IDLE_CONNECTIONS, "--rooms-of", 10, "--return"),
        clients=IDLE_CONNECTIONS,
    ),
    of_chat(
        "resume-1000",
        "resume",
        "resume: 1,000 clients come back, each missed 1,000 entries",
        RESUME,
        *("--clients", 1000, "--missed", 1000),
    ),
    of_chat(
        "join-storm-1000",
        "join-storm",
        "join storm: 1,000 clients join one room at once",
        JOIN_STORM,
        *("--clients", 1000),
    ),
    history("history-1m", 1_000_000),
    history("history-10m", 10_000_000, deadline=900, on_demand=True),
    store("append", "appends of 64 entries"),
    store("mixed", "appends and reads beside each other"),
]


def chosen(names):
    """The workloads of these names and groups."""
    known = {name for row in WORKLOADS for name in (row.name, row.group)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"no workload {', '.join(unknown)}")
    return [
        row
        for row in WORKLOADS
        if row.name in names
        or (not row.on_demand and (not names or row.group in names))
    ]
