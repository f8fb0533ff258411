"""Every command of chatctl, for a chatd on tables."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "operate"))

from drivers.wire import new_key  # noqa: E402
from operator_tools import Chatctl  # noqa: E402


@pytest.fixture
def task(start_task, dynamodb):
    return start_task("task", dynamodb)


@pytest.fixture
def chatctl(build, task):
    return Chatctl(build, task)


def test_lists(task, chatctl, sign_in):
    ann = sign_in(task, "ann")
    ann.join("lobby")
    ann.join("den", create=True, private=True)
    ann.send("den", "hello")
    den, lobby = chatctl.rows("rooms")
    assert (den["name"], den["private"], den["messages"]) == ("den", True, 1)
    assert (lobby["name"], lobby["private"], lobby["members"]) == ("lobby", False, 1)
    [user] = chatctl.rows("users", "--all")
    assert (user["id"], user["name"], user["rooms"]) == (ann.user["id"], "ann", 2)
    assert len(chatctl.rows("connections")) == 1
    status = chatctl.row("status")
    assert status["store"]["kind"] == "dynamodb" and status["ready"]


def test_acts_in_a_room(task, chatctl, sign_in):
    ann = sign_in(task, "ann")
    ann.join("lobby")
    assert chatctl.row("role", "lobby", "ann", "owner")["changed"]
    assert chatctl.row("kick", "ann", "--room", "lobby")["changed"]
    assert chatctl.row("ban", "ann", "--room", "lobby")["changed"]
    assert ann.refused("join", room="lobby", key=new_key()) == "forbidden"
    assert chatctl.row("unban", ann.user["id"], "--room", "lobby")["changed"]
    ann.join("lobby")


def test_acts_on_the_server(task, chatctl, sign_in, connect):
    ann = sign_in(task, "ann")
    token = ann.hello_reply["token"]
    assert chatctl.row("kick", "ann")["changed"]
    assert ann.wait_closed() == 4010
    assert chatctl.row("ban", ann.user["id"])["changed"]
    banned = connect(task)
    assert banned.refused("hello", version=1, token=token) == "unauthorized"
    assert banned.wait_closed() == 4503
    assert chatctl.rows("users", "--all")[0]["banned"] > 0
    assert chatctl.row("unban", ann.user["id"])["changed"]
    connect(task).hello_token(token)
    assert chatctl.row("token", "revoke", ann.user["id"])["changed"]
    assert connect(task).refused("hello", version=1, token=token) == "unauthorized"


def test_acts_on_the_task(task, chatctl, sign_in):
    assert chatctl("reload").text == "done\n"
    assert chatctl("log", "level", "debug").status == 0
    ann = sign_in(task, "ann")
    assert chatctl("drain").status == 0
    assert ann.wait_closed() == 4001
    assert task.wait() == 0


def test_tables_are_backed_up_by_other_means(chatctl, tmp_path):
    tables = {"CHATD_STORE": "dynamodb"}
    for command in ("backup", "restore"):
        done = Chatctl(chatctl._program.parents[1])(
            command, tmp_path / "file", environment=tables
        )
        assert done.status == 2
        assert "point-in-time recovery" in done.errors
