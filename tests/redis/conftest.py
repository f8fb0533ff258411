"""Two tasks on DynamoDB Local with a real Redis between them.

CHAT_BUILD names the build folder (default: build). Without redis-server,
DynamoDB Local or Java the tests are skipped.
"""

import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
for part in ("e2e", "dynamodb", "operate"):
    sys.path.insert(0, str(ROOT / "tests" / part))

from drivers.chatd import Chatd, prefix_of  # noqa: E402
from drivers.fixtures import build, folder  # noqa: E402, F401
from drivers.lines import wait_until  # noqa: E402
from drivers.wire import Wire  # noqa: E402
from local import KEYS, dynamodb  # noqa: E402, F401
from scrape import Scrape  # noqa: E402
from server import Server, make_certificate  # noqa: E402

NAMES = ("ann", "bob")


@pytest.fixture(scope="session")
def needs_redis():
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server: ./dev test gets it")


class Task(Chatd):
    def scrape(self):
        return Scrape(self)

    def health(self):
        url = f"http://127.0.0.1:{self.port}/readyz"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    @property
    def connected(self):
        return self.scrape()["chatd_redis_connected"] == 1

    def notices(self, result):
        return self.scrape()[f'chatd_bus_notices_total{{result="{result}"}}']

    @property
    def refused(self):
        return self.scrape()["chatd_redis_refused_total"]

    def calls(self, operation):
        return self.scrape()[f'chatd_store_calls_total{{operation="{operation}"}}']

    def events(self, name):
        lines = [json.loads(line) for line in self.log.all()]
        return [line for line in lines if line["event"] == name]


def make_task(build, dynamodb, redis, folder, name, rate_limits=False, **more):
    environment = {
        **KEYS,
        "CHATD_STORE": "dynamodb",
        "CHATD_DYNAMODB_ENDPOINT": dynamodb.url,
        "CHATD_TABLE_PREFIX": prefix_of(folder),
        "CHATD_LOG_LEVEL": "debug",
        "CHATD_REDIS_URL": redis.url,
        **more,
    }
    return Task(
        build, folder / name, rate_limits=rate_limits, environment=environment
    )


class Pair:
    """Ann on one task and Bob on another, in one room, with a Redis between."""

    def __init__(self, redis, tasks, channel):
        self.redis = redis
        self.tasks = tasks
        self.channel = channel
        self.wires = []
        self.wait_connected()
        for name, task in zip(NAMES, tasks, strict=True):
            wire = Wire(task.url)
            wire.hello(name)
            wire.join("lobby")
            self.wires.append(wire)
        self.ann, self.bob = self.wires
        self.talk("hello")

    def close(self):
        for wire in self.wires:
            wire.close()
        for task in self.tasks:
            task.stop()
        self.redis.kill()

    def wait_connected(self):
        for task in self.tasks:
            wait_until(lambda task=task: task.connected, "the task to be connected")

    def wait_lost(self):
        for task in self.tasks:
            wait_until(lambda task=task: not task.connected, "the loss to be seen")

    def say(self, text):
        """Each says it, and that is acknowledged."""
        for wire in self.wires:
            wire.send("lobby", text)

    def hear(self, text):
        """Both have it from both."""
        for wire in self.wires:
            for name in NAMES:
                wire.take(
                    "message",
                    lambda e, n=name: e["text"] == text and e["from"]["name"] == n,
                )

    def talk(self, text):
        self.say(text)
        self.hear(text)

    def check_bus(self, text):
        """What is said comes over the bus."""
        before = [task.notices("received") for task in self.tasks]
        self.talk(text)
        for task, count in zip(self.tasks, before, strict=True):
            wait_until(
                lambda task=task, count=count: task.notices("received") > count,
                "a notice",
            )

    def check_logs(self, *texts):
        """One log, without gaps, in which both have said these."""
        logs = [wire.log("lobby") for wire in self.wires]
        assert logs[0] == logs[1]
        assert [e["seq"] for e in logs[0]] == list(range(1, len(logs[0]) + 1))
        said = [(e["from"]["name"], e.get("text")) for e in logs[0]]
        for text in texts:
            assert sorted(name for name, other in said if other == text) == [*NAMES]


@contextlib.contextmanager
def run_pair(build, dynamodb, tls=None, **more):
    """Each task must end well."""
    with tempfile.TemporaryDirectory(prefix="chat-") as path:
        folder = pathlib.Path(path)
        certificate = make_certificate(folder, "redis") if tls else None
        if tls:
            more["CHATD_REDIS_CA"] = str(certificate[0])
        redis = Server(folder, prefix_of(folder), tls=certificate)
        tasks = [
            make_task(build, dynamodb, redis, folder, name, **more) for name in NAMES
        ]
        for task in tasks:
            task.start()
        pair = Pair(redis, tasks, f"{prefix_of(folder)}bus")
        yield pair
        pair.close()


@pytest.fixture(scope="session")
def shared_pair(build, dynamodb, needs_redis):
    with run_pair(build, dynamodb) as pair:
        yield pair


@pytest.fixture
def pair(shared_pair):
    """Connected, with nothing left of the test before."""
    shared_pair.wait_connected()
    for wire in shared_pair.wires:
        wire.settle()
        wire.events.clear()
    return shared_pair


@pytest.fixture
def own_pair(build, dynamodb, needs_redis):
    with run_pair(build, dynamodb) as pair:
        yield pair


@pytest.fixture
def strict_pair(build, dynamodb, needs_redis):
    """Tasks that limit rates."""
    with run_pair(build, dynamodb, rate_limits=True) as pair:
        yield pair


@pytest.fixture
def tls_pair(build, dynamodb, needs_redis):
    with run_pair(build, dynamodb, tls=True) as pair:
        yield pair


@pytest.fixture
def stranger(build, dynamodb, needs_redis, folder):
    """A task that trusts others than those of its Redis' certificate."""
    redis = Server(folder, prefix_of(folder), tls=make_certificate(folder, "redis"))
    other, _ = make_certificate(folder, "other")
    task = make_task(build, dynamodb, redis, folder, "ann", CHATD_REDIS_CA=str(other))
    task.start()
    yield task
    task.stop()
    redis.kill()
