"""deploy, on moto: from nothing to a stack."""

import pytest
from account import images, making
from account.cli import Aws

TABLES = ("chat-messages", "chat-rooms")


def make_tables(account):
    for table in TABLES:
        account.client("dynamodb").create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            Tags=[{"Key": "deployment", "Value": "chat"}],
        )


def refused(run, *words):
    ended = run("deploy", *words)
    assert ended.status == 1
    return ended.err


# ---- what is missing is said before anything is changed ----


def unchanged(account):
    changing = ("Create", "Put", "Execute", "Delete", "Modify", "Add")
    return not [c for c in account.calls() if c.partition(":")[2].startswith(changing)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--stack", "Chat"], "--stack Chat: 2 to 20 of"),
        (["--set", "Colour=red"], "root.yml has no parameter Colour"),
        (["--set", "Colour"], "'Colour' is no KEY=VALUE"),
        (["--profile", "production"], "--set HostedZone=… --set SocketDomain=…"),
        (["--image", "nowhere.tar"], "./dev package container makes"),
    ],
)
def test_what_is_asked_wrongly(account, run, words, said):
    assert said in refused(run, *words)
    assert unchanged(account)


def test_an_image_of_another_processor(account, run, archive):
    words = ("--image", archive, "--set", "Architecture=X86_64")
    assert "is for ARM64, not X86_64" in refused(run, *words)
    assert unchanged(account)


def test_nobody_to_push_the_image(account, run, archive, monkeypatch):
    monkeypatch.setattr(images.shutil, "which", lambda name: name == "aws" or None)
    assert "none of skopeo, buildah, docker" in refused(run, "--image", archive)
    assert unchanged(account)


def test_a_permission_that_is_missing(account, asks, run):
    denial = {"EvalActionName": "s3:PutObject", "EvalDecision": "implicitDeny"}
    account.set_answers(
        iam__SimulatePrincipalPolicy={"EvaluationResults": [denial]},
    )
    said = refused(run, "--image", "host/chatd:1")
    assert "may not s3:PutObject; packaging/aws/deployer-policy.json" in said
    assert unchanged(account)


def test_tables_of_an_earlier_one(account, run):
    make_tables(account)
    said = refused(run, "--image", "host/chatd:1")
    assert "destroy --delete-data chat deletes them" in said
    assert unchanged(account)


# ---- from nothing to the page ----


def test_from_nothing_and_again(account, run, archive, templates, pusher):
    run("deploy", "--image", archive, "--role", "arn:aws:iam::1:role/chat-cloudformation")
    asked = account.parameters()
    uri = account.outputs()["RepositoryUri"]
    assert asked["BlueImage"] == asked["GreenImage"] == f"{uri}:{'ab' * 8}"
    assert (asked["Architecture"], asked["Running"]) == ("ARM64", "on")
    assert pusher.read_text().splitlines()[1] == (
        f"copy oci-archive:{archive} docker://{uri}:{'ab' * 8}"
    )
    check_page(account)
    bucket = account.outputs()["WebBucket"]
    account.client("s3").put_object(Bucket=bucket, Key="old.js", Body=b"")
    run("shift", 30, 70)
    ended = run("deploy", "--set", "TraceSample=0.5", "--green", "host/chatd:2")
    assert "blue            weight  30" in ended.out, ended.err
    after = account.parameters()
    assert after["GreenImage"] == "host/chatd:2"
    assert after["BlueImage"] == asked["BlueImage"]
    assert after["TraceSample"] == "0.5"
    # An update moves nobody.
    assert (after["BlueWeight"], after["GreenWeight"]) == ("30", "70")
    check_page(account)


def check_page(account):
    bucket = account.outputs()["WebBucket"]
    files = account.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert {file["Key"] for file in files} == {"index.html"}
    head = account.client("s3").head_object(Bucket=bucket, Key="index.html")
    assert head["CacheControl"] == "no-cache"
    assert "cloudfront:CreateInvalidation" in account.calls()


def test_an_image_that_is_there_is_not_pushed(account, run, archive, pusher):
    account.set_answers(ecr__DescribeImages={"imageDetails": [{}]})
    found = images.push(Aws("eu-central-1"), images.find(archive), {"RepositoryUri": "host/chat/chatd"})
    assert found == f"host/chat/chatd:{'ab' * 8}"
    assert not pusher.exists()


def test_what_ended_before_its_image_goes_on(account, run, archive, templates, monkeypatch):
    """As a push that failed leaves it."""
    described = {
        "StackName": "chat",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in {
                "BlueImage": making.NO_IMAGE,
                "GreenImage": making.NO_IMAGE,
                "Running": "off",
                "Forgotten": "of an older template",
            }.items()
        ],
    }
    account.set_answers(cloudformation__DescribeStacks={"Stacks": [described]})
    monkeypatch.setattr(images, "BUILT", archive)
    monkeypatch.setattr(making.Making, "_weights", lambda self: {})
    said = run("deploy", "--dry-run").out
    assert '"ParameterKey": "Running", "ParameterValue": "on"' in said
    assert f"<RepositoryUri>:{'ab' * 8}" in said
    # That of the artifacts, which has the same answer, but has one template.
    assert said.count("Forgotten") == 1


def test_a_dry_run_of_nothing(account, run, archive, templates, pusher):
    ended = run("deploy", "--image", archive, "--dry-run")
    assert ended.status == 0, ended.err
    commands = [line.split(" ", 3)[3] for line in ended.out.splitlines() if "aws" in line[:3]]
    assert [" ".join(command.split()[:2]) for command in commands] == [
        "cloudformation create-change-set",
        "cloudformation execute-change-set",
        "cloudformation package",
        "s3 cp",
        "cloudformation create-change-set",
        "cloudformation execute-change-set",
        "cloudformation create-change-set",
        "cloudformation execute-change-set",
        "s3 sync",
        "cloudfront create-invalidation",
    ]
    assert "skopeo copy oci-archive:" in ended.out
    assert unchanged(account)
    assert not pusher.exists()


def test_production_has_an_edge(account, run, templates):
    """Of another region, made first; what it gives is a parameter of the rest."""
    account.set_answers(
        ec2__DescribeManagedPrefixLists={"PrefixLists": [{"PrefixListId": "pl-1"}]}
    )
    ended = run(
        *("deploy", "--dry-run", "--profile", "production", "--image", "host/chatd:1"),
        *("--set", "HostedZone=Z1", "--set", "SocketDomain=ws.example.org"),
        *("--set", "AlarmEmail=ops@example.org", "--set", "DirectWebSocket=on"),
    )
    edge = ended.out.index("--region us-east-1 cloudformation create-change-set")
    root = ended.out.index("<WebAclArn>")
    assert edge < root
    assert '"ParameterValue": "pl-1"' in ended.out


def test_what_is_as_asked_is_left_alone(deployed, run):
    nothing = "The submitted information didn't contain changes."
    deployed.set_answers(
        cloudformation__CreateChangeSet={},
        cloudformation__DeleteChangeSet={},
        cloudformation__DescribeChangeSet={"Status": "FAILED", "StatusReason": nothing},
    )
    stack = making.Stack(Aws("eu-central-1"), "chat")
    stack.make(["--use-previous-template"], {"TraceSample": "1"})
    assert deployed.calls()[-2:] == [
        "cloudformation:DescribeChangeSet",
        "cloudformation:DeleteChangeSet",
    ]


def test_a_stack_that_is_busy_or_stuck(account, run):
    for status, said in (
        ("UPDATE_IN_PROGRESS", "busy: UPDATE_IN_PROGRESS; try later"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback --stack-name chat"),
    ):
        account.set_answers(
            cloudformation__DescribeStacks={"Stacks": [{"StackStatus": status}]}
        )
        assert said in refused(run)


def test_the_reason_of_a_failure_is_that_of_the_nested_stack(account, run):
    """The first failure, not that of the stacks around it."""

    def event(stack, resource, status, **more):
        return {
            "EventId": f"{stack}-{resource}-{status}",
            "StackId": stack,
            "LogicalResourceId": resource,
            "ResourceStatus": status,
            "ResourceType": "AWS::CloudFormation::Stack",
            **more,
        }

    inner = {"ResourceType": "AWS::ECS::Service", "ResourceStatusReason": "no capacity"}
    failures = [
        event("root", "Blue", "CREATE_FAILED", PhysicalResourceId="blue"),
        event("blue", "Service", "CREATE_FAILED", **inner),
    ]

    class Recorded:
        dry_run = False

        def read(self, *words):
            name = words[words.index("--stack-name") + 1]
            return {"StackEvents": [e for e in failures if e["StackId"] == name]}

    stack = making.Stack(Recorded(), "root")
    assert stack._why(failures[:1]) == ": Service: no capacity"


def stand(account, status, **parameters):
    """The stack and what is beside it are in that state."""
    described = {
        "StackName": "chat",
        "StackId": "chat",
        "StackStatus": status,
        "RoleARN": "arn:aws:iam::1:role/chat-cloudformation",
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in parameters.items()
        ],
    }
    account.set_answers(
        cloudformation__DescribeStacks={"Stacks": [described]},
        cloudformation__DescribeStackEvents={"StackEvents": []},
    )


def test_a_stack_that_failed_is_made_anew_as_it_was_asked(account, run, templates):
    """By the same role, since AWS forgets it with the stack."""
    stand(account, "ROLLBACK_COMPLETE", TraceSample="0.5", Forgotten="of an older one")
    ended = run("deploy", "--image", "host/chatd:1", "--dry-run")
    assert ended.status == 0, ended.err
    assert "chat: ROLLBACK_COMPLETE, made anew" in ended.err
    root = ended.out[ended.out.rindex("create-change-set") :]
    assert "--change-set-type CREATE" in root
    assert '"ParameterKey": "TraceSample", "ParameterValue": "0.5"' in root
    assert "Forgotten" not in root
    assert "--role-arn arn:aws:iam::1:role/chat-cloudformation" in root


def test_what_failed_has_no_weights_to_keep(account, run, templates, monkeypatch):
    stand(account, "ROLLBACK_FAILED")
    monkeypatch.setattr(making.Making, "_make_artifacts", lambda self: "bucket")
    monkeypatch.setattr(making.Making, "_upload", lambda *_: ["--template-url", "x"])
    gone = {"Error": {"Code": "ValidationError", "Message": "enough"}}
    account.set_answers(cloudformation__DeleteStack=gone)
    ended = run("deploy", "--image", "host/chatd:1")
    assert "DeleteStack: ValidationError: enough" in ended.err


def test_while_it_is_made_the_verbs_say_so(account, run):
    stand(account, "CREATE_IN_PROGRESS")
    for words in (["status"], ["logs"], ["shift", 1, 1]):
        assert "stack chat has nothing yet: CREATE_IN_PROGRESS" in run(*words).err


def test_an_edge_is_kept_as_is_asked(account, run, templates):
    """Though the stack has its web ACL already; another's is left alone."""
    acl = "arn:aws:wafv2:us-east-1:1:global/webacl/chat/1"
    asked = {
        "Profile": "production",
        "HostedZone": "Z1",
        "SocketDomain": "ws.example.org",
        "AlarmEmail": "ops@example.org",
        "BlueImage": "host/chatd:1",
        "GreenImage": "host/chatd:1",
        "WebAclArn": acl,
    }
    stand(account, "UPDATE_COMPLETE", **asked)
    account.answers["cloudformation:DescribeStacks"]["Stacks"][0]["Outputs"] = [
        {"OutputKey": "WebAclArn", "OutputValue": acl},
        {"OutputKey": "GatewayRuleArn", "OutputValue": "rule"},
    ]
    groups = [
        {"TargetGroupArn": f"<{color}Targets>", "Weight": 1} for color in ("Blue", "Green")
    ]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    account.set_answers(
        elasticloadbalancing__DescribeRules={"Rules": [{"Actions": [action]}]}
    )
    edge = "aws --region us-east-1 cloudformation create-change-set"
    ended = run("deploy", "--dry-run", "--set", "WebDomain=chat.example.org")
    assert edge in ended.out, ended.err
    ended = run("deploy", "--dry-run", "--set", "WebAclArn=arn:aws:wafv2:another")
    assert "create-change-set" in ended.out, ended.err
    assert edge not in ended.out
