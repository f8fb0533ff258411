"""What actions cost on DynamoDB: ./dev bench dynamodb [--seconds S].

A chatd on DynamoDB Local is asked for one thing at a time, through a proxy that
has each request say what it consumed: write and read units as DynamoDB counts
them, and how many requests there were. How fast sends become durable is measured
without the proxy; that is a figure of this machine and of DynamoDB Local, not of
AWS. Prints tables for docs/dynamodb.md.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/dynamodb")]

from drivers.chatd import Chatd  # noqa: E402
from drivers.wire import Wire, new_key  # noqa: E402
from faulty import Faulty  # noqa: E402
from local import Local, find_folder  # noqa: E402

TEXT = "x" * 220  # an event of some 400 bytes, an entry of some 550
WAITING = (1, 10, 100)
WAITING_EACH = 20  # of one connection
READS = ("GetItem", "Query")


class Meter(Faulty):
    """Passes requests on and adds up what they consumed, by table."""

    def __init__(self, port):
        self.requests = collections.Counter()
        self.units = collections.Counter()
        super().__init__(port)
        self.faults = False

    def reset(self):
        self.requests.clear()
        self.units.clear()

    async def _forward(self, request):
        head, _, body = request.partition(b"\r\n\r\n")
        operation = head.split(b"DynamoDB_20120810.")[1].split(b"\r\n")[0].decode()
        asked = json.loads(body)
        asked["ReturnConsumedCapacity"] = "TOTAL"
        body = json.dumps(asked).encode()
        lines = [
            line
            for line in head.split(b"\r\n")
            if not line.lower().startswith(b"content-length:")
        ]
        lines.append(b"Content-Length: %d" % len(body))
        answer = await super()._forward(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self._add(operation, asked["TableName"], answer)
        return answer

    def _add(self, operation, table, answer):
        told = json.loads(answer.partition(b"\r\n\r\n")[2] or b"{}")
        # A condition that does not hold costs a write all the same.
        units = told.get("ConsumedCapacity", {}).get("CapacityUnits", 1.0)
        kind = "read" if operation in READS else "write"
        self.requests[kind, table.rsplit("-", 1)[-1]] += 1
        self.units[kind] += units

    def row(self, count):
        requests = collections.Counter()
        for (kind, table), number in self.requests.items():
            requests[f"{kind} {table}"] += number
        told = ", ".join(
            f"{name} {number / count:.2f}" for name, number in sorted(requests.items())
        )
        return self.units["write"] / count, self.units["read"] / count, told


class Place:
    """A task on tables of its own."""

    number = 0

    def __init__(self, build, url):
        Place.number += 1
        self._folder = tempfile.mkdtemp(prefix="chat-")
        self.task = Chatd(
            build,
            self._folder,
            environment={
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": "local",
                "CHATD_STORE": "dynamodb",
                "CHATD_DYNAMODB_ENDPOINT": url,
                "CHATD_TABLE_PREFIX": f"bench{os.getpid()}-{Place.number}-",
            },
        )
        self.task.start()

    def sign_in(self, name):
        wire = Wire(self.task.url)
        wire.hello(name)
        return wire

    def end(self):
        self.task.stop()
        shutil.rmtree(self._folder)


def send(wire, waiting, go_on):
    """Sends with so many that wait until go_on says no; how many."""
    posted = answered = 0
    while True:
        while posted - answered < waiting and (posted < waiting or go_on(posted)):
            wire.post("send", room="lobby", text=TEXT, key=new_key())
            posted += 1
        if answered == posted:
            return answered
        wire.receive()
        for reply in list(wire._replies):
            assert "ok" in wire._replies.pop(reply)
            answered += 1


def send_all(wires, waiting, go_on):
    """The same, shared among several: one connection may not have so many."""
    with concurrent.futures.ThreadPoolExecutor(len(wires)) as pool:
        return sum(
            pool.map(lambda wire: send(wire, waiting // len(wires), go_on), wires)
        )


def sign_in_senders(place, waiting):
    wires = [place.sign_in(f"ann{i}") for i in range(-(-waiting // WAITING_EACH))]
    for wire in wires:
        wire.join("lobby")
    return wires


def measure_rate(build, local, waiting, seconds):
    place = Place(build, local.url)
    wires = sign_in_senders(place, waiting)
    send_all(wires, waiting, lambda posted: posted < 100)
    begun = time.monotonic()
    count = send_all(wires, waiting, lambda _: time.monotonic() < begun + seconds)
    rate = count / (time.monotonic() - begun)
    for wire in wires:
        wire.close()
    place.end()
    return rate


def measure_units(build, meter, waiting, count=1000):
    place = Place(build, meter.url)
    wires = sign_in_senders(place, waiting)
    meter.reset()
    sent = send_all(wires, waiting, lambda posted: posted < count // len(wires))
    row = meter.row(sent)
    for wire in wires:
        wire.close()
    place.end()
    return row


def measure_actions(build, meter, messages=200):
    """Each action on a room of so many messages, by a user with ten rooms."""
    place = Place(build, meter.url)
    ann, bob = place.sign_in("ann"), place.sign_in("bob")
    rooms = [f"room-{i}" for i in range(10)]
    for room in rooms:
        ann.join(room, create=True)
    send_to = rooms[0]
    for _ in range(messages):
        ann.send(send_to, TEXT)
    last = ann.send(send_to, TEXT)["seq"]

    def again(name, act, count=10):
        meter.reset()
        for number in range(count):
            act(number)
        return name, *meter.row(count)

    def hello(_):
        wire = Wire(place.task.url)
        wire.hello_token(ann.hello_reply["token"])
        wire.close()

    rows = [
        again("join a public room", lambda n: bob.join(rooms[n])),
        again("leave it", lambda n: bob.leave(rooms[n])),
        again("hello by token, 10 rooms", hello),
        again(
            "history, 50 entries",
            lambda n: ann.ask("history", room=send_to, before=last - n, limit=50),
        ),
        again("ping, 10 rooms, at once again", lambda _: ann.ask("ping")),
        again("mark read", lambda n: ann.ask("read", room=send_to, seq=last - 9 + n)),
        again(
            "edit",
            lambda n: ann.ask(
                "edit", room=send_to, ref=last - n, text=TEXT, key=new_key()
            ),
        ),
        again(
            "delete",
            lambda n: ann.ask("delete", room=send_to, ref=last - n, key=new_key()),
        ),
    ]
    for wire in (ann, bob):
        wire.close()
    place.end()
    return rows


def main():
    parser = argparse.ArgumentParser(prog="dev bench dynamodb")
    parser.add_argument("--seconds", type=float, default=5)
    arguments = parser.parse_args()
    build = pathlib.Path(os.environ["CHAT_BUILD"]).resolve()
    folder = find_folder(build)
    if folder is None:
        sys.exit("dev bench dynamodb: no DynamoDB Local: CHAT_DYNAMODB_LOCAL names it")
    local = Local(folder)
    meter = Meter(local.port)
    print("| waiting sends | durable sends a second | write units a send | requests |")
    print("|---|---|---|---|")
    for waiting in WAITING:
        rate = measure_rate(build, local, waiting, arguments.seconds)
        writes, reads, requests = measure_units(build, meter, waiting)
        print(f"| {waiting} | {rate:.0f} | {writes:.2f} | {requests} |", flush=True)
    print("\n| action | write units | read units | requests |\n|---|---|---|---|")
    for name, writes, reads, requests in measure_actions(build, meter):
        print(f"| {name} | {writes:.1f} | {reads:.1f} | {requests} |", flush=True)
    meter.close()
    local.stop()


if __name__ == "__main__":
    main()
