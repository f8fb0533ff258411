"""chatd out of the tree: as its user, read-only, without capabilities."""

import os
import pathlib
import re

import pytest
from tree import DATA


@pytest.fixture
def process(server):
    return pathlib.Path(f"/proc/{server.process.pid}")


def test_a_message_is_kept_and_delivered(person):
    ann, bob = person("ann"), person("bob")
    seq = ann.send("lobby", "hello")["seq"]
    assert bob.entries("lobby", seq)[-1]["text"] == "hello"
    assert "hello" in [entry.get("text") for entry in person("eve").log("lobby")]


def test_the_page_is_served(server):
    response = server.request("GET", "/")
    assert response.status == 200
    assert b"<!doctype html>" in response.body.lower()


def test_the_health_check_tells_life_from_death(start):
    server = start()
    assert server.healthcheck() == 0
    server.stop()
    server.ended = True
    assert server.healthcheck() == 1


def test_the_root_is_the_tree_and_read_only(process):
    mounts = (process / "mountinfo").read_text().splitlines()
    options = {line.split()[4]: line.split()[5].split(",") for line in mounts}
    assert {"ro", "nosuid", "nodev"} <= set(options["/"])
    writable = {path for path, words in options.items() if "rw" in words}
    assert {path for path in writable if not re.match("/(proc|dev)", path)} == {f"/{DATA}"}


def test_it_has_no_capability_and_gets_none(process):
    status = (process / "status").read_text()
    fields = dict(re.findall(r"^(\w+):\t(.*)$", status, re.MULTILINE))
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(fields[kind], 16) == 0, kind
    assert fields["NoNewPrivs"] == "1"


def test_it_is_its_user(process):
    if os.geteuid() != 0:
        pytest.skip("in a user namespace it is 65532 inside alone")
    status = (process / "status").read_text()
    assert re.search(r"^Uid:\t65532\t65532\t65532\t65532$", status, re.MULTILINE)
    assert re.search(r"^Gid:\t65532\t65532\t65532\t65532$", status, re.MULTILINE)
    assert re.search(r"^Groups:\t *$", status, re.MULTILINE)
