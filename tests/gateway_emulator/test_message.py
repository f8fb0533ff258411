"""Messages of clients: integrations, route responses, limits."""

import json
import threading

import pytest
from backend import accept
from websockets.exceptions import ConnectionClosed


def echo(asked):
    return 200, asked.body, {}


def closed_by(client):
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=30)
    return closed.value.rcvd.code


def check_error_frame(text, connection):
    frame = json.loads(text)
    assert frame["message"] == "Internal server error"
    assert frame["connectionId"] == connection
    assert frame["requestId"]
    assert text.startswith('{"message": "Internal server error", "connectionId":"')


def test_the_body_is_the_message_and_the_answer_a_frame(gateway, backend):
    backend.answers_messages(echo)
    with gateway.connect() as client:
        client.send('{"action":"x","text":"\u00e4"}')
        assert client.recv(timeout=30) == '{"action":"x","text":"\u00e4"}'
    asked = backend.next("message")
    assert asked.headers["x-event-type"] == "MESSAGE"
    assert asked.headers["x-connected-at"].isdigit()


@pytest.mark.parametrize("kind", ["none", "application/json"])
def test_the_type_of_a_message(start, backend, kind):
    with start(message_type=kind).connect() as client:
        client.send("{}")
        asked = backend.next("message")
    assert asked.headers.get("content-type", "none") == kind


@pytest.mark.parametrize("choice", ["nothing", "frame"])
def test_an_answer_without_a_body(start, backend, choice):
    backend.answers_messages(lambda a: echo(a) if a.body == "end" else accept(a))
    with start(empty_response=choice).connect() as client:
        client.send("{}")
        if choice == "frame":
            assert client.recv(timeout=30) == ""
        client.send("end")
        assert client.recv(timeout=30) == "end"


@pytest.mark.parametrize("choice", ["error", "body", "nothing"])
def test_an_answer_that_is_not_2xx(start, backend, choice):
    backend.answers_messages(
        lambda a: echo(a) if a.body == "end" else (500, "broken", {})
    )
    with start(non_2xx=choice).connect() as client:
        connection = backend.next("connect").connection
        client.send("{}")
        if choice == "error":
            check_error_frame(client.recv(timeout=30), connection)
        elif choice == "body":
            assert client.recv(timeout=30) == "broken"
        client.send("end")
        assert client.recv(timeout=30) == "end"


def test_a_backend_that_is_too_slow(start, backend, wait):
    backend.answers_messages(lambda asked: (wait.wait(30), accept(asked))[1])
    with start(integration_seconds=20, time_scale=100).connect() as client:
        connection = backend.next("connect").connection
        client.send("{}")
        check_error_frame(client.recv(timeout=30), connection)
        wait.set()
        client.send("{}")  # the connection is open still


def test_a_backend_that_breaks_off(gateway, backend):
    def break_off(asked):
        raise ConnectionAbortedError

    backend.answers_messages(break_off)
    with gateway.connect() as client:
        connection = backend.next("connect").connection
        client.send("{}")
        check_error_frame(client.recv(timeout=30), connection)


def test_messages_do_not_wait_for_each_other(gateway, backend):
    """The first is answered once the second is with the backend."""
    second = threading.Event()

    def answer(asked):
        if asked.body == "second":
            second.set()
        assert second.wait(30)
        return echo(asked)

    backend.answers_messages(answer)
    with gateway.connect() as client:
        client.send("first")
        client.send("second")
        got = {client.recv(timeout=30), client.recv(timeout=30)}
    assert got == {"first", "second"}


def test_answers_come_as_they_are_ready(gateway, backend, wait):
    def answer(asked):
        if asked.body == "first":
            wait.wait(30)
        return echo(asked)

    backend.answers_messages(answer)
    with gateway.connect() as client:
        client.send("first")
        client.send("second")
        assert client.recv(timeout=30) == "second"
        wait.set()
        assert client.recv(timeout=30) == "first"


def test_frames_and_messages_have_a_limit(gateway, backend):
    backend.answers_messages(lambda asked: (200, str(len(asked.body)), {}))
    with gateway.connect() as client:
        client.send("x" * 32768)
        assert client.recv(timeout=30) == "32768"
        client.send("x" * 32768 for _ in range(4))
        assert client.recv(timeout=30) == "131072"


@pytest.mark.parametrize(
    "message", ["x" * 32769, ["x" * 32768] * 5], ids=["frame", "message"]
)
def test_too_large_is_1009(gateway, message):
    with gateway.connect() as client:
        client.send(message)
        assert closed_by(client) == 1009


def test_binary_is_1003(gateway, backend):
    with gateway.connect() as client:
        client.send(b"x")
        assert closed_by(client) == 1003
    backend.next("disconnect")


@pytest.mark.parametrize("choice", ["frame", "close"])
def test_too_many_messages(start, backend, choice):
    gateway = start(requests_per_second=0.001, requests_burst=1, throttled=choice)
    backend.answers_messages(echo)
    with gateway.connect() as client:
        client.send("first")
        assert client.recv(timeout=30) == "first"
        client.send("second")
        if choice == "close":
            assert closed_by(client) == 1008
        else:
            assert "Too Many Requests" in client.recv(timeout=30)
