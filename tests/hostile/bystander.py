"""A client that keeps to the rules while others do not, in a process of its own.

bystander.py URL ADDRESS connects from ADDRESS and joins the lobby. For each
number on standard input it sends so many messages, one after the other, and
prints how long their acknowledgements took.
"""

import json
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from drivers.wire import Wire  # noqa: E402


def measure(wire, count):
    times = []
    for number in range(count):
        started = time.perf_counter()
        wire.send("lobby", f"still here {number}")
        times.append(1000 * (time.perf_counter() - started))
        wire.events.clear()
        wire.raw.clear()
    times.sort()
    return {
        "p50": round(times[count // 2], 1),
        "p99": round(times[count * 99 // 100], 1),
        "max": round(times[-1], 1),
    }


def main(url, address):
    wire = Wire(url, source_address=(address, 0))
    wire.hello(f"bystander-{os.getpid()}")
    wire.join("lobby")
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(measure(wire, int(line))), flush=True)
    wire.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
