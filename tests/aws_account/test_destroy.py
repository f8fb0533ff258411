"""destroy, on moto: from a stack to nothing, or to its tables."""

from account.cli import Aws, Refusal
from test_deploy import TABLES, make_tables, unchanged


def make_bucket(account):
    client = account.client("s3")
    client.create_bucket(
        Bucket="chat-page",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    client.put_bucket_versioning(
        Bucket="chat-page", VersioningConfiguration={"Status": "Enabled"}
    )
    for _ in range(2):
        client.put_object(Bucket="chat-page", Key="index.html", Body=b"page")
    client.delete_object(Bucket="chat-page", Key="index.html")
    account.client("ecr").create_repository(repositoryName="chat/chatd")


def keep(account, *arns):
    found = {"ResourceTagMappingList": [{"ResourceARN": arn} for arn in arns]}
    account.set_answers(tag__GetResources=found)


TABLE = "arn:aws:dynamodb:eu-central-1:1:table/"
KEPT = (
    "arn:aws:s3:::chat-page",
    "arn:aws:ecr:eu-central-1:1:repository/chat/chatd",
    *(TABLE + name for name in TABLES),
)


def test_destroy_keeps_the_tables(deployed, run):
    make_tables(deployed)
    make_bucket_beside(deployed)
    keep(deployed, KEPT[0], *KEPT[2:])
    ended = run("destroy")
    assert ended.status == 0, ended.err
    assert not deployed.client("cloudformation").describe_stacks()["Stacks"]
    assert not deployed.client("s3").list_buckets()["Buckets"]
    assert "kept: table chat-messages" in ended.err
    assert sorted(deployed.client("dynamodb").list_tables()["TableNames"]) == list(TABLES)


def make_bucket_beside(account):
    """The stack has the repository already."""
    account.client("ecr").delete_repository(repositoryName="chat/chatd", force=True)
    make_bucket(account)


def test_destroy_with_the_data_leaves_nothing(account, run):
    """Also where the stack itself is gone."""
    make_tables(account)
    make_bucket(account)
    keep(account, *KEPT)
    ended = run("destroy", "--delete-data", "chat")
    assert ended.status == 0, ended.err
    assert not account.client("dynamodb").list_tables()["TableNames"]
    assert not account.client("ecr").describe_repositories()["repositories"]
    keep(account)
    assert run("destroy", "--delete-data", "chat").status == 0


def test_a_balancer_without_the_other_is_unprotected(deployed, run, monkeypatch):
    """As a creation leaves it that failed. AWS, not moto, refuses to describe one
    of two that are named."""
    read = Aws.read

    def read_as_aws(aws, *words):
        if "--names" in words:
            raise Refusal("LoadBalancerNotFound", "DescribeLoadBalancers", "one of two")
        return read(aws, *words)

    monkeypatch.setattr(Aws, "read", read_as_aws)
    client = deployed.client("elbv2")
    (balancer,) = client.describe_load_balancers(Names=["chat"])["LoadBalancers"]
    arn, key = balancer["LoadBalancerArn"], "deletion_protection.enabled"
    client.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": key, "Value": "true"}]
    )
    stop = {"Error": {"Code": "ValidationError", "Message": "enough"}}
    deployed.set_answers(cloudformation__DeleteStack=stop)
    assert "enough" in run("destroy").err
    found = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    assert {"Key": key, "Value": "false"} in found


def test_the_name_must_be_typed_again(deployed, run):
    ended = run("destroy", "--delete-data", "yes")
    assert "--delete-data yes is not the name of --stack chat" in ended.err
    assert unchanged(deployed)


def test_a_dry_run_destroys_nothing(deployed, run):
    keep(deployed, *KEPT[2:])
    ended = run("destroy", "--delete-data", "chat", "--dry-run")
    assert "cloudformation delete-stack --stack-name chat" in ended.out
    assert "dynamodb delete-table --table-name chat-messages" in ended.out
    assert unchanged(deployed)


def test_destroy_is_of_more_regions_too(account, run):
    described = {
        "StackName": "chat",
        "StackId": "chat",
        "StackStatus": "CREATE_COMPLETE",
        "Parameters": [
            {"ParameterKey": "MoreRegions", "ParameterValue": "eu-west-1,us-west-2"}
        ],
    }
    account.set_answers(
        cloudformation__DescribeStacks={"Stacks": [described]},
        cloudformation__DescribeStackEvents={"StackEvents": []},
        elasticloadbalancing__DescribeLoadBalancers={
            "LoadBalancers": [
                {"LoadBalancerName": "chat", "LoadBalancerArn": "arn:ours"},
                {"LoadBalancerName": "other", "LoadBalancerArn": "arn:another's"},
            ]
        },
    )
    keep(account, KEPT[2])
    ended = run("destroy", "--delete-data", "chat", "--dry-run")
    for region in ("eu-central-1", "eu-west-1", "us-west-2"):
        assert f"--region {region} elbv2 modify-load-balancer-attributes" in ended.out
        assert f"--region {region} dynamodb delete-table" in ended.out
    assert "another" not in ended.out
