"""What the emulator does by chance."""

import json

import pytest
from gateway.chaos import BadChaos, Chaos, parse
from gateway.throttle import TokenBucket
from websockets.exceptions import ConnectionClosed


def echo(asked):
    return 200, asked.body, {}


def test_the_same_seed_does_the_same():
    def play(seed):
        chaos = Chaos("drop=0.5,fail=0.2", 10, seed)
        return [(chaos.happens("drop"), chaos.happens("fail")) for _ in range(100)]

    assert play(1) == play(1)
    assert play(1) != play(2)


@pytest.mark.parametrize("text", ["rain=1", "drop", "drop=x", "drop=2"])
def test_what_is_not_understood_is_refused(text):
    with pytest.raises(BadChaos):
        parse(text)


def test_a_bucket_fills_with_time():
    now = [0.0]
    bucket = TokenBucket(10, 2, lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 100.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def test_drop(start, backend):
    with start(chaos="drop=1").connect() as client:
        connection = backend.next("connect").connection
        client.send("{}")
        client.ping().wait(30)
    assert backend.next("disconnect").connection == connection  # and no message


def test_duplicate(start, backend):
    backend.answers_messages(echo)
    with start(chaos="duplicate=1").connect() as client:
        client.send("x")
        got = [client.recv(timeout=30) for _ in range(4)]  # two times two
    assert got == ["x"] * 4


def test_fail(start, backend):
    gateway = start(chaos="fail=1")
    with gateway.connect() as client:
        connection = backend.next("connect").connection
        client.send("x")
        frame = json.loads(client.recv(timeout=30))
        assert frame["message"] == "Internal server error"
        assert gateway.callback("POST", connection, "x") == 500


def test_slow(start, backend):
    gateway = start(chaos="slow=1")
    with gateway.connect():
        connection = backend.next("connect").connection
        assert gateway.callback("POST", connection, "x") == 429


def test_cut(start, backend):
    with start(chaos="cut=1").connect() as client:
        client.send("x")
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=30)
    assert closed.value.rcvd is None
    backend.next("disconnect")


def test_delay_reorders(start, backend):
    backend.answers_messages(echo)
    with start(chaos="delay=1", chaos_milliseconds=300).connect() as client:
        sent = [str(number) for number in range(30)]
        for text in sent:
            client.send(text)
        got = [client.recv(timeout=30) for _ in sent]
    assert got != sent
    assert sorted(got) == sorted(sent)
