"""What the pages have as EXAMPLES is run, and does what they say it does."""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess

import pytest
from drivers.chatd import is_listening
from drivers.lines import DEADLINE, Lines
from drivers.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(page):
    """The literal blocks of the section, from the source of the page."""
    text = (ROOT / f"man/{page}.scd").read_text()
    examples = text.split("# EXAMPLES\n", 1)[1].split("\n# SEE ALSO", 1)[0]
    found = re.findall(r"```\n(.*?)```", examples, re.S)
    return [block.replace("\\\\", "\\") for block in found]


@pytest.fixture
def certificate(folder):
    names = ["-keyout", folder / "key.pem", "-out", folder / "chain.pem"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *names]
    subject = ["-subj", "/CN=localhost", "-days", "1"]
    subprocess.run([*command, *subject], check=True, capture_output=True)
    return folder


@pytest.fixture
def environment(build, folder):
    return {
        "HOME": str(folder),
        "PATH": f"{build}/client:{build}/server:{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "CHATD_DATA": str(folder / "data"),
    }


@pytest.fixture
def configured(chatd, folder):
    """The default server of chat-tui is this one."""
    own = folder / ".config/chat-tui/chat-tui.conf"
    own.parent.mkdir(parents=True)
    own.write_text(f"url = {chatd.url}\n")


def shell(command, environment, folder, **options):
    return subprocess.run(
        ["sh", "-c", command],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        **options,
    )


def test_chat_tui(configured, connect, environment, folder):
    tell, listen = blocks("chat-tui.1")
    ann = connect("ann")
    assert shell(tell, environment, folder).returncode == 0
    message = ann.take("message")
    assert message["text"] == "the build is green"
    assert message["from"]["name"] == "builder"
    process = subprocess.Popen(
        ["sh", "-c", f"exec {listen}"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = Lines(process.stdout)
    lines.find(lambda line: json.loads(line).get("text") == "the build is green", "it")
    ann.send("lobby", "as it is said")
    lines.find(lambda line: json.loads(line).get("text") == "as it is said", "it")
    process.terminate()
    process.wait(DEADLINE)


def test_the_file_of_chat_tui(chatd, connect, environment, folder):
    (text,) = blocks("chat-tui.conf.5")
    ann = connect("ann")
    ann.join("team", key="k1", create=True)
    (folder / "own.conf").write_text(text)
    command = f"echo hello | chat-tui --config own.conf --headless {chatd.url}"
    done = shell(command, environment, folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert ann.take("message")["room"] == "team"


def test_the_file_of_chatd(certificate, environment, folder):
    (text,) = blocks("chatd.conf.5")
    (folder / "chatd.conf").write_text(text.replace("/etc/chatd", str(folder)))
    command = "unset CHATD_DATA; chatd --check-config --config chatd.conf --data data"
    done = shell(command, environment, folder)
    assert (done.returncode, done.stdout) == (0, "chatd.conf: ok\n")


def test_chatd(certificate, environment, folder):
    (command,) = blocks("chatd.8")
    command = command.replace("0.0.0.0:443", "127.0.0.1:0")
    command = command.replace("/var/lib/chatd", str(folder / "data"))
    process = subprocess.Popen(
        ["sh", "-c", f"exec {command}"],
        env=environment,
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    Lines(process.stderr).find(is_listening, "that it listens")
    process.terminate()
    assert process.wait(DEADLINE) == 0


def sessions(page):
    """Commands with the output that the page has for each, of all blocks."""
    for block in blocks(page):
        for part in re.split(r"^[$#] ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def shape(text):
    """Numbers, times and folders differ from run to run, and so do widths."""
    text = re.sub(r"\S*/(?=(chat|copy)\.db)", "", text)
    text = re.sub(r"\d[\d.]* (ms|s|m|h|d)\b", "TIME", text)
    text = re.sub(r"\d[\dTZ.]*", "1", text)
    return re.sub(r"\b(room|user)s?\b|\bentr(y|ies)\b", "COUNTED", text).split()


@pytest.fixture
def people(chatd, connect):
    """ann, who has an account, twice; and bob, who is a guest."""
    wires = [Wire(chatd.url), Wire(chatd.url)]
    account = {"user": "ann", "password": "correct horse"}
    wires[0].ask("hello", version=1, register=account, key="k1")
    wires[1].ask("hello", version=1, login=account)
    wires[0].join("lobby")
    for number in range(20):
        wires[0].send("lobby", f"message {number}")
    connect("bob")
    yield
    for wire in wires:
        wire.close()


def back_up(environment, folder):
    """By the command of the service that the page has."""
    service = "\n".join(blocks("chatctl.1"))
    command = re.search(r"'(exec chatctl backup .*)'", service)[1]
    command = command.replace("$$", "$").replace("%%", "%")
    folder.mkdir()
    command = command.replace("/var/backups/chatd", str(folder))
    done = shell(command, environment, folder)
    assert done.returncode == 0, done.stderr
    (backup,) = folder.iterdir()
    backup.rename(folder / "Sun.db")


def damage(database, copy):
    """Two entries are gone."""
    shutil.copy(database, copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("DELETE FROM entries WHERE seq IN (15, 16)")


def test_chatctl(chatd, people, environment, folder):
    told = list(sessions("chatctl.1"))
    for command, output in told:
        if command == "systemctl stop chatd":
            back_up(environment, folder / "backups")
            chatd.stop()
        elif command == "systemctl start chatd":
            chatd.start()
            damage(folder / "backups/Sun.db", folder / "copy.db")
        else:
            command = command.replace("/var/lib/chatd", str(chatd.data))
            command = command.replace("/var/backups/chatd", str(folder / "backups"))
            done = shell(command, environment, folder)
            assert shape(done.stdout + done.stderr) == shape(output), command
    assert len(told) == 8


def frames():
    (block,) = blocks("chat-protocol.7")
    return re.findall(r"^-> (.*)$", block, re.M)


def test_chat_protocol(chatd):
    """Each request is answered by ok, and the message comes."""
    wire = Wire(chatd.url)
    for frame in frames():
        wire.send_frame(frame)
        reply = wire.reply(json.loads(frame)["id"])
        assert "ok" in reply, reply
    assert wire.take("message")["text"] == "hi"
    wire.close()
