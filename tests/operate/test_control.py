"""The control socket: who may use it, what it takes, and what it survives."""

import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys

import pytest
from drivers.chatd import Chatd
from drivers.lines import wait_until
from served import Stall

ASK_AS_NOBODY = """
import os, socket, sys
os.setgroups([]); os.setgid(65534); os.setuid(65534)
client = socket.socket(socket.AF_UNIX)
client.settimeout(20)
client.connect(sys.argv[1])
print(client.makefile().readline())
"""


def socket_of(server):
    return server.data / "chatd.sock"


def refused_start(build, folder, *options):
    """What a chatd that cannot start says."""
    server = Chatd(build, folder, options=options)
    server.launch()
    assert server.wait() == 1
    return server.log.tail()


# ---- the file ----


def test_the_socket_is_private_and_goes_with_the_server(start_chatd):
    server = start_chatd()
    mode = socket_of(server).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600
    server.stop()
    assert not socket_of(server).exists()


def test_a_socket_that_a_crash_has_left_is_replaced(start_chatd, chatctl):
    server = start_chatd()
    server.kill()
    assert socket_of(server).exists()
    server.start()
    assert chatctl(server).row("status")["ready"]


def test_another_path_can_be_named(start_chatd, chatctl, tmp_path):
    path = tmp_path / "elsewhere"
    server = start_chatd(options=("--control-socket", path))
    assert not socket_of(server).exists()
    assert chatctl()("--socket", path, "status").status == 0


def test_what_is_no_socket_stays(build, tmp_path):
    path = tmp_path / "file"
    path.write_text("mine")
    said = refused_start(build, tmp_path / "data", "--control-socket", path)
    assert "there is something else" in said
    assert path.read_text() == "mine"


def test_what_is_beside_the_socket_stays(build, tmp_path):
    path = tmp_path / "sock"
    beside = tmp_path / "sock.new"
    beside.write_text("mine")
    said = refused_start(build, tmp_path / "data", "--control-socket", path)
    assert "address already in use" in said
    assert beside.read_text() == "mine"


def test_a_socket_in_use_stays(build, start_chatd, chatctl, tmp_path):
    server = start_chatd()
    path = socket_of(server)
    said = refused_start(build, tmp_path / "other", "--control-socket", path)
    assert "another chatd answers there" in said
    assert chatctl(server).row("status")["ready"]


def test_a_path_that_is_too_long_is_an_error(build, tmp_path):
    path = tmp_path / ("x" * 120)
    said = refused_start(build, tmp_path / "data", "--control-socket", path)
    assert "too long for a socket" in said


def test_a_data_folder_that_is_too_long_does_without(start_chatd):
    server = start_chatd("x" * 120)
    assert "no_control_socket" in server.log.tail()


# ---- who may ----


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another")
def test_another_user_is_refused(start_chatd, tmp_path):
    """By the kernel's word, even where the file's mode would let them."""
    place = pathlib.Path("/tmp") / f"chat-{os.getpid()}.sock"
    server = start_chatd(options=("--control-socket", place))
    ask = [sys.executable, "-c", ASK_AS_NOBODY, place]
    shut_out = subprocess.run(ask, capture_output=True, text=True, check=False)
    assert "Permission denied" in shut_out.stderr
    place.chmod(0o666)
    answer = subprocess.run(ask, capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout)["error"]["code"] == "forbidden"
    server.stop()


# ---- what it takes ----


@pytest.mark.parametrize(
    "line",
    [
        b"garbage",
        b"",
        b"{}",
        b"[]",
        b'"status"',
        b'{"command":7}',
        b'{"command":"no such"}',
        b'{"command":"status","more":1}',
        b'{"command":"drain","spread_s":"soon"}',
        b'{"command":"drain","spread_s":-1}',
        b'{"command":"log_level"}',
        b'{"command":"status"}{"command":"status"}',
        b'{"command":"\xff"}',
        b"\x00\x01\x02",
        b"[" * 5000,
    ],
)
def test_garbage_is_refused_and_the_next_line_is_read(start_chatd, open_control, line):
    server = start_chatd()
    control = open_control(server)
    control.send(line + b"\n")
    assert control.line()["error"]["code"] == "bad_request"
    control.ask(command="status")
    assert control.line()["ready"]
    assert control.line() == {"ok": True}


def test_lines_may_come_in_pieces_and_together(start_chatd, open_control):
    control = open_control(start_chatd())
    line = b'{"command":"status"}\n'
    for byte in line:
        control.send(bytes([byte]))
    control.send(line * 3)
    for _ in range(4):
        assert control.line()["ready"]
        assert control.line() == {"ok": True}


def test_a_line_without_end_is_cut_off(start_chatd, open_control, chatctl):
    server = start_chatd()
    control = open_control(server)
    try:
        control.send(b"x" * (1 << 20))
    except OSError:
        pass
    assert b"too_large" in control.rest()
    assert chatctl(server).row("status")["ready"]


def test_clients_are_few(start_chatd, open_control, chatctl):
    server = start_chatd()
    opened = [open_control(server) for _ in range(16)]
    beyond = open_control(server)
    assert beyond.line()["error"]["code"] == "busy"
    for control in opened:
        control.ask(command="status")
        assert control.line()["ready"]
        control.close()
    assert chatctl(server).row("status")["ready"]


def test_who_gives_up_waiting_makes_room(
    build, folder, start_chatd, sign_in, open_control, chatctl
):
    """While the disk hangs, which is when an operator has to get through."""
    stall = Stall(build, folder)
    server = start_chatd(environment=stall.environment)
    bob = sign_in(server, "bob")
    with stall.held():
        for _ in range(16):
            control = open_control(server)
            control.ask(command="ban", user=bob.user["id"])
            control.close()
        wait_until(lambda: chatctl(server)("status").status == 0, "room")
    assert bob.wait_closed() == 4503


def test_who_says_nothing_is_let_go(start_chatd, open_control):
    control = open_control(start_chatd())
    control.send(b'{"command":')
    assert control.rest() == b""


# ---- chatctl's own end ----


def test_nobody_answers(chatctl, tmp_path):
    done = chatctl()("--data", tmp_path, "status")
    assert done.status == 2
    assert f"no chatd answers at {tmp_path}/chatd.sock: is it running?" in done.errors


def test_a_server_that_hangs_is_given_up(start_chatd, chatctl):
    server = start_chatd()
    server.process.send_signal(signal.SIGSTOP)
    done = chatctl(server)("--timeout", "1", "status")
    server.process.send_signal(signal.SIGCONT)
    assert done.status == 2
    assert "does not answer in time" in done.errors


def test_a_server_that_speaks_otherwise(chatctl, tmp_path):
    """What it sends reaches the terminal as no escape."""
    path = tmp_path / "sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        program = chatctl()
        for answer, said in [
            (b"\x1b[31mred\n", "cannot read"),
            (b"", "hung up"),
            (b"x" * (1 << 20), "cannot read"),
            (b'{"error":{"message":"\\u001b[2J"}}\n', "\\x1b[2J"),
        ]:
            with subprocess.Popen(
                [program._program, "--socket", path, "status"],
                stderr=subprocess.PIPE,
                text=True,
            ) as running:
                peer, _ = listener.accept()
                with peer:
                    try:
                        peer.sendall(answer)
                    except OSError:
                        pass
                errors = running.stderr.read()
            assert said in errors
            assert "\x1b" not in errors


def test_the_socket_is_found_where_chatd_puts_it(start_chatd, chatctl, tmp_path):
    server = start_chatd("state/chatd")
    path = socket_of(server)
    nowhere = {"STATE_DIRECTORY": "", "CHATD_DATA": "", "CHATD_CONTROL_SOCKET": ""}
    for place in (
        {"CHATD_CONTROL_SOCKET": path},
        {"CHATD_DATA": server.data},
        {"STATE_DIRECTORY": f"{server.data}:/other"},
        {"XDG_STATE_HOME": tmp_path / "state"},
    ):
        environment = {**nowhere, **{name: str(at) for name, at in place.items()}}
        assert chatctl()("status", environment=environment).status == 0, place


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["status", "more"],
        ["drain", "--spread"],
        ["drain", "--spread", "soon"],
        ["log"],
        ["log", "level"],
        ["--timeout", "0", "status"],
        ["--socket", "x", "status", "--data", "y"],
    ],
)
def test_wrong_use_is_told(chatctl, arguments):
    done = chatctl()(*arguments)
    assert done.status == 2
    assert done.errors


def test_help(chatctl):
    assert "log level LEVEL" in chatctl()("--help").text
    assert "--spread SECONDS" in chatctl()("drain", "--help").text
    assert chatctl()("--version").text.startswith("chatctl ")
