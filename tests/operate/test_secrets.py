"""Nothing that users keep to themselves is in the log, whatever they do.

Each secret has the word MARK in it, in every place where a client may put one;
then a whole log at the level debug, and standard output, must not have MARK.
"""

import base64
import contextlib
import errno
import itertools
import json
import os
import re
import socket
import time

import pytest
from conftest import ROOT
from drivers.chatd import Chatd
from drivers.wire import Refused
from log_lines import DEBUG
from served import Stall
from test_storage import OPEN, SYNC, TRUNCATE, WRITE, Fault
from websockets.exceptions import ConnectionClosed, InvalidStatus

MARK = "hush7Qz"
numbers = itertools.count()


def secret():
    return f"{MARK}{next(numbers)}"


@contextlib.contextmanager
def run(build, tmp_path, **more):
    server = Chatd(
        build,
        tmp_path / "data",
        options=[*DEBUG, "--trusted-proxies", "127.0.0.1", "--emf", "on"],
        **more,
    )
    with (tmp_path / "stdout").open("wb") as server.stdout:
        server.start()
        yield server
        server.stop()


@pytest.fixture
def server(build, tmp_path):
    with run(build, tmp_path, rate_limits=True) as server:
        yield server


def said(server, tmp_path):
    """All that it wrote until its end."""
    server.stop()
    metrics = (tmp_path / "stdout").read_text()
    assert metrics
    return "\n".join(server.log.all()) + "\n" + metrics


def assert_kept(server, tmp_path, *secrets):
    text = said(server, tmp_path)
    for kept in (MARK, MARK[::-1], *secrets):
        for form in kept, base64.b64encode(kept.encode())[:-4].decode():
            assert form not in text, [x for x in text.splitlines() if form in x]
    return [json.loads(line) for line in text.splitlines()]


def keyed(wire, action, **body):
    return wire.ask(action, key=secret(), **body)


def live_a_life(server, connect):
    """Every action there is; the tokens that were given."""
    ann, bob, cat = connect(server), connect(server), connect(server)
    credential = {"user": "Ann", "password": secret()}
    made = ann.ask("hello", version=1, register=credential, key=secret())
    bob.hello("bob", key=secret())
    again = cat.ask("hello", version=1, login=credential)
    user = bob.user["id"]
    for wire in ann, bob:
        wire.join("den", create=True, key=secret())
    ref = ann.send("den", secret(), key=secret())["seq"]
    keyed(ann, "send", room="den", text=f"{secret()} to you", mentions=[user])
    keyed(ann, "edit", room="den", ref=ref, text=secret())
    keyed(bob, "react", room="den", ref=ref, emoji="👍", on=True)
    keyed(ann, "topic", room="den", topic=secret())
    bob.ask("typing", room="den")
    bob.ask("presence", state="away")
    bob.ask("read", room="den", seq=ref)
    bob.ask("history", room="den", after=0)
    bob.ask("members", room="den")
    bob.ask("rooms")
    bob.ask("ping")
    keyed(ann, "delete", room="den", ref=ref)
    keyed(ann, "role", room="den", user=user, role="moderator")
    keyed(ann, "kick", room="den", user=user, reason=secret())
    keyed(ann, "invite", room="den", user=user)
    keyed(ann, "ban", room="den", user=user, on=True, reason=secret())
    keyed(ann, "dm", user=user)
    ann.send(f"dm.{made['user']['id']}.{user}", secret(), key=secret())
    keyed(bob, "leave", room="lobby")
    change = {"old": credential["password"], "new": secret()}
    changed = ann.ask("password", **change)
    back = connect(server)
    back.hello_token(changed["token"], resume=[])
    back.ask("logout", all=True)
    tokens = [reply["token"] for reply in (made, again, changed, bob.hello_reply)]
    return tokens


def actions_of_the_protocol():
    text = (ROOT / "protocol/request.h").read_text()
    names = re.findall(r"CHAT__ACTION_(\w+)[,;]", text.split("};")[0])
    return {name.lower() for name in names} - {"count"}


def test_what_users_do(server, connect, tmp_path):
    tokens = live_a_life(server, connect)
    lines = assert_kept(server, tmp_path, *tokens)
    answered = {line.get("action") for line in lines if line.get("event") == "request"}
    assert actions_of_the_protocol() <= answered


def refuse_everything(server, connect):
    ann = connect(server)
    ann.hello("ann", key=secret())
    bodies = [
        {"action": "send", "room": "none", "key": secret(), "text": secret()},
        {"action": "send", "room": "lobby", "key": secret(), "text": secret() * 900},
        {"action": "send", "room": "lobby", "key": secret() * 20, "text": "x"},
        {"action": "send", "room": "lobby", "key": [secret()], "text": [secret()]},
        {"action": "edit", "room": "lobby", "key": secret(), "ref": 1, "text": MARK},
        {"action": "topic", "room": "lobby", "key": secret(), "topic": secret()},
        {"action": "ban", "room": "lobby", "key": secret(), "user": "9", "on": True},
        {"action": "password", "old": secret(), "new": secret()},
        {"action": "password", "old": secret()},
        {"action": "history", "room": "lobby", "after": secret()},
        {"action": "hello", "version": 1, "token": secret()},
        {"action": secret(), "text": secret()},
        {"text": secret(), "password": secret()},
        {secret(): secret()},
    ]
    for body in bodies:
        ann.settle()  # ten refusals in a row would end it
        request = ann.post("ping")
        ann.send_frame(json.dumps({"id": request + 1000, **body}))
        assert "error" in ann.reply(request + 1000), body
    stranger = connect(server)
    assert stranger.refused("hello", version=9, token=secret()) == "version"


def break_every_frame(server, connect):
    text = secret()
    frames = [
        f"{text}",
        f'{{"action":"send","text":"{text}"',
        f'{{"action":"send","text":"{text}\x01"}}',
        f'{{"action":"send","text":"{text}","text":"{text}"}}',
        f'{{"action":"hello","token":"{text}\\ud800"}}',
        f'{{"action":"hello","password":{"[" * 20}"{text}"{"]" * 20}}}',
        f'"{text}"',
        text.encode(),
        f'{{"text":"{text * 4000}"}}',
    ]
    for frame in frames:
        wire = connect(server)
        with contextlib.suppress(ConnectionClosed):
            for _ in range(10):
                wire.send_frame(frame)
            wire.wait_closed()


def guess(server, connect):
    """Wrong passwords until they are too many."""
    wire = connect(server)
    codes = set()
    for _ in range(8):
        credential = {"user": "Ann", "password": secret()}
        codes.add(wire.refused("hello", version=1, login=credential))
    assert codes == {"unauthorized", "rate_limited"}
    with pytest.raises(Refused):
        credential = {"user": "Bob", "password": secret() * 600}
        wire.ask("hello", version=1, register=credential, key=secret())


def shake_hands_badly(server, connect):
    headers = {
        "Authorization": f"Bearer {secret()}",
        "Cookie": f"token={secret()}",
        "X-Request-Id": f"{secret()} {secret()}",
        "Origin": f"https://{secret()}.example",
    }
    with pytest.raises(InvalidStatus):
        connect(server, additional_headers=headers)
    requests = [
        f"GET /ws?token={secret()} HTTP/1.1\r\nHost: x\r\n\r\n",
        f"GET /{secret()} HTTP/1.1\r\nHost: x\r\nCookie: {secret()}\r\n\r\n",
        f"POST /ws HTTP/1.1\r\nContent-Length: 9\r\n\r\n{secret()}",
        f"{secret()}\r\n\r\n",
        f"GET / HTTP/9.9\r\n{secret()}: {secret()}\r\n{secret()}\r\n\r\n",
        f"GET / HTTP/1.1\r\nX: {secret() * 900}\r\n\r\n",
    ]
    for request in requests:
        with socket.create_connection(("127.0.0.1", server.port), 20) as peer:
            with contextlib.suppress(OSError):
                peer.sendall(request.encode())
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(65536):
                    pass


def test_what_is_refused_or_malformed(server, connect, tmp_path):
    refuse_everything(server, connect)
    break_every_frame(server, connect)
    guess(server, connect)
    shake_hands_badly(server, connect)
    lines = assert_kept(server, tmp_path)
    results = {line.get("result") for line in lines}
    assert results >= {
        *("bad_request", "unauthorized", "forbidden", "not_found"),
        *("rate_limited", "too_large", "version"),
    }


# ---- a store that is not well ----


@pytest.fixture
def fault(folder):
    return Fault(folder / "fault")


@pytest.fixture
def failing(build, tmp_path, folder, fault):
    """A server whose storage fails when the fault begins."""
    options = os.environ.get("ASAN_OPTIONS", "")
    environment = {
        "LD_PRELOAD": str(build / "tests/crash/libmedium_preload.so"),
        "CHAT_MEDIUM_PREFIX": str(tmp_path / "data/chat.db"),
        "CHAT_MEDIUM_FAULT": str(folder / "fault"),
        "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
    }
    with run(build, tmp_path, environment=environment) as server:
        yield server
        fault.end()


def ask_what_is_written(ann, user, stranger, credential, ref):
    """What the store writes for; the codes that refuse it."""
    change = {"old": credential["password"], "new": secret()}
    bodies = [
        ("send", {"room": "den", "text": secret(), "key": secret()}),
        ("edit", {"room": "den", "ref": ref, "text": secret(), "key": secret()}),
        ("delete", {"room": "den", "ref": ref, "key": secret()}),
        ("topic", {"room": "den", "topic": secret(), "key": secret()}),
        ("invite", {"room": "den", "user": user, "key": secret()}),
        ("password", change),
    ]
    codes = {ann.refused(action, **body) for action, body in bodies}
    made = {"user": "Bob", "password": secret()}
    codes.add(stranger.refused("hello", version=1, register=made, key=secret()))
    codes.add(stranger.refused("hello", version=1, guest="eve", key=secret()))
    codes.add(stranger.refused("hello", version=1, login=credential))
    return codes


@pytest.mark.parametrize(
    ("kinds", "error"),
    [
        (WRITE | TRUNCATE, errno.ENOSPC),
        (SYNC, errno.EIO),
        (OPEN | WRITE | TRUNCATE, errno.EROFS),
    ],
    ids=["full", "syncs", "read-only"],
)
def test_what_a_failing_store_refuses(failing, fault, connect, tmp_path, kinds, error):
    ann = connect(failing)
    credential = {"user": "Ann", "password": secret()}
    made = ann.ask("hello", version=1, register=credential, key=secret())
    bob, stranger = connect(failing), connect(failing)
    user = bob.hello("bob", key=secret())["user"]["id"]
    ann.join("den", create=True, key=secret())
    ref = ann.send("den", secret(), key=secret())["seq"]
    fault.begin(kinds, error)
    codes = ask_what_is_written(ann, user, stranger, credential, ref)
    fault.end()
    assert codes == {"storage"}
    lines = assert_kept(failing, tmp_path, made["token"])
    assert "store" in {line.get("event") for line in lines}
    assert "storage" in {line.get("result") for line in lines}


def test_what_a_slow_store_holds_up(build, tmp_path, folder, connect):
    stall = Stall(build, folder)
    with run(build, tmp_path, environment=stall.environment) as server:
        ann = connect(server)
        ann.hello("ann", key=secret())
        ann.join("den", create=True, key=secret())
        with stall.held():
            request = ann.post("send", room="den", text=secret(), key=secret())
            ann.settle()
            time.sleep(1.2)  # what is slow has to be
        assert "ok" in ann.reply(request)
        lines = assert_kept(server, tmp_path)
    slow = [line for line in lines if line.get("event") == "slow_request"]
    assert [line["action"] for line in slow] == ["send"]
    assert slow[0]["level"] == "warning"
    assert slow[0]["ms"] >= slow[0]["store_ms"] > 1000


def test_a_name_would_be_found(server, connect, tmp_path):
    """What is no secret is in the log, so the others would be seen there."""
    connect(server).hello(MARK)
    assert MARK in said(server, tmp_path)
