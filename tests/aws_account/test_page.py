"""Each command of docs/deploy.md is run, on what its block says.

That takes a minute, so it is done where CHAT_TEST_DEPLOY_PAGE is set; without it
the commands are read, not run.
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
import stand_in
import verbs
from account import deployment
from conftest import FOLDER, ROOT, slow
from test_destroy import keep
from test_pipeline import STAND_IN

PAGE = ROOT / "docs/deploy.md"
KINDS = {"moto", "dry run", "local stack", "stand-in", "own test"}
TABLES = ("messages", "claims", "rooms", "folds", "users", "names", "tokens")


def blocks():
    """(kind, script) of each, in order."""
    found = re.findall(r"^```sh\n# ([\w -]+)\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert len(found) == PAGE.read_text().count("```sh")
    return found


def commands(script):
    return [line for line in script.replace("\\\n", "").splitlines() if line.strip()]


@pytest.fixture
def tree(account, tmp_path):
    """A copy of what the page's commands are in, with the stand-in's templates,
    and programs that write down what they are told."""
    tree = tmp_path / "tree"
    shutil.copytree(FOLDER, tree / "packaging/aws", symlinks=True)
    stand_in.write(FOLDER, tree / "packaging/aws")
    stack = tree / "packaging/aws/account/stack.py"
    stack.write_text(stack.read_text().replace("POLL_SECONDS = 5", "POLL_SECONDS = 0"))
    (tree / "web").mkdir()
    shutil.copy(ROOT / "web/index.html", tree / "web")
    (tree / "dev").write_text(STAND_IN)
    (tree / "dev").chmod(0o755)
    return tree


def perform(tree, script):
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tree,
        env={
            **os.environ,
            "TOLD": str(tree / "told"),
            "CALLS": str(tree / "calls"),  # of a person, and of no verb
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, f"{script}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def dry(script):
    """Each command of ours with the word, and nothing else among them."""
    lines = commands(script)
    assert all(line.startswith("packaging/aws/") for line in lines)
    return "\n".join(f"{line} --dry-run" for line in lines)


def test_each_block_says_on_what_it_ran():
    kinds = {kind for kind, _ in blocks()}
    assert kinds == KINDS


def test_each_command_is_one(tree):
    """Its shell is well-formed, and its words are those of the verb."""
    lines = [line for _, script in blocks() for line in commands(script)]
    for line in filter(lambda line: line.startswith("packaging/aws/"), lines):
        program, *words = shlex.split(line)
        assert os.access(tree / program, os.X_OK)
        name = pathlib.PurePath(program).name
        verb = verbs.ALSO_CALLED.get(name, name)
        if verb in verbs.VERBS:
            verbs.make_parser(name, verb, deployment.Account()).parse_args(words)
    for _, script in blocks():
        subprocess.run(["bash", "-n", "-c", script], check=True, timeout=60)


def make_data(account):
    """What the templates have and their stand-in has not."""
    for table in TABLES:
        account.client("dynamodb").create_table(
            TableName=f"chat-{table}",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
        account.client("dynamodb").update_continuous_backups(
            TableName=f"chat-{table}",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    account.client("secretsmanager").create_secret(Name="chat/gateway-secret-b")
    account.client("logs").create_log_group(logGroupName="/chat/blue")
    account.make_alarms()


@slow
def test_the_page_from_its_beginning_to_its_end(account, tree, archive, pusher):
    keep(account)
    account.set_answers(iam__AttachRolePolicy={})  # moto has no policy of AWS's own
    (tree / "build-container").mkdir()
    shutil.copy(archive, tree / "build-container/chatd.tar")
    earlier, said = [], ""
    for kind, script in blocks():
        if kind == "dry run":
            assert "aws --region" in perform(tree, dry(script))
        elif kind == "stand-in":
            perform(tree, script)
        elif kind == "moto":
            # One shell for all, as a reader has: what was set stays set.
            settings = [line for line in earlier if re.match(r"(export )?[A-Z_]+=", line)]
            said += perform(tree, "\n".join([*settings, script]))
            earlier += commands(script)
            if "packaging/aws/deploy\n" == script:
                make_data(account)
    assert "blue            weight  90" in said
    assert "blue 0, green 100" in said
    assert "dev package container" in (tree / "told").read_text()
    assert not account.client("cloudformation").describe_stacks()["Stacks"]
