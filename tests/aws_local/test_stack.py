"""up, down, shift, rollback, status and logs of the one-machine stack."""

import json
import os
import shutil
import signal
import socket
import urllib.request

REQUESTS = 40


def ask(address):
    with urllib.request.urlopen(address, timeout=30) as response:
        return response.read().decode()


def blue_of(stack):
    """How many of REQUESTS blue serves from now on."""
    direct = stack.status()["addresses"]["direct"]
    address = direct.replace("ws://", "http://").replace("/ws", "/healthz")
    before = stack.status()["served"]
    for _ in range(REQUESTS):
        ask(address)
    after = stack.status()["served"]
    blue, green = (after[color] - before[color] for color in ("blue", "green"))
    assert blue + green == REQUESTS
    return blue


def pids(stack):
    return {name: text.split(",")[0] for name, text in stack.status()["parts"].items()}


def test_all_parts_run_and_say_where(stack):
    status = stack.status()
    assert status["up"]
    assert all("process" in part for part in status["parts"].values())
    config = json.loads(ask(status["addresses"]["page"] + "config.json"))
    assert config["url"] == status["addresses"]["clients"]
    assert "<html" in ask(status["addresses"]["page"])


def test_the_page_may_only_reach_the_gateway(stack):
    addresses = stack.status()["addresses"]
    with urllib.request.urlopen(addresses["page"], timeout=30) as response:
        policy = response.headers["Content-Security-Policy"]
    origin = addresses["clients"].rpartition("/")[0]
    assert f"connect-src 'self' {origin};" in policy


def test_up_again_changes_nothing(stack):
    before = pids(stack)
    stack.do("up")
    assert pids(stack) == before


def test_weights_share_out_requests(stack):
    assert blue_of(stack) in (35, 36, 37)
    assert stack.do("shift", "50", "50") == "blue 50, green 50\n"
    assert blue_of(stack) in (19, 20, 21)
    stack.do("shift", "10", "90")
    assert blue_of(stack) in (3, 4, 5)


def test_a_rollback_is_at_once_and_restarts_nothing(stack):
    stack.do("shift", "0", "100")
    assert blue_of(stack) == 0
    before = pids(stack)
    assert stack.do("rollback") == "blue 100, green 0\n"
    assert blue_of(stack) == REQUESTS
    assert pids(stack) == before


def test_weights_outlive_the_load_balancer(stack):
    stack.do("shift", "25", "75")
    pid = int(pids(stack)["load_balancer"].split()[1])
    os.kill(pid, signal.SIGKILL)
    stack.do("up")
    assert stack.status()["weights"] == {"blue": 25, "green": 75}


def test_weights_that_make_no_sense_are_refused(stack):
    assert "nobody would be served" in stack.run("shift", "0", "0").stderr
    for words in (("101", "0"), ("-1", "5"), ("a", "b"), ("5",)):
        assert stack.run("shift", *words).returncode == 2
    assert stack.status()["weights"] == {"blue": 90, "green": 10}


def build_anew(stack, program):
    """A program with other bytes in the place of the one before it."""
    program.unlink(missing_ok=True)
    shutil.copy(stack.build / "server/chatd", program)
    with program.open("ab") as file:
        file.write(os.urandom(8))


def test_another_build_replaces_its_color_alone(stack, tmp_path):
    program = tmp_path / "chatd"
    for _ in range(2):
        build_anew(stack, program)
        before = pids(stack)
        stack.do("up", "--green", str(program))
        after = pids(stack)
        assert {name for name in after if after[name] != before[name]} == {"green"}
    assert blue_of(stack) < REQUESTS


def test_what_serves_everything_is_not_replaced(stack, tmp_path):
    other = tmp_path / "chatd"
    build_anew(stack, other)
    stack.do("shift", "0", "100")
    before = pids(stack)
    ended = stack.run("up", "--green", str(other))
    assert "shift before it is replaced" in ended.stderr
    assert pids(stack) == before
    assert blue_of(stack) == 0


def test_logs_are_shown(stack):
    assert '"event":"listening"' in stack.do("logs", "blue", "--lines", "100")
    assert "no log of nobody" in stack.run("logs", "nobody").stderr


def test_only_the_user_may_read_the_secrets(stack):
    for name in ("state.json", "redis.conf", "tls/redis.key"):
        assert (stack.state / name).stat().st_mode & 0o077 == 0


def test_down_leaves_nothing(new_stack):
    new_stack.do("up", "--first-port", "0")
    assert new_stack.processes()
    new_stack.do("down")
    assert new_stack.processes() == []
    assert not new_stack.state.exists()
    new_stack.do("down")


def test_without_a_stack_the_commands_say_so(new_stack):
    for verb in (["shift", "1", "1"], ["rollback"], ["logs"]):
        ended = new_stack.run(*verb)
        assert ended.returncode == 1
        assert "start it with up" in ended.stderr
    status = new_stack.run("status")
    assert (status.returncode, status.stdout) == (1, "not up\n")


def test_a_port_in_use_is_named(new_stack):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = new_stack.run("up", "--first-port", str(port - 6))
        assert ended.returncode == 1
        assert f"port {port} is in use" in ended.stderr
    assert new_stack.processes() == []


def test_a_program_that_ends_is_told_with_its_log(new_stack, tmp_path):
    broken = tmp_path / "chatd"
    broken.write_text('#!/bin/sh\n[ "$1" ] && exit 0\necho it hurts >&2\nexit 1\n')
    broken.chmod(0o755)
    ended = new_stack.run("up", "--first-port", "0", "--blue", str(broken))
    assert ended.returncode == 1
    assert "blue ended" in ended.stderr
    assert "it hurts" in ended.stderr
    assert new_stack.processes() == []


def test_what_is_missing_is_named(new_stack):
    ended = new_stack.run("up", "--build", "/nowhere", environment={"PATH": "/bin"})
    assert ended.returncode == 1
    assert "missing" in ended.stderr or "no program" in ended.stderr


def test_a_shift_in_steps_is_watched(stack):
    said = stack.do("shift", "0", "100", "--over", "1").splitlines()
    assert said == ["blue 0, green 100"]
    assert stack.do("rollback", "green") == "blue 0, green 100\n"


def test_a_release_moves_everybody_to_another_build(stack, tmp_path):
    program = tmp_path / "chatd"
    build_anew(stack, program)
    before = pids(stack)
    said = stack.do("release", "--over", "0", str(program)).splitlines()
    assert said[0] == "blue 100, green 0"
    assert said[-1] == "blue 0, green 100"
    after = pids(stack)
    assert {name for name in after if after[name] != before[name]} == {"green"}
    assert blue_of(stack) == 0
    assert stack.do("rollback") == "blue 100, green 0\n"


def test_a_release_that_does_not_start_moves_nobody(stack, tmp_path):
    broken = tmp_path / "chatd"
    broken.write_text('#!/bin/sh\n[ "$1" ] && exit 0\nexit 1\n')
    broken.chmod(0o755)
    ended = stack.run("release", "--over", "0", str(broken))
    assert ended.returncode == 1
    assert "green ended" in ended.stderr
    assert stack.status()["weights"] == {"blue": 100, "green": 0}
    stack.do("up")
