"""The tables themselves: made by chatd, missing, taken away, back again."""

import json
import os
import subprocess
import time

import pytest

from drivers.chatd import prefix_of

DEADLINE = 30


@pytest.fixture
def run_chatd(build, folder, dynamodb, keys):
    """chatd --create-tables with the prefix of this test."""

    def run(**more):
        environment = {
            **os.environ,
            **keys,
            "CHATD_STORE": "dynamodb",
            "CHATD_DYNAMODB_ENDPOINT": dynamodb.url,
            "CHATD_TABLE_PREFIX": prefix_of(folder),
            **more,
        }
        return subprocess.run(
            [build / "server/chatd", "--create-tables"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )

    return run


def test_they_are_made_once(run_chatd, dynamodb, folder):
    for _ in range(2):
        made = run_chatd()
        assert made.returncode == 0, made.stderr
    tables = [
        name
        for name in dynamodb.call("ListTables")["TableNames"]
        if name.startswith(prefix_of(folder))
    ]
    assert len(tables) == 9
    expiry = {}
    for name in tables:
        told = dynamodb.call("DescribeTimeToLive", TableName=name)
        expiry[name.split("-", 1)[1]] = told["TimeToLiveDescription"].get(
            "AttributeName"
        )
        told = dynamodb.call("DescribeTable", TableName=name)
        assert told["Table"]["TableStatus"] == "ACTIVE"
    assert {name: on for name, on in expiry.items() if on} == {
        "connections": "expires",
        "tokens": "gone",
    }


def test_who_cannot_make_them_says_why(run_chatd):
    made = run_chatd(CHATD_DYNAMODB_ENDPOINT="http://127.0.0.1:1")
    assert made.returncode == 1
    assert "messages cannot be made: DynamoDB, " in made.stderr
    assert "see that the endpoint can be reached" in made.stderr


def wait_for(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def problems(task):
    lines = [json.loads(line) for line in task.log.all() if line.startswith("{")]
    return [line["detail"] for line in lines if line["event"] == "dynamodb_failed"]


def test_a_stop_does_not_wait_for_a_probe(faulty, start_task, ready):
    faulty.faults = False
    task = start_task("task", faulty)
    wait_for(lambda: ready(task)[0] == 200)
    faulty.always = "throttled"
    wait_for(lambda: ready(task) and faulty.counts["throttled"] > 1)
    task.stop()


def test_missing_ones_are_told(start_task, dynamodb, folder, sign_in, ready):
    task = start_task("task", dynamodb)
    wait_for(lambda: ready(task)[0] == 200)
    wire = sign_in(task, "ann")
    wire.join("lobby")
    table = f"{prefix_of(folder)}messages"
    schema = dynamodb.call("DescribeTable", TableName=table)["Table"]
    dynamodb.call("DeleteTable", TableName=table)
    assert wire.refused("send", room="lobby", text="hi", key="k" * 16) == "storage"
    task.log.find(lambda line: "dynamodb_failed" in line, "a problem")
    [problem] = problems(task)
    assert table in problem and "--create-tables" in problem
    status, page = ready(task)
    assert status == 503
    assert page["reasons"][0]["detail"] == problem
    dynamodb.call(
        "CreateTable",
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=schema["AttributeDefinitions"],
        KeySchema=schema["KeySchema"],
    )
    wait_for(lambda: ready(task)[0] == 200)
    assert len(problems(task)) == 1
