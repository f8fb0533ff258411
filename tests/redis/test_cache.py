"""The cache says what it was told, or that it does not know, in time."""

import pathlib
import shutil
import subprocess
import tempfile

import pytest
from drivers.lines import DEADLINE, Lines, wait_until
from server import Server

PREFIX = "chat-"
LONG = 60_000


class Program:
    def __init__(self, build, redis):
        self._process = subprocess.Popen(
            [build / "tests/redis/cache", redis.url, PREFIX],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines = Lines(self._process.stdout)
        self._taken = 0

    def line(self):
        """The next that it says."""
        at = self._taken
        wait_until(lambda: len(self._lines.all()) > at, "an answer")
        self._taken += 1
        return self._lines.all()[at]

    def say(self, *words):
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()

    def ask(self, *words):
        self.say(*words)
        return self.line()

    def end(self):
        self._process.stdin.close()
        return self._process.wait(DEADLINE)


@pytest.fixture(scope="module")
def shared():
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server: ./dev test gets it")
    with tempfile.TemporaryDirectory(prefix="chat-") as path:
        redis = Server(pathlib.Path(path), PREFIX)
        yield redis
        redis.kill()


@pytest.fixture
def redis(shared):
    shared.command("FLUSHALL")
    return shared


@pytest.fixture
def cache(build, redis):
    program = Program(build, redis)
    assert program.line() == "reached"
    yield program
    assert program.end() == 0


def test_values(cache):
    assert cache.ask("get", "a") == "missing"
    assert cache.ask("set", "a", "one", LONG) == "found"
    assert cache.ask("get", "a") == "found one"
    assert cache.ask("set", "a", "two", LONG) == "found"
    assert cache.ask("get", "a") == "found two"
    assert cache.ask("remove", "a") == "found"
    assert cache.ask("get", "a") == "missing"


def test_sets(cache):
    assert cache.ask("members", "s") == "missing"
    for member in ("x", "y", "x"):
        assert cache.ask("add", "s", member, LONG) == "found"
    assert sorted(cache.ask("members", "s").split()) == ["found", "x", "y"]
    assert cache.ask("drop", "s", "x") == "found"
    assert cache.ask("members", "s") == "found y"
    assert cache.ask("drop", "s", "y") == "found"
    assert cache.ask("members", "s") == "missing"


def test_all_has_an_end(cache, redis):
    cache.ask("set", "a", "one", LONG)
    cache.ask("add", "s", "x", LONG)
    keys = redis.command("KEYS", "*")
    assert sorted(keys) == [b"chat-cache:a", b"chat-cache:s"]
    for key in keys:
        assert 0 < redis.command("PTTL", key) <= LONG


def test_what_is_too_long_is_not_kept(cache):
    assert cache.ask("set", "a", "x" * 32769, LONG) == "unknown"
    assert cache.ask("set", "a", "x" * 32768, LONG) == "found"
    assert cache.ask("add", "s", "x" * 257, LONG) == "unknown"
    assert cache.ask("get", "k" * 257) == "refused"


def test_a_set_that_is_too_large_is_not_known(cache, redis):
    redis.command("SADD", "chat-cache:s", *range(5000))
    assert cache.ask("members", "s") == "unknown"


def test_what_a_liar_puts_there_is_not_known(cache, redis):
    cache.ask("set", "a", "mine", LONG)
    cache.ask("add", "s", "mine", LONG)
    # A value of another key, one that was changed, one of another kind.
    redis.command("COPY", "chat-cache:a", "chat-cache:b")
    assert cache.ask("get", "b") == "unknown"
    redis.command("SETRANGE", "chat-cache:a", "16", "M")
    assert cache.ask("get", "a") == "unknown"
    redis.command("SET", "chat-cache:a", "x")
    assert cache.ask("get", "a") == "unknown"
    assert cache.ask("get", "s") == "unknown"
    # What stands beside a member of theirs is left out.
    redis.command("SADD", "chat-cache:s", "made up", bytes(16) + b"theirs")
    assert cache.ask("members", "s") == "found mine"


def test_a_redis_that_hangs_is_not_waited_for(cache, redis):
    cache.ask("set", "a", "one", LONG)
    redis.hang()
    try:
        # Answered long before the connection is given up, which is told.
        for _ in range(5):
            cache.say("get", "a")
        assert [cache.line() for _ in range(5)] == ["unknown"] * 5
        for _ in range(50):
            assert cache.ask("get", "a") in ("unknown", "lost")
    finally:
        redis.go_on()
    wait_until(lambda: cache.ask("get", "a") == "found one", "it to come back")


def test_a_redis_that_is_gone_is_not_waited_for(cache, redis):
    redis.kill()
    assert cache.line() == "lost"
    for _ in range(50):
        assert cache.ask("get", "a") == "unknown"
    redis.start()
    assert cache.line() == "reached"
    assert cache.ask("set", "a", "one", LONG) == "found"


def test_more_than_a_connection_takes(cache):
    """Beyond the limit they are not known; each has its answer."""
    for _ in range(3000):
        cache.say("get", "a")
    answers = [cache.line() for _ in range(3000)]
    assert set(answers) <= {"missing", "unknown"}
    assert "missing" in answers
