"""The verbs of packaging/aws, by the AWS CLI itself, on moto's server.

What moto cannot do is answered from a file, and each call is written down:
cli_server.py.
"""

import json
import os
import pathlib
import subprocess
import sys
import urllib.request
import warnings

import boto3
import pytest
import stand_in

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of parts of moto that are not used
    from moto.server import ThreadedMotoServer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "packaging/aws"
REGION = "eu-central-1"
sys.path.insert(0, str(FOLDER))

import traffic  # noqa: E402
import verbs  # noqa: E402
from account import deployment, stack  # noqa: E402

# The tasks, which moto does not run.
SERVICES = [
    {
        "serviceName": f"chat-{color}",
        "runningCount": 1,
        "desiredCount": 1,
        "taskDefinition": f"chat-{color}:1",
    }
    for color in ("blue", "green")
]
ANSWERS = {
    "ecs:DescribeServices": {"services": SERVICES},
    "ecs:DescribeTaskDefinition": {
        "taskDefinition": {"containerDefinitions": [{"image": "host/chat/chatd:1"}]}
    },
    "cloudfront:CreateInvalidation": {},
    "iam:SimulatePrincipalPolicy": {"EvaluationResults": []},
}


@pytest.fixture(scope="session")
def moto_address():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://localhost:{port}"
    server.stop()


@pytest.fixture(scope="session")
def cli(tmp_path_factory):
    """The folder of a command `aws`, and the address behind it."""
    folder = tmp_path_factory.mktemp("cli")
    command = folder / "aws"
    command.write_text(f"#!{sys.executable} -IS\n{(HERE / 'aws.py').read_text()}")
    command.chmod(0o755)
    address = str(folder / "server")
    server = subprocess.Popen(
        [sys.executable, HERE / "cli_server.py", address], stdout=subprocess.PIPE
    )
    assert server.stdout.readline() == b"ready\n"
    yield folder, address
    server.terminate()
    server.wait()
    server.stdout.close()


class Account:
    """What a test sees of it, beside what the verbs say."""

    def __init__(self, folder, address):
        self.calls_file = folder / "calls"
        self.calls_file.touch()
        self._answers = folder / "answers"
        self._address = address
        self.answers = dict(ANSWERS)
        self.set_answers()

    def set_answers(self, **more):
        self.answers |= {name.replace("__", ":"): value for name, value in more.items()}
        self._answers.write_text(json.dumps(self.answers))

    def client(self, service):
        return boto3.client(service, region_name=REGION, endpoint_url=self._address)

    def calls(self):
        return self.calls_file.read_text().split()

    def stack(self):
        (found,) = self.client("cloudformation").describe_stacks(StackName="chat")[
            "Stacks"
        ]
        return found

    def parameters(self):
        return {
            pair["ParameterKey"]: pair["ParameterValue"]
            for pair in self.stack()["Parameters"]
        }

    def outputs(self):
        return {pair["OutputKey"]: pair["OutputValue"] for pair in self.stack()["Outputs"]}

    def weights(self):
        outputs = self.outputs()
        rules = self.client("elbv2").describe_rules(
            RuleArns=[outputs["GatewayRuleArn"]]
        )
        groups = rules["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"]
        by_arn = {one["TargetGroupArn"]: int(one["Weight"]) for one in groups}
        return by_arn[outputs["BlueTargets"]], by_arn[outputs["GreenTargets"]]

    def make_alarms(self):
        client = self.client("cloudwatch")
        for color in ("blue", "green"):
            client.put_metric_alarm(
                AlarmName=f"chat-{color}-bad",
                Namespace="chatd",
                MetricName="x",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )

    def ring(self, color):
        self.client("cloudwatch").set_alarm_state(
            AlarmName=f"chat-{color}-bad", StateValue="ALARM", StateReason="a test"
        )


@pytest.fixture
def account(moto_address, cli, tmp_path, monkeypatch):
    """An empty one."""
    folder, address = cli
    made = Account(tmp_path, moto_address)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "CLI_SERVER": address,
        "CALLS": str(made.calls_file),
        "ANSWERS": str(tmp_path / "answers"),
        "AWS_ENDPOINT_URL": moto_address,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(stack, "POLL_SECONDS", 0)
    monkeypatch.setattr(traffic, "POLL_SECONDS", 0)
    yield made
    reset = urllib.request.Request(f"{moto_address}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=30).close()


@pytest.fixture
def deployed(account):
    """With a stack in it, and its alarms."""
    root = stand_in.root(FOLDER)
    del root["Resources"]["Note"]
    account.client("cloudformation").create_stack(
        StackName="chat",
        TemplateBody=json.dumps(root),
        Parameters=[
            {"ParameterKey": key, "ParameterValue": "host/chat/chatd:1"}
            for key in ("BlueImage", "GreenImage")
        ],
    )
    account.make_alarms()
    return account


class Ended:
    def __init__(self, status, output):
        self.status, self.out, self.err = status, output.out, output.err


@pytest.fixture
def run(capsys):
    """A verb, as its command would be called."""

    def call(verb, *words):
        status = verbs.main(verb, deployment.Account(), [str(word) for word in words])
        return Ended(status, capsys.readouterr())

    return call
