"""The verbs of packaging/aws, by the AWS CLI itself, on moto's server.

What moto cannot do is answered from a file, and each call is written down:
cli_server.py.
"""

import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import urllib.request
import warnings

import boto3
import pytest
import stand_in

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of parts of moto that are not used
    from moto.cloudformation.models import ChangeSet
    from moto.server import ThreadedMotoServer

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "packaging/aws"
REGION = "eu-central-1"
sys.path.insert(0, str(FOLDER))

import traffic  # noqa: E402
import verbs  # noqa: E402
from account import deployment, making, page, permissions, stack  # noqa: E402

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


# Slow tests of what seldom changes: docs/deploy.md as a whole, and all that
# check-account looks at.
runs_slow_ones = "CHAT_TEST_DEPLOY_PAGE" in os.environ
slow = pytest.mark.skipif(
    not runs_slow_ones, reason="takes long: CHAT_TEST_DEPLOY_PAGE=1"
)

PUSHER = """#!/bin/sh
echo "$*" >>"$(dirname "$0")/pushed"
[ "$1" = login ] && exit
for call in BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload \\
    GetDownloadUrlForLayer InitiateLayerUpload PutImage UploadLayerPart
do
    echo "ecr:$call" >>"$CALLS"
done
"""


def pytest_collection_modifyitems(items):
    """What looks at all calls comes after all."""
    items.sort(key=lambda item: "all_calls" in item.fixturenames[:1])


def apply_wholly(change_set):
    """moto itself leaves the outputs as they were before the change set."""
    apply_resources(change_set)
    changed = change_set.stack
    changed.template = change_set.template
    changed._parse_template()
    changed.output_map = changed._create_output_map()


apply_resources, ChangeSet.apply = ChangeSet.apply, apply_wholly


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
    # What else may be called python3 here could put another aws before this one.
    (folder / "python3").symlink_to(pathlib.Path(sys.executable).resolve())
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

    def __init__(self, folder, address, calls):
        self.folder = folder
        self._calls = calls
        self._before = len(calls.read_text())
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
        return self._calls.read_text()[self._before :].split()

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


@pytest.fixture(scope="session")
def all_calls(tmp_path_factory):
    """Of all tests, in a file."""
    path = tmp_path_factory.mktemp("calls") / "calls"
    path.touch()
    return path


@pytest.fixture
def account(moto_address, cli, all_calls, tmp_path, monkeypatch):
    """An empty one."""
    folder, address = cli
    made = Account(tmp_path, moto_address, all_calls)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "CLI_SERVER": address,
        "CALLS": str(all_calls),
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
    monkeypatch.setattr(page, "ROOT", HERE / "tree")
    monkeypatch.setattr(permissions, "missing", lambda *_: ())
    yield made
    reset = urllib.request.Request(f"{moto_address}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset, timeout=30).close()


ASK_FOR_MISSING = permissions.missing


@pytest.fixture
def asks(account, monkeypatch):
    """IAM is asked who may what, a dozen calls; else that is left out."""
    monkeypatch.setattr(permissions, "missing", ASK_FOR_MISSING)


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


@pytest.fixture
def templates(account, monkeypatch):
    """What moto can make, in the place of the templates."""
    folder = account.folder / "templates"
    folder.mkdir()
    stand_in.write(FOLDER, folder)
    monkeypatch.setattr(making, "FOLDER", folder)
    return folder


@pytest.fixture
def pusher(account, monkeypatch):
    """A skopeo that writes down what it was told, and the calls that a push is."""
    folder = account.folder / "bin"
    folder.mkdir()
    program = folder / "skopeo"
    program.write_text(PUSHER)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "pushed"


def add_json(files, name, value):
    data = json.dumps(value).encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    files.addfile(entry, io.BytesIO(data))


@pytest.fixture
def archive(tmp_path):
    """As ./dev package container writes one, without what is in it."""
    path = tmp_path / "chatd.tar"
    digests = {"manifest": "sha256:" + "ab" * 32, "config": "sha256:" + "cd" * 32}
    with tarfile.open(path, "w") as files:
        add_json(files, "index.json", {"manifests": [{"digest": digests["manifest"]}]})
        manifest = {"config": {"digest": digests["config"]}}
        add_json(files, f"blobs/sha256/{'ab' * 32}", manifest)
        add_json(files, f"blobs/sha256/{'cd' * 32}", {"architecture": "arm64"})
    return path


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
