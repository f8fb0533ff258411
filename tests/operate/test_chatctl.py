"""chatctl about the server as a whole: status, drain, reload, log level."""

import os
import signal

from drivers.lines import wait_until
from operator_tools import audits


def test_status(start_chatd, sign_in, connect, chatctl):
    server = start_chatd(options=("--color", "blue"))
    sign_in(server, "ann")
    connect(server)
    status = chatctl(server).row("status")
    assert status["color"] == "blue"
    assert status["connections"] == 2
    assert status["sessions"] == 1
    assert status["users"] == 1
    assert status["rooms"] == 1
    assert status["ready"] and not status["draining"]
    assert status["listen"] == [f"127.0.0.1:{server.port}"]
    assert status["pid"] == server.process.pid
    assert status["store"]["path"] == str(server.data / "chat.db")
    assert status["log_level"] == "info"
    assert status["memory_bytes"] > 1 << 20
    shown = chatctl(server)("status").lines
    assert f"listens at   127.0.0.1:{server.port}" in shown
    assert "sessions     1" in shown


def test_drain(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server)
    done = chatctl(server)("drain")
    assert done.status == 0 and "drains" in done.text
    assert ann.wait_closed() == 4001
    assert server.wait() == 0
    [audit] = audits(server)
    assert audit["command"] == "drain" and audit["result"] == "ok"


def test_drain_lets_clients_move(start_chatd, sign_in, chatctl):
    server = start_chatd()
    ann = sign_in(server)
    assert chatctl(server).row("drain", "--spread", "600")["spread_s"] == 600
    assert ann.take("drain")["spread_ms"] == 600000
    status = chatctl(server).row("status")
    assert status["draining"] and not status["ready"]
    assert chatctl(server).error("drain") == "busy"
    ann.close()
    assert server.wait() == 0


def test_reload(start_chatd, chatctl):
    server = start_chatd()
    assert chatctl(server)("reload").text == "done\n"
    server.stop()
    [audit] = audits(server)
    assert audit["command"] == "reload"


def test_log_level(start_chatd, chatctl):
    """An audit line is written at every level, with who did it."""
    server = start_chatd()
    program = chatctl(server)
    assert program("log", "level", "error").status == 0
    assert program.row("status")["log_level"] == "error"
    assert program.error("log", "level", "loud") == "bad_request"
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: program.row("status")["log_level"] == "info", "reloaded")
    server.stop()
    ok, refused = audits(server)
    assert (ok["level"], ok["result"]) == ("info", "ok")
    assert (refused["level"], refused["result"]) == ("warning", "bad_request")
    assert ok["by_uid"] == os.geteuid()
    assert ok["by_pid"] > 0
