"""deploy.py on moto's balancers and alarms."""

import importlib.util
import json
import sys

import pytest
import templates as reader

OUTPUTS = ("GatewayRuleArn", "DirectRuleArn", "BlueTargets", "GreenTargets")
# As root.yml, without what is nested in it: its parameters for this, its outputs.
STACK = {
    "Parameters": {
        name: {"Type": "String"}
        for name in ("BlueImage", "GreenImage", "BlueWeight", "GreenWeight", "Other")
    },
    "Resources": {
        "Note": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Name": "note",
                "Type": "String",
                "Value": {
                    "Fn::Sub": "${BlueImage} ${GreenImage} ${BlueWeight} "
                    "${GreenWeight} ${Other}"
                },
            },
        }
    },
}


@pytest.fixture
def deploy(monkeypatch):
    monkeypatch.syspath_prepend(str(reader.FOLDER))
    path = reader.FOLDER / "deploy.py"
    specification = importlib.util.spec_from_file_location("deploy", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    yield module
    sys.modules.pop("verbs", None)


def first_weights(cluster):
    groups = [
        {"TargetGroupArn": cluster[name], "Weight": weight}
        for name, weight in (("BlueTargets", 90), ("GreenTargets", 10))
    ]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]


@pytest.fixture
def stack(account, cluster):
    values = {name: cluster.get(name) or "" for name in OUTPUTS}
    values |= {"BlueBadAlarm": "blue-bad", "GreenBadAlarm": "green-bad"}
    outputs = {name: {"Value": value} for name, value in values.items() if value}
    account.client("elbv2").modify_rule(
        RuleArn=cluster["GatewayRuleArn"], Actions=first_weights(cluster)
    )
    account.formation.create_stack(
        StackName="chat",
        TemplateBody=json.dumps(STACK | {"Outputs": outputs}),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in {
                "BlueImage": "chatd:1",
                "GreenImage": "chatd:1",
                "BlueWeight": "90",
                "GreenWeight": "10",
                "Other": "kept",
            }.items()
        ],
    )
    yield account
    account.formation.delete_stack(StackName="chat")
    account.client("cloudwatch").delete_alarms(AlarmNames=["blue-bad", "green-bad"])


@pytest.fixture
def alarms(account, stack):
    client = account.client("cloudwatch")
    for color in ("blue", "green"):
        client.put_metric_alarm(
            AlarmName=f"{color}-bad",
            Namespace="chatd",
            MetricName="x",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    return client


def ring(alarms, color):
    alarms.set_alarm_state(
        AlarmName=f"{color}-bad", StateValue="ALARM", StateReason="a test"
    )


def parameters(account):
    (stack,) = account.formation.describe_stacks(StackName="chat")["Stacks"]
    return {
        pair["ParameterKey"]: pair["ParameterValue"] for pair in stack["Parameters"]
    }


def run(deploy, *words):
    return deploy.main(["--stack", "chat", "--seconds", "0", *words])


def said(capsys):
    return capsys.readouterr().out.split("\n")[:-1]


def test_status(deploy, stack, capsys):
    run(deploy, "status")
    assert said(capsys) == ["blue 90 green 10"]


def test_shift_and_rollback(deploy, stack, capsys):
    run(deploy, "shift", "30", "70")
    run(deploy, "status")
    run(deploy, "rollback")
    run(deploy, "status")
    assert said(capsys) == [
        "blue 30 green 70",
        "blue 30 green 70",
        "blue 0 green 100",
        "blue 0 green 100",
    ]


def test_a_shift_of_nobody_is_refused(deploy, stack):
    with pytest.raises(deploy.Problem, match="nobody is served"):
        run(deploy, "shift", "0", "0")


def test_a_release_moves_everybody(deploy, stack, alarms, capsys):
    run(deploy, "release", "chatd:2")
    assert said(capsys) == [
        "blue 90 green 10",
        "blue 50 green 50",
        "blue 0 green 100",
    ]
    assert parameters(stack) == {
        "BlueImage": "chatd:1",
        "GreenImage": "chatd:2",
        "BlueWeight": "0",
        "GreenWeight": "100",
        "Other": "kept",
    }


def test_the_next_release_goes_to_the_other(deploy, stack, alarms, capsys):
    run(deploy, "release", "chatd:2")
    run(deploy, "release", "chatd:3")
    assert said(capsys)[-1] == "blue 100 green 0"
    assert parameters(stack)["BlueImage"] == "chatd:3"
    assert parameters(stack)["GreenImage"] == "chatd:2"


def test_an_alarm_takes_a_release_back(deploy, stack, alarms, capsys):
    ring(alarms, "green")
    with pytest.raises(deploy.Problem, match="blue has all again"):
        run(deploy, "release", "chatd:2")
    assert said(capsys) == ["blue 90 green 10", "blue 100 green 0"]
    assert parameters(stack)["BlueWeight"] == "100"


def test_the_other_colors_alarm_does_not(deploy, stack, alarms, capsys):
    ring(alarms, "blue")
    run(deploy, "release", "chatd:2")
    assert said(capsys)[-1] == "blue 0 green 100"


def test_no_release_without_an_alarm(deploy, stack):
    with pytest.raises(deploy.Problem, match="no alarm green-bad"):
        run(deploy, "release", "chatd:2")
