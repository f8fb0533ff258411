"""What delivering through @connections costs: ./dev bench gateway.

A room has so many connections of API Gateway; behind @connections is a sink
that answers at once, or after as long as API Gateway takes. One program sends
at a rate, or as fast as all of it is delivered. Beside it, in turns: bare
libcurl that makes the same POSTs. Prints tables for docs/gateway.md.
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e")]

import machine  # noqa: E402
from drivers.chatd import Chatd  # noqa: E402
from drivers.wire import Wire, new_key  # noqa: E402

SECRET = "the-secret"
ROOM = "lobby"
TEXT = "x" * 128  # an event of some 280 bytes
RATES = (1, 10, 100)
DELAYS_MS = (0, 25)  # of the sink; the second is about API Gateway's
WINDOWS = (1, 16, 64)  # messages that are not delivered to all yet
SETTLE_SECONDS = 30
COLUMNS = ("deliveries/s", "POSTs/s", "saved", "CPU s/1M", "CPU us/POST")
QUIET_SECONDS = 0.7  # then what is under way has come
WARM_UP = 20


@dataclass(frozen=True)
class Counts:
    posts: int
    objects: int
    bytes: int
    connections: int


class Sink:
    """@connections that takes everything."""

    def __init__(self, build, certificate, delay_ms):
        command = [build / "tests/bench/sink", "--delay-ms", str(delay_ms)]
        if certificate:
            command += ["--certificate", certificate]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        port = int(self._process.stdout.readline())
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://localhost:{port}/prod"

    def counts(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Counts(*map(int, self._process.stdout.readline().split()))

    def wait_for(self, objects):
        end = time.monotonic() + SETTLE_SECONDS
        while self.counts().objects < objects:
            if time.monotonic() > end:
                raise SystemExit(f"only {self.counts()} of {objects} arrived")
            time.sleep(0.002)

    def close(self):
        self._process.stdin.close()
        self._process.wait()


def make_certificate(folder):
    """For the sink and, since it signs itself, for those who trust it."""
    path = folder / "sink.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"]
    command += ["-pkeyopt", "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command, "-keyout", path, "-out", path.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    with path.open("a") as both:
        both.write(path.with_suffix(".crt").read_text())
    return path


def cpu_seconds(pid):
    """Of all threads, to the nanosecond."""
    tasks = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks) / 1e9


class Room:
    """chatd with a room of connections that nobody is behind, and one sender."""

    def __init__(self, build, folder, sink, certificate, connections):
        self.size = connections
        self._sink = sink
        environment = {
            "CHATD_GATEWAY_SECRET": SECRET,
            "CHATD_GATEWAY_CALLBACK": sink.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key-id",
            "AWS_SECRET_ACCESS_KEY": "a-secret-key",
            "AWS_CA_BUNDLE": str(certificate.with_suffix(".crt")),
        }
        self.chatd = Chatd(build, folder, environment=environment)
        self.chatd.start()
        self._http = http.client.HTTPConnection("127.0.0.1", self.chatd.port)
        for number in range(connections):
            self._enter(f"connection{number:04}=", f"guest {number}")
        self._sent = []
        self.sender = Wire(self.chatd.url)
        self.sender.hello("sender")
        self.sender.join(ROOM)

    def _enter(self, connection, name):
        self._ask(connection, action="hello", version=1, guest=name, key=new_key())
        self._ask(connection, action="join", room=ROOM, key=new_key(), limit=0)

    def _ask(self, connection, **request):
        self._http.request(
            "POST",
            "/gateway/message",
            json.dumps({"id": 1, **request}),
            {"X-Gateway-Secret": SECRET, "X-Connection-Id": connection},
        )
        reply = json.loads(self._http.getresponse().read())
        assert "ok" in reply, reply

    def cpu_seconds(self):
        return cpu_seconds(self.chatd.process.pid)

    def send(self):
        self._sent.append(self.sender.post("send", room=ROOM, key=new_key(), text=TEXT))

    def taken(self):
        """How many were, since the last time; `busy` is what a stall brings."""
        replies = [self.sender.reply(request) for request in self._sent]
        self._sent = []
        self.sender.events.clear()
        self.sender.raw.clear()
        return sum("ok" in reply for reply in replies)

    def settle(self):
        """Until nothing comes any more, such as of joins."""
        before = None
        while before != (before := self._sink.counts()):
            time.sleep(QUIET_SECONDS)
        return before

    def warm_up(self):
        """So that connections to the sink stand."""
        start = self.settle().objects
        for number in range(1, WARM_UP + 1):
            self.send()
            self._sink.wait_for(start + number * self.size)
        self.taken()

    def close(self):
        self._http.close()
        self.sender.close()
        self.chatd.stop()


def send_at_rate(room, _, rate, seconds):
    due = time.monotonic()
    for _ in range(int(rate * seconds)):
        room.send()
        due += 1 / rate
        time.sleep(max(0, due - time.monotonic()))


def send_in_window(room, sink, window, seconds):
    start = sink.counts().objects
    end = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < end:
        seen = (sink.counts().objects - start) // room.size
        for _ in range(window - (sent - seen)):
            room.send()
            sent += 1


def measure(room, sink, send, much, seconds):
    """What one run took, of `send` by so much."""
    before, cpu, begin = room.settle(), room.cpu_seconds(), time.monotonic()
    send(room, sink, much, seconds)
    taken = room.taken()
    sink.wait_for(before.objects + taken * room.size)
    took, cpu = time.monotonic() - begin, room.cpu_seconds() - cpu
    after = sink.counts()
    deliveries = after.objects - before.objects
    posts = after.posts - before.posts
    assert deliveries == taken * room.size, f"{deliveries} of {taken} messages"
    return {
        "deliveries/s": deliveries / took,
        "POSTs/s": posts / took,
        "saved": 1 - posts / deliveries,
        "CPU s/1M": cpu / deliveries * 1e6,
        "CPU us/POST": cpu / posts * 1e6,
        "bytes": (after.bytes - before.bytes) / posts,
        "connections": after.connections,
    }


def measure_floor(build, sink, certificate, body_bytes, seconds):
    program = build / "tests/bench/post_floor"
    command = [program, "--url", sink.url, "--authorities", certificate.with_suffix(".crt")]
    command += ["--bytes", str(int(body_bytes)), "--seconds", str(seconds)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    posts, took, cpu = map(float, done.stdout.split())
    return {"POSTs/s": posts / took, "CPU us/POST": cpu / posts * 1e6}


class Bench:
    def __init__(self, build, options, folder):
        self._build = build
        self._options = options
        self._folder = folder
        self._certificate = make_certificate(folder)
        self.runs = {}  # row -> [result]

    def _add(self, row, result):
        self.runs.setdefault(row, []).append(result)
        print(row, {k: round(v, 3) for k, v in result.items()}, file=sys.stderr)

    @contextlib.contextmanager
    def _room(self, scheme, delay_ms):
        certificate = self._certificate if scheme == "https" else None
        sink = Sink(self._build, certificate, delay_ms)
        folder = tempfile.mkdtemp(dir=self._folder)
        room = Room(self._build, folder, sink, self._certificate, self._options.connections)
        room.warm_up()
        yield room, sink
        room.close()
        sink.close()

    def run(self):
        seconds = self._options.seconds
        for _ in range(self._options.repetitions):
            for delay in DELAYS_MS:
                with self._room("https", delay) as (room, sink):
                    for rate in RATES:
                        row = (f"{rate} a second", f"{delay} ms")
                        self._add(row, measure(room, sink, send_at_rate, rate, seconds))
            for scheme in ("https", "http"):
                with self._room(scheme, 0) as (room, sink):
                    self._run_most(scheme, room, sink)

    def _run_most(self, scheme, room, sink):
        seconds = self._options.seconds
        for window in WINDOWS:
            result = measure(room, sink, send_in_window, window, seconds)
            self._add((f"{window} under way", scheme), result)
            size = result["bytes"]
            floor = measure_floor(self._build, sink, self._certificate, size, seconds)
            self._add((f"{window} under way", f"{scheme}, libcurl alone"), floor)


def form(value, name):
    if name == "saved":
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def cell(values, name):
    """The median, with the lowest and the highest."""
    if not values:
        return "-"
    middle = form(statistics.median(values), name)
    if len(values) == 1:
        return middle
    return f"{middle} [{form(min(values), name)}..{form(max(values), name)}]"


def table(runs, names):
    """`runs`: row, of two texts -> results."""
    rows = ["| | | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for row, results in runs.items():
        cells = [cell([r[name] for r in results if name in r], name) for name in names]
        rows.append("| " + " | ".join([*row, *cells]) + " |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench gateway", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--connections", type=int, default=100, help="of the room")
    options = parser.parse_args()
    build = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build-bench")).resolve()
    with tempfile.TemporaryDirectory(prefix="chat-") as folder:
        bench = Bench(build, options, pathlib.Path(folder))
        bench.run()
    print(json.dumps(machine.describe(ROOT, ROOT)))
    print(table(bench.runs, COLUMNS))


if __name__ == "__main__":
    main()
