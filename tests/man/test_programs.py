"""The programs of examples/, which the pages of section 3 quote, work."""

import os
import pathlib
import subprocess

import header as headers
import pytest
from drivers.lines import DEADLINE
from drivers.wire import Wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=gnu11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


@pytest.fixture
def start(build, folder):
    """Builds a program as a reader would, and starts it."""
    started = []

    def run(name, *words, instead=(), **variables):
        source = (ROOT / f"examples/{name}.c").read_text()
        for old, new in instead:
            assert old in source
            source = source.replace(old, new)
        (folder / f"{name}.c").write_text(source)
        library = [f"-L{build}/sdk", "-lchatclient", f"-Wl,-rpath,{build}/sdk"]
        command = ["cc", *FLAGS, f"-I{ROOT}/include", f"{name}.c", "-o", name, *library]
        subprocess.run(command, cwd=folder, check=True)
        started.append(
            subprocess.Popen(
                [folder / name, *map(str, words)],
                env={**os.environ, **variables},
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def lines_of(process, status=0):
    output, errors = process.communicate(timeout=DEADLINE)
    assert process.returncode == status, output + errors
    return output.splitlines()


def test_every_function_has_an_example(build):
    functions = headers.read((ROOT / "include/chat/client.h").read_text()).functions
    pages = {name: (build / f"man/{name}.3").read_text() for name in functions}
    assert [name for name in pages if ".SH EXAMPLES" not in pages[name]] == []


def test_hello(start, chatd, connect):
    ann = connect("ann")
    process = start("hello", instead=[("ws://127.0.0.1:7100/ws", chatd.url)])
    assert ann.take("message")["text"] == "hello from C"
    assert lines_of(process) == []


def test_rooms(start, chatd, connect):
    connect("ann").send("lobby", "good \x1b[1m morning")
    lines = lines_of(start("rooms", chatd.url, "lobby"))
    assert lines[0] == "room lobby, 1 members"
    assert "ann: good ?[1m morning" in lines
    assert {"member ann", "member visitor"} <= set(lines)


def test_account(start, chatd):
    passwords = {"CHAT_PASSWORD": "correct horse", "CHAT_NEW_PASSWORD": "new staple"}
    process = start("account", chatd.url, "annie", **passwords)
    assert lines_of(process) == ["online as annie", "online as annie", "logged out"]
    wire = Wire(chatd.url)
    login = {"user": "annie", "password": "new staple"}
    assert wire.ask("hello", version=1, login=login)["user"]["name"] == "annie"
    wire.close()


def test_host(start, chatd, connect):
    ann, eve = connect("ann"), connect("eve")
    process = start("host", chatd.url, "den", ann.user["id"], eve.user["id"])
    ann.take("membership", lambda event: event.get("room") == "den")
    assert eve.refused("join", room="den", key="k1") in ("forbidden", "not_found")
    ann.join("den")
    assert ann.take("role", lambda event: event["room"] == "den")["role"] == "moderator"
    assert ann.take("message")["text"] == "you are a moderator now"
    assert lines_of(process) == []


def test_report(start, chatd, connect, folder):
    ann = connect("ann")
    process = start("report", chatd.url, "lobby", folder / "outbox", ann.user["id"])
    assert ann.take("message")["mentions"] == [ann.user["id"]]
    assert ann.take("edit")["text"] == "the build is green"
    assert ann.take("react")["emoji"] == "🎉"
    assert lines_of(process) == []


def test_report_takes_back_what_finds_no_server(start, folder):
    process = start(
        "report", "ws://127.0.0.1:9/ws", "lobby", folder / "outbox", "1",
        instead=[("#define PATIENCE_S 10", "#define PATIENCE_S 1")],
    )  # fmt: skip
    output, errors = process.communicate(timeout=DEADLINE)
    assert "not sent" in errors
