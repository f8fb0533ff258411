"""A DynamoDB that is worse than DynamoDB Local: between it and chatd some
requests are throttled, fail, lose their answer, or are carried out after their
caller was cut off."""

import asyncio
import collections
import json
import random
import threading

THROTTLED = json.dumps(
    {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}
).encode()

# Of a thousand requests.
FAULTS = {"throttled": 80, "refused": 20, "unanswered": 40, "late": 20}

LATE_SECONDS = 3


async def read_message(reader):
    """A request's or an answer's head and body; None at the end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return head + await reader.readexactly(length)


def answer_throttled():
    return (
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/x-amz-json-1.0\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(THROTTLED)
        + THROTTLED
    )


class Faulty:
    """Runs in a thread of its own until it is closed."""

    def __init__(self, port, seed=1):
        self.counts = collections.Counter()
        self.faults = True
        self.always = None  # a fault, of all requests
        self._port = port
        self._random = random.Random(seed)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        self._ready.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def close(self):
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    async def _run(self):
        self._loop = asyncio.get_running_loop()
        self._end = asyncio.Event()
        self._tasks = set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._end.wait()
        server.close()
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _keep(self, task):
        """The loop alone would let go of one that waits."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _draw(self):
        if self.always is not None:
            return self.always
        chance = self._random.randrange(1000)
        for fault, share in FAULTS.items() if self.faults else ():
            chance -= share
            if chance < 0:
                return fault
        return "fine"

    async def _forward(self, request):
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(request)
        answer = await read_message(reader)
        writer.close()
        return answer

    async def _forward_late(self, request):
        await asyncio.sleep(self._random.random() * LATE_SECONDS)
        await self._forward(request)

    async def _answer(self, request):
        """The answer; None: the connection ends instead."""
        fault = self._draw()
        self.counts[fault] += 1
        if fault == "throttled":
            return answer_throttled()
        if fault == "late":
            self._keep(asyncio.ensure_future(self._forward_late(request)))
        if fault in ("refused", "late"):
            return None
        answer = await self._forward(request)
        return None if fault == "unanswered" else answer

    async def _serve(self, reader, writer):
        self._keep(asyncio.current_task())
        try:
            while (request := await read_message(reader)) is not None:
                answer = await self._answer(request)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
