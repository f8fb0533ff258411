"""What people's talk asks of AWS: messages of API Gateway, units of the tables,
bytes. Units of an action are those that docs/dynamodb.md has measured.
"""

import math
from dataclasses import dataclass

from .inventory import DAYS
from .prices import Line

# docs/dynamodb.md, "Cost": waiting sends -> write units of a send.
SEND_UNITS = {1: 2.02, 10: 1.56, 100: 1.47}
READ_MARKER_WRITES = 1  # mark read
TOKEN_READS = 2  # hello by token
# A ping, and a hello, look at each room of the user: a read for each.
ROOM_READS = 1
# docs/gateway.md: rows of a room of 1,000 connections are 25 read units.
CONNECTIONS_A_READ = 1000 / 25
# ... and a connection has a row for itself, one for its user, one a room.
CONNECTION_ROWS = 2
SESSION_READS = 1  # of a connection that a task does not know

# What ./dev bench dynamodb sends is an event of 400 bytes and 600 in the tables.
EVENT_BYTES = 400
STORED_BYTES = 600
# Answers, pings, who types and who is there.
SMALL_BYTES = 200
# Headers, signature and answer of a POST, both ways; not measured on AWS.
POST_BYTES = 1600
REQUEST_BYTES = 2000  # of API Gateway's to a task, both ways
ACCESS_LOG_BYTES = 300
TRACED = 0.01  # of requests: TraceSample

PING_SECONDS = 25
GATEWAY_CONNECTION_HOURS = 2  # API Gateway ends it then
PRESENCE_MEMBERS = 100  # rooms with more do not hear of it
# A POST's and an append's time, in which others gather: what docs/gateway.md's
# sink and docs/dynamodb.md take for AWS's, which nobody has measured.
POST_SECONDS = 0.025
APPEND_SECONDS = 0.01
POST_OBJECTS_MAX = 30 * 1024 // EVENT_BYTES

MILLION = 1e6
GB = 1e9


@dataclass(frozen=True)
class Usage:
    users: int
    messages: float  # of a user, a day
    room_size: int  # all of them there when somebody speaks
    rooms: int = 10  # of a user
    online_hours: float = 8  # of a user, a day
    typing: float = 2  # requests with each message
    readers: float = 0.25  # of a room, who have it before them
    rate: float = 1  # messages a second in a room that talks
    packing: bool = True
    direct: bool = False
    edge: bool = False  # API Gateway's clients come through CloudFront
    tasks: int = 2

    def objects_a_post(self):
        """While a POST is under way what comes waits, and shares the next."""
        waiting = self.rate * POST_SECONDS if self.packing else 1
        return min(max(waiting, 1), POST_OBJECTS_MAX)

    def sends_waiting(self):
        return max(self.rate * APPEND_SECONDS, 1) if self.packing else 1

    def send_writes(self):
        """Of the loads that were measured, the nearest that is not above."""
        measured = max(load for load in SEND_UNITS if load <= self.sends_waiting())
        return SEND_UNITS[measured]


@dataclass(frozen=True)
class Counts:
    """What is asked for, by what costs in a front or in the tables."""

    requests: float = 0  # of clients, each with its answer
    posts: float = 0  # to @connections, or frames unasked for
    posted_bytes: float = 0
    writes: float = 0
    reads: float = 0
    stored_bytes: float = 0
    minutes: float = 0
    connects: float = 0

    def __add__(self, other):
        return Counts(*(getattr(self, n) + getattr(other, n) for n in NAMES))

    def __mul__(self, factor):
        return Counts(*(getattr(self, n) * factor for n in NAMES))


NAMES = tuple(Counts.__dataclass_fields__)


def room_reads(usage):
    """Whom API Gateway holds is asked for each append, and shared by its sends."""
    if usage.direct:
        return 0
    reads = math.ceil(usage.room_size / CONNECTIONS_A_READ)
    return reads / usage.sends_waiting()


def seat_reads(usage):
    """A request may come to a task that has not heard this connection lately."""
    if usage.direct:
        return 0
    elsewhere = (usage.tasks - 1) / usage.tasks
    return elsewhere * (SESSION_READS + TOKEN_READS)


def of_message(usage):
    """A send, and each member's delivery; its sender is one of them."""
    return Counts(
        requests=1,
        posts=usage.room_size / usage.objects_a_post(),
        posted_bytes=usage.room_size * EVENT_BYTES,
        writes=usage.send_writes(),
        reads=room_reads(usage) + seat_reads(usage),
        stored_bytes=STORED_BYTES,
    )


def of_typing(usage):
    others = usage.room_size - 1
    return Counts(
        requests=1,
        posts=others,
        posted_bytes=others * SMALL_BYTES,
        reads=room_reads(usage) + seat_reads(usage),
    )


def of_reading(usage):
    return Counts(requests=1, writes=READ_MARKER_WRITES, reads=seat_reads(usage))


def of_ping(usage):
    reads = TOKEN_READS + usage.rooms * ROOM_READS
    return Counts(requests=1, reads=reads + seat_reads(usage))


def of_connection(usage):
    rows = 0 if usage.direct else CONNECTION_ROWS + usage.rooms
    reads = TOKEN_READS + usage.rooms * ROOM_READS
    return Counts(requests=1, connects=1, writes=rows, reads=reads)


def of_presence(usage):
    """One who comes or goes, in rooms that have no member in common."""
    if usage.room_size > PRESENCE_MEMBERS:
        return Counts()
    told = usage.rooms * (usage.room_size - 1)
    return Counts(posts=told, posted_bytes=told * SMALL_BYTES)


def talk(usage):
    """What a message brings with it: itself, who types, who reads."""
    return (
        of_message(usage)
        + of_typing(usage) * usage.typing
        + of_reading(usage) * (usage.readers * usage.room_size)
    )


def presence(usage):
    """A month of being there, without a word."""
    days = usage.users * DAYS
    hours = days * usage.online_hours
    connections = days if usage.direct else hours / GATEWAY_CONNECTION_HOURS
    return (
        of_ping(usage) * (hours * 3600 / PING_SECONDS)
        + of_connection(usage) * connections
        + of_presence(usage) * (2 * days)
        + Counts(minutes=hours * 60)
    )


def sent(usage):
    return usage.users * usage.messages * DAYS


def table_lines(counts, what, recovery):
    gigabytes = counts.stored_bytes / GB
    lines = [
        Line("table.writes", f"{what}: writes", counts.writes / MILLION),
        Line("table.reads", f"{what}: reads", counts.reads / MILLION),
        Line("table.gigabytes", f"{what}: a month's storage", gigabytes),
    ]
    if recovery:
        lines.append(Line("table.recovery", f"{what}: its recovery", gigabytes))
    return lines


def gateway_lines(counts, what, edge):
    """By API Gateway: a request and its answer are a message each."""
    messages = 2 * counts.requests + counts.posts
    link = counts.requests * REQUEST_BYTES / GB
    way_back = (counts.posts * POST_BYTES + counts.posted_bytes) / GB
    out = (counts.posted_bytes + counts.requests * SMALL_BYTES) / GB
    logged = (counts.requests + 2 * counts.connects) * ACCESS_LOG_BYTES / GB
    to_clients = "edge.gigabytes" if edge else "internet.gigabytes"
    return [
        Line("api.messages", f"{what}: messages", messages / MILLION),
        Line("api.minutes", f"{what}: connections", counts.minutes / MILLION),
        Line("nat.gigabytes", f"{what}: POSTs to @connections", way_back),
        Line(to_clients, f"{what}: to clients", out),
        Line("nlb.capacity", f"{what}: requests by the link", link),
        Line("alb.capacity", f"{what}: requests to tasks", link),
        Line("log.gigabytes", f"{what}: API Gateway's log", logged),
    ]


def direct_lines(counts, what):
    """By CloudFront and the inner balancer, to chatd's own WebSocket."""
    gigabytes = (counts.posted_bytes + 2 * counts.requests * SMALL_BYTES) / GB
    open_hours = counts.minutes / 60
    capacity = max(gigabytes, open_hours / 3000)
    return [
        Line("edge.gigabytes", f"{what}: to clients", gigabytes),
        Line("alb.capacity", f"{what}: sockets to tasks", capacity),
    ]


def front_lines(usage, counts, what):
    if usage.direct:
        return direct_lines(counts, what)
    return gateway_lines(counts, what, usage.edge)


def lines(usage, counts, what, recovery=False):
    traces = counts.requests * TRACED / MILLION
    handshakes = counts.connects if usage.direct or usage.edge else 0
    return [
        *front_lines(usage, counts, what),
        *table_lines(counts, what, recovery),
        Line("edge.requests", f"{what}: handshakes", handshakes / MILLION),
        Line("trace.records", f"{what}: traces", traces),
        Line("trace.insights", f"{what}: insights", traces),
    ]
