"""shift, rollback, release, status and logs, on moto's balancers and alarms."""

import json
import time

import pytest
from account import logs


def lines(ended):
    assert ended.status == 0, ended.err
    return ended.out.splitlines()


def test_a_shift_is_at_once(deployed, run):
    assert lines(run("shift", 30, 70)) == ["blue 30, green 70"]
    assert deployed.weights() == (30, 70)


def test_a_shift_in_steps(deployed, run, monkeypatch):
    monkeypatch.setattr("traffic.STEP_SECONDS", 1)
    monkeypatch.setattr("traffic.time.monotonic", iter(range(1000)).__next__)
    assert lines(run("shift", 10, 90, "--over", 4)) == [
        "blue 70, green 30",
        "blue 50, green 50",
        "blue 30, green 70",
        "blue 10, green 90",
    ]
    assert deployed.weights() == (10, 90)


def test_an_alarm_takes_a_shift_back(deployed, run, monkeypatch):
    """One that rings after the first step."""
    asked = iter([None, "chat-green-bad rings"])
    monkeypatch.setattr(
        "account.deployment.Account.ailing", lambda *_: next(asked)
    )
    ended = run("shift", 10, 90, "--over", 1)
    assert ended.status == 1
    assert ended.out.splitlines() == ["blue 10, green 90", "blue 90, green 10"]
    assert "taken back: chat-green-bad rings" in ended.err
    assert deployed.weights() == (90, 10)


def test_nothing_is_moved_to_who_is_not_well(deployed, run):
    deployed.ring("green")
    ended = run("shift", 10, 90, "--over", 1)
    assert "nothing is moved: chat-green-bad rings" in ended.err
    assert deployed.weights() == (90, 10)


def test_nothing_is_moved_blindly(deployed, run):
    deployed.client("cloudwatch").delete_alarms(AlarmNames=["chat-green-bad"])
    ended = run("shift", 10, 90, "--over", 1)
    assert "there is no alarm chat-green-bad" in ended.err
    assert deployed.weights() == (90, 10)


def test_nobody_is_no_share(deployed, run):
    ended = run("shift", 0, 0)
    assert (ended.status, deployed.weights()) == (1, (90, 10))
    assert "nobody would be served" in ended.err


def test_a_rollback_is_to_who_had_all_last(deployed, run):
    assert lines(run("rollback")) == ["blue 100, green 0"]
    run("rollback", "green")
    run("shift", 50, 50)
    assert lines(run("rollback")) == ["blue 0, green 100"]
    assert deployed.weights() == (0, 100)


def test_a_dry_run_prints_and_changes_nothing(deployed, run):
    ended = run("shift", 30, 70, "--over", 600, "--dry-run")
    assert "aws --region eu-central-1 elbv2 modify-rule --rule-arn" in ended.out
    assert '"Weight": 70' in ended.out
    assert deployed.weights() == (90, 10)


# ---- release ----


def test_a_release_is_to_who_serves_less(deployed, run):
    old, new = "green", "blue"
    run("rollback", old)
    said = lines(run("release", "host/chat/chatd:2", "--over", 0))
    shares = [{old: 100 - share, new: share} for share in (0, 10, 50, 100)]
    assert said == [f"blue {one['blue']}, green {one['green']}" for one in shares]
    after = deployed.parameters()
    assert after[f"{new.capitalize()}Image"] == "host/chat/chatd:2"
    assert after[f"{old.capitalize()}Image"] == "host/chat/chatd:1"
    assert after["TraceSample"] == "0.01"
    assert "cloudfront:CreateInvalidation" in deployed.calls()
    assert lines(run("rollback")) == [said[0]]


def test_an_alarm_takes_a_release_back(deployed, run, monkeypatch):
    asked = iter([None, None, "chat-green-bad rings"])
    monkeypatch.setattr(
        "account.deployment.Account.ailing", lambda *_: next(asked)
    )
    ended = run("release", "host/chat/chatd:2", "--over", 0)
    assert ended.status == 1
    assert ended.out.splitlines() == [
        "blue 100, green 0",
        "blue 90, green 10",
        "blue 50, green 50",
        "blue 100, green 0",
    ]
    assert deployed.weights() == (100, 0)
    assert "cloudfront:CreateInvalidation" not in deployed.calls()


def test_an_update_that_fails_moves_nothing(deployed, run):
    refusal = {"Error": {"Code": "ValidationError", "Message": "no such image"}}
    deployed.set_answers(cloudformation__CreateChangeSet=refusal)
    ended = run("release", "host/chat/chatd:2", "--over", 0)
    assert "CreateChangeSet: ValidationError: no such image" in ended.err
    assert deployed.weights() == (100, 0)


def test_what_is_no_image_is_refused(deployed, run):
    ended = run("release", "nowhere/chatd.tar")
    assert "no image nowhere/chatd.tar: ./dev package container makes" in ended.err


# ---- status and logs ----


def test_status_says_it_all(deployed, run):
    deployed.ring("green")
    said = "\n".join(lines(run("status")))
    for words in (
        "blue            weight  90   served 0 (-)",
        "blue            1 of 1 tasks, version chatd:1, 0 of 0 healthy",
        "chat-green-bad  rings",
        "clients         wss://api.example.org/chat",
    ):
        assert words in said


def test_status_for_programs(deployed, run):
    status = json.loads(run("status", "--json").out)
    assert status["weights"] == {"blue": 90, "green": 10}
    assert status["alarms"] == {"alarms": "none of 2 rings"}


def test_status_of_nothing(account, run):
    ended = run("status")
    assert (ended.status, ended.out) == (1, "not up\n")


def test_without_a_stack_the_verbs_say_so(account, run):
    for words in (["shift", 1, 1], ["rollback"], ["release", "a:b"], ["logs"]):
        ended = run(*words)
        assert ended.status == 1
        assert "no stack chat in eu-central-1: deploy makes it" in ended.err


def test_logs_are_shown(deployed, run):
    client = deployed.client("logs")
    for color in ("blue", "green", "gateway"):
        client.create_log_group(logGroupName=f"/chat/{color}")
        client.create_log_stream(logGroupName=f"/chat/{color}", logStreamName="one")
    now = int(time.time() * 1000)
    client.put_log_events(
        logGroupName="/chat/blue",
        logStreamName="one",
        logEvents=[
            {"timestamp": now - 2000 + number, "message": f"line {number}"}
            for number in range(3)
        ],
    )
    assert lines(run("logs", "blue", "--lines", 2)) == ["line 1", "line 2"]
    assert lines(run("logs", "--lines", 1)) == ["blue    line 2"]
    assert "no log of nobody" in run("logs", "nobody").err
    with pytest.raises(SystemExit):
        run("logs", "--lines", -1)


def test_what_was_shown_is_not_shown_again(capsys):
    told = [{"eventId": "1", "timestamp": 5, "message": "one\n"}]

    class Recorded:
        def read(self, *_):
            return {"events": told}

    tail = logs.Tail(Recorded(), "chat", "blue", False)
    tail.begin(10)
    told.append({"eventId": "2", "timestamp": 5, "message": "two\n"})
    tail.go_on()
    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_missing_tool_is_named(account, run, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert "aws is missing: https://aws.amazon.com/cli/" in run("status").err
