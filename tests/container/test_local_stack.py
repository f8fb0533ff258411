"""The image's chatd in the AWS picture of one machine, in place of the plain
program: gateway, load balancer, and the tree for both colors."""

import os
import pathlib
import re

import pytest
import stack as local
from drivers.wire import Wire
from tree import DATA, USER


@pytest.fixture(scope="module")
def stack(build, tree):
    if name := local.missing(build):
        pytest.skip(f"no {name}: ./dev test gets it")
    with local.made(build) as stack:
        ended = stack.run("up", "--first-port", "0", "--image", tree)
        if "the kernel forbids" in ended.stderr:
            pytest.skip(ended.stderr.strip().splitlines()[-1])
        assert ended.returncode == 0, ended.stderr
        yield stack


@pytest.fixture
def person(stack):
    """Signs in through the gateway as a guest who is in the room."""
    opened = []

    def sign_in(name):
        wire = Wire(stack.status()["addresses"]["clients"])
        opened.append(wire)
        wire.hello(name)
        wire.join("lobby")
        return wire

    yield sign_in
    for wire in opened:
        wire.close()


def test_a_message_passes_gateway_balancer_and_either_color(stack, person):
    ann, bob = person("ann"), person("bob")
    for color, weights in (("blue", ("100", "0")), ("green", ("0", "100"))):
        stack.do("shift", *weights)
        before = stack.status()["served"]
        seq = ann.send("lobby", f"by {color}")["seq"]
        assert bob.entries("lobby", seq)[-1]["text"] == f"by {color}"
        after = stack.status()["served"]
        served = {name for name in after if after[name] > before[name]}
        assert served == {color}


@pytest.mark.parametrize("color", ["blue", "green"])
def test_the_task_is_contained(stack, color):
    """Out of the tree, read-only, without capabilities."""
    pid = re.match(r"process (\d+)", stack.status()["parts"][color])[1]
    process = pathlib.Path("/proc") / pid
    status = (process / "status").read_text()
    assert re.search(r"^CapBnd:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
    mounts = (process / "mountinfo").read_text().splitlines()
    options = {line.split()[4]: line.split()[5].split(",") for line in mounts}
    assert "ro" in options["/"]
    assert "rw" in options[f"/{DATA}"]


def test_its_folder_is_its_users(stack):
    folder = stack.state / "blue"
    assert folder.stat().st_uid == (USER if os.geteuid() == 0 else os.geteuid())
    assert (folder / "chatd.sock").is_socket()
