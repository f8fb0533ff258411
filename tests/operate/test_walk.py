"""docs/operate.md, walked through as an operator would."""

import contextlib
import itertools
import os
import pathlib
import socket
import subprocess

import pytest
from walk import DEADLINE, Machine, steps_of, write_program

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("CHAT_BUILD", ROOT / "build")).resolve()
HERE = pathlib.Path(__file__).parent
DOCUMENT = ROOT / "docs/operate.md"
PROGRAMS = ("server/chatd", "server/chatctl", "client/chat-tui")
CERTIFICATE = "etc/letsencrypt/live/chat.example.org"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def make_certificate(folder):
    folder.mkdir(parents=True)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"],
        check=True,
        capture_output=True,
    )


def make_programs(folder):
    """What the document calls by name."""
    folder.mkdir()
    for program in PROGRAMS:
        (folder / pathlib.Path(program).name).symlink_to(BUILD / program)
    for name in ("systemctl", "journalctl"):
        (folder / name).symlink_to(HERE / "unit.py")
    write_program(folder / "sudo", '#!/bin/sh\n[ "$1" = -u ] && shift 2\nexec "$@"\n')


@pytest.fixture
def machine(tmp_path):
    for name in ("etc/chatd", "var/lib", "var/log", "var/backups", "run"):
        (tmp_path / name).mkdir(parents=True)
    make_certificate(tmp_path / CERTIFICATE)
    make_programs(tmp_path / "bin")
    port, ops_port = free_port(), free_port()
    names = {
        "/etc/": f"{tmp_path}/etc/",
        "/var/": f"{tmp_path}/var/",
        "chat.example.org:443": f"localhost:{port}",
        "https://chat.example.org": f"https://localhost:{port}",
        "wss://chat.example.org": f"wss://localhost:{port}",
        "0.0.0.0:443": f"127.0.0.1:{port}",
        "127.0.0.1:9100": f"127.0.0.1:{ops_port}",
        "/live/chat.example.org": "/live/chat.example.org",
    }
    chain = tmp_path / CERTIFICATE / "fullchain.pem"
    environment = {
        "PATH": f"{tmp_path}/bin:{os.environ['PATH']}",
        "MACHINE": str(tmp_path),
        "UNIT": str(BUILD / "packaging/systemd/chatd.service"),
        "PROGRAMS": str(tmp_path / "bin"),
        "HOME": str(tmp_path),
        "SSL_CERT_FILE": str(chain),
        "CURL_CA_BUNDLE": str(chain),
        "CHATD_DATA": str(tmp_path / "var/lib/chatd"),
        "CHATD_WEB": str(ROOT / "web"),
        "LC_ALL": "C.UTF-8",
    }
    machine = Machine(tmp_path, names, environment)
    yield machine
    machine.run("systemctl is-active chatd | grep -qx active && systemctl stop chatd")
    machine.run("[ ! -e run/chatd.socket ] || systemctl stop chatd.socket")
    machine.close()


@contextlib.contextmanager
def online(machine, *names):
    """People in the lobby, while one bans somebody."""
    url = machine.here("wss://chat.example.org/ws")
    people = [
        subprocess.Popen(
            [BUILD / "client/chat-tui", "--headless", "--name", name, url]
            + ["--room", "lobby"],
            env=machine.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for name in names
    ]
    for person in people:
        assert b'"event":"join"' in person.stdout.readline()
    yield
    for person in people:
        person.stdin.close()
        person.stdout.read()
        person.wait(DEADLINE)


def test_every_step_of_the_page(machine):
    steps = steps_of(DOCUMENT)
    sections = {step.section for step in steps}
    assert sections == {
        "Open it to the world",
        "Look at it",
        "Find out why a room is slow",
        "Ban somebody",
        "Back up",
        "Restore",
        "Upgrade",
    }
    for section, of_it in itertools.groupby(steps, lambda step: step.section):
        people = ("ann", "troll") if section == "Ban somebody" else ()
        with online(machine, *people):
            for step in of_it:
                machine.walk(step)


def test_a_step_that_prints_something_else_is_seen(machine, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\none\n$ echo two\nthree\n```\n")
    first, second = steps_of(page)
    machine.walk(first)
    with pytest.raises(AssertionError, match="three"):
        machine.walk(second)
