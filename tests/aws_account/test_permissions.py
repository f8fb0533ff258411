"""Each call has its row, each row its call, and the policy is what they need."""

import json
import pathlib
import re

import pytest
from account import permissions
from conftest import FOLDER, HERE, runs_slow_ones

CALLS = {row.call for row in permissions.TABLE}
OF_CHECKS = {row.call for row in permissions.CHECKS}


def test_the_policy_is_the_tables():
    kept = json.loads((FOLDER / "deployer-policy.json").read_text())
    assert kept == permissions.policy("chat")


def test_the_policy_fits():
    """6,144 characters without white space, as a managed policy."""
    assert len(json.dumps(permissions.policy("chat"), separators=(",", ":"))) < 6144


def test_each_row_is_of_one_call():
    assert len(CALLS) == len(permissions.TABLE)


def test_a_resource_is_asked_about_by_an_example():
    arn = "arn:aws:ecs:*:*:service/chat/chat-*"
    assert permissions.example(arn, "eu-west-1", "123") == (
        "arn:aws:ecs:eu-west-1:123:service/chat/chat-example"
    )
    assert permissions.example("*", "eu-west-1", "123") == "*"


class Roles:
    def read(self, *words):
        return {"Role": {"Arn": f"arn:aws:iam::1:role/path/{words[-1]}"}}


@pytest.mark.parametrize(
    ("arn", "who"),
    [
        ("arn:aws:iam::1:root", None),
        ("arn:aws:iam::1:user/ada", "arn:aws:iam::1:user/ada"),
        ("arn:aws:sts::1:assumed-role/Ops/ada", "arn:aws:iam::1:role/path/Ops"),
    ],
)
def test_who_is_asked_about(arn, who):
    assert permissions.principal(Roles(), arn) == who


def test_where_nobody_may_ask_it_goes_on(account, asks, run):
    denial = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    account.set_answers(iam__SimulatePrincipalPolicy=denial)
    ended = run("destroy", "--dry-run")
    assert "permissions are not checked" in ended.err


def test_a_session_of_a_role_is_asked_about_as_the_role(account, asks, run):
    account.set_answers(
        sts__GetCallerIdentity={
            "Account": "1",
            "Arn": "arn:aws:sts::1:assumed-role/Ops/ada",
        },
        iam__GetRole={"Role": {"Arn": "arn:aws:iam::1:role/Ops"}},
    )
    run("destroy", "--dry-run")
    assert "iam:GetRole" in account.calls()


def test_the_pipeline_may_release():
    """An image that is in the registry already."""
    template = (FOLDER / "pipeline.yml").read_text()
    role = template[template.index("  DeployRole:") : template.index("  Deploy:")]
    needed = {
        action
        for row in permissions.TABLE
        if "release" in row.verbs.split() and not row.call.startswith("ecr:")
        for action in row.needed
    }
    assert needed - set(re.findall(r"[a-z0-9-]+:\w+", role)) == set()


def test_each_call_has_its_row(all_calls):
    made = set(all_calls.read_text().split())
    assert made
    assert made - CALLS - OF_CHECKS == set()


def test_each_row_has_its_call(all_calls, request):
    """So the policy has no more than what is used; after all tests only."""
    run = {pathlib.Path(item.path).name for item in request.session.items}
    if not {path.name for path in HERE.glob("test_*.py")} <= run:
        pytest.skip("not all tests were run")
    rows = CALLS | OF_CHECKS if runs_slow_ones else CALLS
    assert rows - set(all_calls.read_text().split()) == set()
