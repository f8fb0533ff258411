"""A running chatd whose storage fails: nothing is acknowledged that is not
kept, clients are told, and it goes on by itself once the cause is gone."""

import errno
import mmap
import os
import struct
import subprocess

import pytest
from drivers.chatd import Chatd
from drivers.programs import SdkProgram
from drivers.wire import Wire, new_key

# struct medium_fault and enum medium_call of medium.h
FIELDS = struct.Struct("=6i")
OPEN, WRITE, TRUNCATE, SYNC, UNLINK = 1, 2, 4, 8, 16
FOR_EVER = 1 << 30

CAUSES = {
    "a full disk": (WRITE | TRUNCATE, errno.ENOSPC),
    "failing writes": (WRITE, errno.EIO),
    "failing syncs": (SYNC, errno.EIO),
    "a read-only file system": (OPEN | WRITE | TRUNCATE | UNLINK, errno.EROFS),
}


class Fault:
    """Shared with the preloaded library in the server."""

    def __init__(self, path):
        path.write_bytes(bytes(FIELDS.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), FIELDS.size)

    def begin(self, kinds, error, times=FOR_EVER):
        self._memory[4 : FIELDS.size] = struct.pack("=5i", error, 0, times, 0, 0)
        self._memory[:4] = struct.pack("=i", kinds)

    def end(self):
        self._memory[:4] = bytes(4)

    @property
    def hits(self):
        return FIELDS.unpack(self._memory[:])[5]


@pytest.fixture
def fault(folder):
    return Fault(folder / "fault")


@pytest.fixture
def chatd(build, folder, fault):
    data = folder / "data"
    options = os.environ.get("ASAN_OPTIONS", "")
    environment = {
        "LD_PRELOAD": str(build / "tests/crash/libmedium_preload.so"),
        "CHAT_MEDIUM_PREFIX": str(data / "chat.db"),
        "CHAT_MEDIUM_FAULT": str(folder / "fault"),
        "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0",
    }
    server = Chatd(build, data, environment=environment)
    server.start()
    yield server
    fault.end()
    server.stop()


@pytest.fixture
def connect(chatd):
    opened = []

    def open_wire():
        opened.append(Wire(chatd.url))
        return opened[-1]

    yield open_wire
    for wire in opened:
        wire.close()


def sign_in(connect, name):
    wire = connect()
    wire.hello(name)
    wire.join("lobby")
    return wire


def texts(entries):
    return [entry["text"] for entry in entries if "text" in entry]


def verify(build, server):
    database = server.data / "chat.db"
    command = [build / "server/chatctl", "verify", database]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("cause", CAUSES)
def test_storage_fails_and_comes_back(build, chatd, connect, fault, cause):
    ann, bob = sign_in(connect, "ann"), sign_in(connect, "bob")
    before = ann.send("lobby", "before")["seq"]
    key = new_key()
    fault.begin(*CAUSES[cause])
    for _ in range(3):
        assert ann.refused("send", room="lobby", key=key, text="during") == "storage"
    assert fault.hits > 0
    # What was there can be read, and who was there comes in.
    assert texts(bob.log("lobby")) == ["before"]
    again = connect()
    again.hello_token(ann.hello_reply["token"])
    stranger = connect()
    refused = stranger.refused("hello", version=1, guest="eve", key=new_key())
    assert refused == "storage"
    bob.settle()
    assert "during" not in texts(bob.events)

    fault.end()
    during = ann.send("lobby", "during", key=key)
    assert during["seq"] == before + 1
    assert ann.send("lobby", "during", key=key)["dup"] is True
    assert texts(bob.entries("lobby", during["seq"]))[-1] == "during"
    assert chatd.process.poll() is None
    log = bob.log("lobby")
    assert texts(log) == ["before", "during"]

    chatd.kill()
    verify(build, chatd)
    chatd.start()
    assert sign_in(connect, "carl").log("lobby")[: len(log)] == log


def test_a_client_repeats_what_the_storage_refused(build, chatd, connect, folder, fault):
    watcher = sign_in(connect, "watcher")
    program = SdkProgram(build, folder / "sdk", chatd.url, "lobby", "sdk")
    try:
        watcher.wait_joined(["sdk"])
        fault.begin(WRITE, errno.ENOSPC)
        for number in range(5):
            program.say(f"line {number}")
        while fault.hits == 0:
            watcher.settle()
        fault.end()
        assert all("sent" in value for value in program.wait_sent())
    finally:
        program.kill()
    # Those refused first may stand behind others that were under way.
    assert sorted(texts(watcher.log("lobby"))) == [f"line {n}" for n in range(5)]
    verify(build, chatd)
