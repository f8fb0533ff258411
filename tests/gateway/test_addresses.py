"""Whose address counts, where only a connect has it: behind CloudFront."""

import itertools

import pytest
from integration import Client

KEEP = {"X-Keep-Source-Ip": "yes", "Sec-WebSocket-Protocol": "chat.v1"}
GUESSES_AT_ONCE = 10  # of an address: core/rate.c
NAMES = (f"guest{number}" for number in itertools.count(1))


@pytest.fixture
def chatd(start_chatd):
    return start_chatd(rate_limits=True)


@pytest.fixture
def tasks(start_tasks):
    return start_tasks(rate_limits=True)


class Viewer(Client):
    """Its address is said once; then API Gateway has CloudFront's alone."""

    def __init__(self, *servers, address):
        super().__init__(*servers, address=address)
        self.answer = self.connect(**KEEP)
        self._address = "-"

    def may_guess(self, server=None):
        """Whether a password was looked at; each is of another account."""
        login = {"user": next(NAMES), "password": "a wrong one"}
        code = self.request("hello", server, version=1, login=login)["error"]["code"]
        assert code in ("unauthorized", "rate_limited")
        return code == "unauthorized"


def guesses(address, first, then):
    """Of as many viewers as guesses, and one more."""
    return [Viewer(first, address=address).may_guess(then) for _ in range(GUESSES_AT_ONCE + 1)]


ENOUGH = [True] * GUESSES_AT_ONCE + [False]


def test_the_handshake_is_answered_as_others(chatd):
    status, headers, body = Viewer(chatd, address="198.51.100.1").answer
    assert (status, headers["Sec-WebSocket-Protocol"], body) == (200, "chat.v1", b"")


def test_a_connect_without_an_address_is_answered(chatd):
    status, *_ = Viewer(chatd, address="none").answer
    assert status == 200


def test_a_body_of_a_connect_is_no_message(chatd):
    client = Client(chatd)
    body = b'{"action":"hello","id":1,"guest":"ann","key":"hello-000001","version":1}'
    status, _, answer = client.post("connect", body, KEEP)
    assert (status, answer) == (200, b"")


def test_guesses_of_an_address_have_a_limit(chatd):
    assert guesses("198.51.100.2", chatd, chatd) == ENOUGH
    assert Viewer(chatd, address="198.51.100.3").may_guess()


def test_the_address_is_known_to_all_tasks(tasks):
    """Told to blue, counted by green."""
    blue, green = tasks
    assert guesses("198.51.100.4", blue, green) == ENOUGH
    assert Viewer(blue, address="198.51.100.5").may_guess(green)


def test_the_row_keeps_the_address_at_a_sign_in(tasks, dynamodb):
    """Which writes it anew, and makes rows of rooms and of the user."""
    blue, green = tasks
    viewer = Viewer(blue, address="198.51.100.6")
    prefix = blue.environment["CHATD_TABLE_PREFIX"]
    key = {"topic": {"S": f"connection:{viewer.id}"}, "id": {"S": viewer.id}}

    def row():
        found = dynamodb.call("GetItem", TableName=f"{prefix}connections", Key=key)
        return found["Item"]

    before = row()
    assert "user" not in before
    viewer.hello("erin", green)
    assert row()["user"]["N"] == viewer.user
    assert row()["address"] == before["address"]
    assert viewer.request("ping", blue)["ok"]["heads"] == {}


@pytest.mark.parametrize("said", ["no", "", "Yes please"])
def test_only_where_it_is_to_be_kept(chatd, said):
    """Messages of others have their own."""
    client = Client(chatd, address="198.51.100.7")
    status, *_ = client.connect(**{**KEEP, "X-Keep-Source-Ip": said})
    assert status == 200
    client.hello("dave")
