"""What a restart keeps, and which files a server refuses."""

import sqlite3
import subprocess

import pytest


def database(server):
    (path,) = [
        path
        for path in server.data.rglob("*")
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3"
    ]
    return path


def test_a_restart_keeps_everything(start_chatd, sign_in, connect):
    server = start_chatd()
    ann = sign_in(server, "ann", room="lobby")
    ann.join("kitchen", create=True)
    seq = ann.send("lobby", "before")["seq"]
    ann.ask("read", room="lobby", seq=seq)
    before = ann.log("lobby")
    server.stop()
    assert ann.wait_closed() == 4001
    server.start()
    back = connect(server)
    reply = back.hello_token(ann.hello_reply["token"])
    assert reply["user"] == ann.user
    assert [room["room"] for room in reply["rooms"]] == ["kitchen", "lobby"]
    assert reply["rooms"][1]["read"] == seq
    assert back.log("lobby") == before
    assert back.send("lobby", "after")["seq"] == seq + 1


def test_a_drain_loses_nothing(start_chatd, sign_in, connect):
    server = start_chatd()
    ann = sign_in(server, "ann", room="lobby")
    requests = {
        ann.post("send", room="lobby", key=f"key-{number}", text=f"{number}"): number
        for number in range(50)
    }
    server.stop()
    ann.wait_closed()
    acknowledged = {
        number: ann._replies[request]["ok"]["seq"]
        for request, number in requests.items()
        if "ok" in ann._replies.get(request, {})
    }
    server.start()
    back = connect(server)
    back.hello_token(ann.hello_reply["token"])
    for number in range(50):
        again = back.send("lobby", f"{number}", key=f"key-{number}")
        assert again["seq"] == acknowledged.get(number, again["seq"])
    texts = [entry["text"] for entry in back.log("lobby") if "text" in entry]
    assert sorted(texts, key=int) == [str(number) for number in range(50)]


def refuses(server):
    server.launch()
    assert server.wait() != 0
    said = "\n".join(server.log.all())
    server.process = None
    return said


def test_a_newer_file_is_refused_and_kept(start_chatd):
    server = start_chatd()
    server.stop()
    path = database(server)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 4000")
    connection.close()
    bytes_before = path.read_bytes()
    assert "newer" in refuses(server)
    assert path.read_bytes() == bytes_before


def test_a_damaged_file_is_refused_and_kept(start_chatd, sign_in):
    server = start_chatd()
    sign_in(server, room="lobby").send("lobby", "hi")
    server.stop()
    path = database(server)
    content = bytearray(path.read_bytes())
    content[100:4096] = b"\xff" * 3996
    path.write_bytes(content)
    assert refuses(server)
    assert path.read_bytes() == content


def test_a_file_in_use_is_refused(start_chatd, build):
    first = start_chatd()
    second = type(first)(build, first.data)
    assert refuses(second)


def test_a_port_in_use_is_refused(start_chatd):
    first = start_chatd("one")
    second = start_chatd("two")
    second.stop()
    second.port = first.port
    assert str(first.port) in refuses(second)


@pytest.mark.parametrize(
    "options", [["--nonsense"], ["--listen", "nowhere"], ["--max-connections", "x"]]
)
def test_a_wrong_option_is_explained(build, folder, options):
    program = [build / "server/chatd", "--data", folder, *options]
    done = subprocess.run(program, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0
    assert options[0].lstrip("-") in done.stderr
