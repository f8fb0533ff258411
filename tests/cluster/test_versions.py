"""A task of a later version beside one of this, on one log."""

import json

import pytest
from drivers.programs import Headless
from page import read_log

NEXT = {"version": 2, "of": [True, None]}


@pytest.fixture
def cluster(start_cluster):
    return start_cluster(programs=("server/chatd", "tests/cluster/chatd_next"))


@pytest.fixture
def headless(build, folder, cluster):
    """At the task of this version."""
    program = Headless(build, folder / "h", cluster.tasks["one"].url, "lobby", "h")
    yield program
    program.kill()


def test_what_a_later_version_adds_is_passed_on(cluster, sign_in, headless):
    one, two = cluster.tasks.values()
    ann = sign_in(one, "ann", room="lobby")
    bob = sign_in(two, "bob", room="lobby")
    headless.say("first")
    headless.wait_sent()

    seq = bob.send("lobby", "of the next version")["seq"]
    poll = bob.send("lobby", "/poll what do you think")["seq"]
    last = ann.send("lobby", "of this version")["seq"]
    assert [seq + 1, seq + 2] == [poll, last]

    entries = {entry["seq"]: entry for entry in ann.entries("lobby", last)}
    assert entries[seq]["next"] == NEXT and "next" not in entries[last]
    assert entries[poll]["event"] == "poll" and entries[poll]["next"] == NEXT
    assert entries[last]["n"] == entries[seq]["n"] + 1

    headless.wait_for("of this version")
    seqs = [entry["seq"] for entry in headless.entries()]
    assert seqs == list(range(seqs[0], last + 1))
    headless.say("second")
    assert "sent" in headless.wait_sent()[-1]
    assert headless.finish() == 0


def test_history_has_the_bytes_of_both(cluster, sign_in):
    ann, bob = [
        sign_in(task, name, room="lobby")
        for task, name in zip(cluster.tasks.values(), ("ann", "bob"))
    ]
    for number in range(5):
        ann.send("lobby", f"this {number}")
        bob.send("lobby", f"next {number}")
        bob.send("lobby", f"/poll {number}")
    ref = bob.send("lobby", "to be deleted")["seq"]
    last = ann.send("lobby", "the last")["seq"]
    bob.settle()
    bob.entries("lobby", last)
    log = read_log(ann, "lobby")
    assert log == read_log(bob, "lobby")
    entries = [json.loads(entry) for entry in log]
    of_bob = [entry for entry in entries if entry["from"]["name"] == "bob"]
    assert all(entry["next"] == NEXT for entry in of_bob)
    assert sum(entry["event"] == "poll" for entry in entries) == 5

    bob.ask("delete", room="lobby", key="delete", ref=ref)
    (page,) = ann.ask("history", room="lobby", after=ref - 1, limit=1)["entries"]
    assert page["deleted"] and "text" not in page and page["next"] == NEXT
