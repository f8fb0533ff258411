"""Accounts over the wire: docs/protocol.md, "hello" and "logout, password"."""

import pytest
from drivers.wire import Refused, Wire, new_key
from websockets.exceptions import InvalidHandshake

PASSWORD = "correct horse"


@pytest.fixture
def account(connect):
    """Makes an account; its client and what hello answered."""

    def register(server, name="Ann", key=None, password=PASSWORD):
        wire = connect(server)
        credential = {"user": name, "password": password}
        wire.hello_reply = wire.ask(
            "hello", version=1, register=credential, key=key or new_key()
        )
        return wire

    return register


def log_in(connect, server, name="Ann", password=PASSWORD):
    wire = connect(server)
    wire.hello_reply = wire.ask(
        "hello", version=1, login={"user": name, "password": password}
    )
    return wire


def refusal_of_login(connect, server, name, password):
    credential = {"user": name, "password": password}
    return connect(server).refused("hello", version=1, login=credential)


def test_an_account_is_found_again(start_chatd, account, connect):
    server = start_chatd()
    made = account(server).hello_reply
    assert made["user"]["name"] == "Ann"
    assert "guest" not in made["user"]
    server.stop()
    server.start()
    again = log_in(connect, server, "ann").hello_reply
    assert again["user"] == made["user"]
    assert connect(server).hello_token(made["token"])["user"] == made["user"]


def test_nobody_and_a_wrong_password_are_one_answer(chatd, account, connect):
    account(chatd)
    assert refusal_of_login(connect, chatd, "Ann", "correct house") == "unauthorized"
    assert refusal_of_login(connect, chatd, "Bob", PASSWORD) == "unauthorized"


@pytest.mark.parametrize("name", ["ann", "ANN", "\u0410nn", "Ann", "\uff21nn"])
def test_a_name_that_looks_like_an_accounts_is_taken(chatd, account, connect, name):
    account(chatd)
    with pytest.raises(Refused, match="name_taken"):
        account(chatd, name)
    wire = connect(chatd)
    assert wire.refused("hello", version=1, guest=name, key="k") == "name_taken"
    assert wire.hello("Anna")["user"]["name"] == "Anna"


def test_register_is_repeated_by_its_key(chatd, account):
    first = account(chatd, key="same").hello_reply
    again = account(chatd, key="same").hello_reply
    assert again["user"] == first["user"]
    assert again["token"] != first["token"]
    with pytest.raises(Refused, match="name_taken"):
        account(chatd, key="same", password="another horse")


def test_ten_wrong_passwords_make_the_next_wait(chatd, account, connect):
    account(chatd)
    for _ in range(10):
        assert refusal_of_login(connect, chatd, "Ann", "wrong horse") == "unauthorized"
    assert refusal_of_login(connect, chatd, "Ann", PASSWORD) == "rate_limited"


def test_logout_ends_the_token(chatd, account, connect):
    ann = account(chatd)
    laptop = log_in(connect, chatd)
    assert ann.ask("logout") == {}
    assert ann.take("close")["code"] == 4500
    assert ann.wait_closed() == 4500
    token = ann.hello_reply["token"]
    assert connect(chatd).refused("hello", version=1, token=token) == "unauthorized"
    laptop.settle()
    other = log_in(connect, chatd)
    laptop.ask("logout", all=True)
    assert laptop.wait_closed() == 4500
    assert other.wait_closed() == 4500


def test_a_new_password_ends_the_other_sessions(chatd, account, connect):
    ann = account(chatd)
    laptop = log_in(connect, chatd)
    new = "another horse"
    assert ann.refused("password", old="wrong horse", new=new) == "unauthorized"
    token = ann.ask("password", old=PASSWORD, new=new)["token"]
    assert laptop.wait_closed() == 4500
    assert refusal_of_login(connect, chatd, "Ann", PASSWORD) == "unauthorized"
    assert log_in(connect, chatd, password=new).hello_reply["user"]["name"] == "Ann"
    assert connect(chatd).hello_token(token)["user"]["name"] == "Ann"
    ann.settle()


def test_guests_have_no_password(chatd, sign_in):
    guest = sign_in(chatd)
    assert guest.refused("password", old=PASSWORD, new=PASSWORD) == "forbidden"


def test_no_password_is_in_the_files(start_chatd, account):
    server = start_chatd()
    account(server)
    server.stop()
    for path in server.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert PASSWORD.encode() not in content
            assert b"Ann" in content or path.name != "chat.db"


def test_a_guest_who_is_gone_leaves(start_chatd, sign_in):
    server = start_chatd(options=("--guest-idle", "2"))
    ann = sign_in(server, "ann", room="lobby")
    bob = sign_in(server, "bob", room="lobby")
    ann.close()
    left = bob.take("leave")
    assert left["from"]["name"] == "ann"
    # Who is here stays, however long ago the server heard of him.
    assert bob.send("lobby", "still here")["seq"] == left["seq"] + 1


def test_presence_comes_and_goes(chatd, sign_in):
    ann = sign_in(chatd, "ann", room="lobby")
    bob = sign_in(chatd, "bob", room="lobby")
    bob.ask("presence", state="dnd")

    def says_dnd(event):
        return {"id": bob.user["id"], "presence": "dnd"} in event["users"]

    assert ann.take("presence", says_dnd)["room"] == "lobby"


def test_a_drain_is_announced_and_served(start_chatd, sign_in):
    server = start_chatd(options=("--drain-spread", "60"))
    ann = sign_in(server, "ann", room="lobby")
    server.process.terminate()
    drain = ann.take("drain")
    assert drain["reason"] == "shutdown"
    assert drain["reconnect_in_ms"] == 0
    assert drain["spread_ms"] == 60000
    assert ann.send("lobby", "still served")["seq"] == 2
    with pytest.raises((OSError, InvalidHandshake)):
        Wire(server.url)
    ann.close()
    assert server.process.wait(30) == 0
