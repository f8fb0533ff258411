#!/usr/bin/env python3
"""check.py ROOT PACKAGE.deb... SOURCE.dsc: the packages, as a user meets them.

ROOT is one of root.py. Called by `./dev package check` as root, with a network
and mounts of its own; prints a line for each step, and ends at the first that
does not hold.
"""

import contextlib
import fcntl
import json
import pathlib
import re
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import urllib.request

import previous
from root import Root, field
from service import Service

SIOCSIFFLAGS, IFF_UP = 0x8914, 1
SECONDS = "60"
ADDRESS = "127.0.0.1:7100"
CONFIGURATION = "/etc/chatd/chatd.conf"
DATABASE = "/var/lib/chatd/chat.db"
# Makes a database as a chatd of the second schema left it.
OLDER = """
ALTER TABLE users DROP COLUMN banned;
DROP INDEX entries_key;
CREATE UNIQUE INDEX entries_key ON entries (room, user, key);
PRAGMA user_version = 2;
"""


def raise_loopback():
    request = struct.pack("16sH14s", b"lo", IFF_UP, b"")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, request)


def listening():
    """Addresses and ports of this network, as the kernel writes them."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    lines += pathlib.Path("/proc/net/tcp6").read_text().splitlines()[1:]
    states = [line.split() for line in lines]
    return {words[1] for words in states if words[3] == "0A"}


def expect(holds, text):
    if not holds:
        raise AssertionError(text)


class Check:
    def __init__(self, root, debs, source):
        self.root = Root(root)
        self.debs = debs
        self.source = source
        self.names = [field(deb, "Package") for deb in debs]
        self.service = None
        self.before = None

    # ---- what people do ----

    def say(self, text, name="ann"):
        command = ["timeout", SECONDS, "chat-tui", "--headless", "--name", name]
        return self.root.run(*command, user="nobody", input=text + "\n")

    def heard(self, text):
        command = ["timeout", SECONDS, "chat-tui", "--headless", "--history", "50"]
        output = self.root.run(*command, "--name", "reader", user="nobody", input="")
        entries = [json.loads(line) for line in output.splitlines()]
        return text in [entry.get("text") for entry in entries]

    def start(self):
        service = Service(self.root, "chatd")
        service.start()
        self.service = service

    def stop(self):
        service, self.service = self.service, None
        status = service.stop()
        expect(status == 0, f"chatd ended with {status}: {service.log.read_text()}")

    def age(self):
        with contextlib.closing(sqlite3.connect(self.root.path(DATABASE))) as database:
            database.executescript(OLDER)

    def owner(self, path):
        return self.root.run("stat", "--format", "%U %G %a", path).strip()

    # ---- steps ----

    def installs(self):
        """an earlier version installs"""
        self.root.mount()
        raise_loopback()
        self.before = self.root.files()
        with tempfile.TemporaryDirectory() as folder:
            self.root.install([previous.make(deb, folder) for deb in self.debs])
        versions = self.root.run("dpkg-query", "-W", "-f", "${Version}\n", *self.names)
        before = previous.version_before(field(self.debs[0], "Version"))
        expect(set(versions.split()) == {before}, versions)

    def keeps_secrets(self):
        """nobody but the service reads its configuration and its data"""
        expect(self.owner(CONFIGURATION) == "root chatd 640", self.owner(CONFIGURATION))
        folder = self.owner("/var/lib/chatd")
        expect(folder == "chatd chatd 700", folder)

    def leads_on(self):
        """the configuration names files that are there"""
        named = re.findall(r"/usr/[\w./-]+", self.root.path(CONFIGURATION).read_text())
        expect(named, "it names none")
        for path in named:
            expect(self.root.path(path).is_file(), f"there is no {path}")

    def starts(self):
        """chatd starts by its unit's commands, as its own user"""
        self.start()
        status = pathlib.Path(f"/proc/{self.service.process.pid}/status").read_text()
        user, _ = self.root.ids("chatd")
        expect(user != 0 and f"Uid:\t{user}\t{user}\t{user}\t{user}\n" in status, status)

    def is_private(self):
        """it serves this machine alone"""
        expect(listening() == {"0100007F:1BBC"}, listening())

    def talks(self):
        """chat-tui and chatctl talk to it, and it serves the page"""
        expect('"sent"' in self.say("said to the earlier version"), "not acknowledged")
        expect(self.heard("said to the earlier version"), "not in the history")
        self.root.run("chatctl", "rooms")
        self.service.reload()
        with urllib.request.urlopen(f"http://{ADDRESS}/") as page:
            expect(b"<html" in page.read(), "no page")

    def upgrades(self):
        """an upgrade keeps what an older chatd wrote, and a changed configuration"""
        self.stop()
        self.age()
        place = self.root.path(CONFIGURATION)
        text = place.read_text() + "max-connections = 500\n"
        place.write_text(text)
        self.root.install(self.debs)
        self.start()
        expect(place.read_text() == text, place.read_text())
        self.keeps_secrets()
        expect(self.heard("said to the earlier version"), "a message is lost")
        status = json.loads(self.root.run("chatctl", "--json", "status"))
        version = field(self.debs[0], "Version").split("-")[0]
        expect(status["version"] == version, status)

    def verifies(self):
        """what the earlier version left is sound"""
        self.say("said to the newer version", name="bob")
        self.stop()
        self.root.run("chatctl", "verify", DATABASE, user="chatd")

    def tests_itself(self):
        """the source package's autopkgtests pass"""
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder) / "log"
            done = subprocess.run(
                ["autopkgtest", "--no-built-binaries", "--log-file", log]
                + [self.source, "--", "chroot", self.root.folder],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            text = log.read_text()
        # 2: some were skipped, those that want a whole machine.
        expect(done.returncode in (0, 2) and "round-trip           PASS" in text, text)

    def removes(self):
        """a removal keeps data and configuration, for the next installation"""
        self.root.apt("remove", *self.names)
        expect(not self.root.path("/usr/bin/chatd").exists(), "chatd is still there")
        for path in (CONFIGURATION, DATABASE):
            expect(self.root.path(path).exists(), f"{path} is lost")
        self.root.install(self.debs)
        self.start()
        expect(self.heard("said to the newer version"), "a message is lost")
        self.stop()

    def purges(self):
        """a purge leaves nothing"""
        self.root.apt("purge", *self.names)
        left = self.root.files() - self.before
        expect(not left, f"left: {sorted(left)}")
        lost = self.before - self.root.files()
        expect(not lost, f"lost: {sorted(lost)}")

    STEPS = [
        installs, keeps_secrets, leads_on, starts, is_private, talks, upgrades,
        verifies, tests_itself, removes, purges,
    ]  # fmt: skip


def main():
    root, *debs, source = map(pathlib.Path, sys.argv[1:])
    check = Check(root, debs, source)
    try:
        for step in Check.STEPS:
            step(check)
            print(f"ok - {step.__doc__}", flush=True)
    except AssertionError as error:
        print(f"not ok - {step.__doc__}\n{error}")
        return 1
    finally:
        if check.service is not None:
            check.service.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
