"""Runs until SIGTERM or SIGINT. When it listens, a JSON line says where."""

import asyncio
import json
import signal
import sys

from .chaos import BadChaos
from .gateway import Gateway
from .settings import parse


async def run(settings):
    gateway = Gateway(settings)
    await gateway.open()
    ports = {"port": gateway.port, "callback_port": gateway.callback_port}
    print(json.dumps({"event": "listening", **ports}), file=sys.stderr, flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    await gateway.close()


try:
    asyncio.run(run(parse()))
except (BadChaos, OSError) as problem:
    sys.exit(f"gateway: {problem}")
