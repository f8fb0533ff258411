"""Each call that the commands make, with what IAM wants for it.

`python3 -m account.permissions NAME`, in packaging/aws, writes the policy of
who deploys NAME; deployer-policy.json is that of `chat`. CloudFormation makes
the resources themselves, with the permissions of --role, or without one with
those of the caller.
"""

import json
import sys
from dataclasses import dataclass

from traffic import Problem

from .cli import DENIED, Refusal, say

STACKS = (
    "arn:aws:cloudformation:*:*:stack/{name}/*",
    "arn:aws:cloudformation:*:*:stack/{name}-*/*",
)
TEMPLATES = "arn:aws:s3:::{name}-templates-*"
# CloudFormation calls them after the stack, the nested stack and the resource.
BUCKETS = "arn:aws:s3:::{name}-*"
REPOSITORY = "arn:aws:ecr:*:*:repository/{name}/chatd"
BALANCERS = (
    "arn:aws:elasticloadbalancing:*:*:loadbalancer/app/{name}/*",
    "arn:aws:elasticloadbalancing:*:*:loadbalancer/net/{name}-link/*",
)
RULES = "arn:aws:elasticloadbalancing:*:*:listener-rule/app/{name}/*"
TABLES = "arn:aws:dynamodb:*:*:table/{name}-*"
ROLE = "arn:aws:iam::*:role/{name}-cloudformation"
CALLERS = ("arn:aws:iam::*:user/*", "arn:aws:iam::*:role/*")
SERVICES = "arn:aws:ecs:*:*:service/{name}/{name}-*"
LOGS = "arn:aws:logs:*:*:log-group:/{name}/*"
# These know no resource, or one that nobody knows before.
ANY = "*"


@dataclass(frozen=True)
class Row:
    call: str
    resources: tuple | str
    verbs: str
    actions: tuple = ()  # that of the call's name

    @property
    def needed(self):
        return self.actions or (self.call,)


EVERY = "up down shift release rollback status logs"
PUSH = "up release"
TABLE = (
    Row("sts:GetCallerIdentity", ANY, "up down"),
    Row("iam:GetRole", "arn:aws:iam::*:role/*", "up down"),
    Row("iam:SimulatePrincipalPolicy", CALLERS, "up down"),
    # ---- stacks ----
    Row("cloudformation:DescribeStacks", STACKS, EVERY),
    Row("cloudformation:DescribeStackEvents", STACKS, "up down release"),
    Row("cloudformation:CreateChangeSet", STACKS, "up release"),
    Row("cloudformation:DescribeChangeSet", STACKS, "up release"),
    Row("cloudformation:ExecuteChangeSet", STACKS, "up release"),
    Row("cloudformation:DeleteChangeSet", STACKS, "up release"),
    Row("cloudformation:DeleteStack", STACKS, "up down"),
    Row("iam:PassRole", ROLE, "up"),  # of --role, by CreateChangeSet
    # ---- templates and the page ----
    Row("s3:PutObject", BUCKETS + "/*", "up release"),
    Row("s3:HeadObject", TEMPLATES + "/*", "up", ("s3:GetObject",)),
    Row("s3:ListObjectsV2", BUCKETS, "up release", ("s3:ListBucket",)),
    Row("s3:DeleteObject", BUCKETS + "/*", "up release"),
    Row("cloudfront:CreateInvalidation", "arn:aws:cloudfront::*:distribution/*", "up release"),
    # ---- the image ----
    Row("ecr:GetAuthorizationToken", ANY, PUSH),
    Row("ecr:DescribeImages", REPOSITORY, PUSH),
    Row("ecr:BatchCheckLayerAvailability", REPOSITORY, PUSH),
    Row("ecr:BatchGetImage", REPOSITORY, PUSH),
    Row("ecr:CompleteLayerUpload", REPOSITORY, PUSH),
    Row("ecr:GetDownloadUrlForLayer", REPOSITORY, PUSH),
    Row("ecr:InitiateLayerUpload", REPOSITORY, PUSH),
    Row("ecr:PutImage", REPOSITORY, PUSH),
    Row("ecr:UploadLayerPart", REPOSITORY, PUSH),
    # ---- who gets the requests ----
    Row("elasticloadbalancing:DescribeRules", ANY, EVERY),
    Row("elasticloadbalancing:DescribeTags", ANY, "rollback"),
    Row("elasticloadbalancing:DescribeTargetHealth", ANY, "up status"),
    Row("elasticloadbalancing:ModifyRule", RULES, "shift release rollback"),
    Row("elasticloadbalancing:AddTags", RULES, "shift release"),
    Row("cloudwatch:DescribeAlarms", ANY, "up shift release status"),
    Row("cloudwatch:GetMetricData", ANY, "up status"),
    Row("ecs:DescribeServices", SERVICES, "up status"),
    Row("ecs:DescribeTaskDefinition", ANY, "up status"),
    Row("logs:FilterLogEvents", LOGS, "logs"),
    # ---- what is looked up, and what is left behind ----
    Row("ec2:DescribeManagedPrefixLists", ANY, "up"),
    Row("dynamodb:ListTables", ANY, "up"),
    Row("tag:GetResources", ANY, "down"),
    Row("elasticloadbalancing:DescribeLoadBalancers", ANY, "up down"),
    Row("elasticloadbalancing:ModifyLoadBalancerAttributes", BALANCERS, "up down"),
    Row("s3:ListObjectVersions", BUCKETS, "down", ("s3:ListBucketVersions",)),
    Row("s3:DeleteObjects", BUCKETS + "/*", "down", ("s3:DeleteObject", "s3:DeleteObjectVersion")),
    Row("s3:DeleteBucket", BUCKETS, "down"),
    Row("ecr:DeleteRepository", REPOSITORY, "down"),
    Row("dynamodb:UpdateTable", TABLES, "down"),
    Row("dynamodb:DescribeTable", TABLES, "down"),
    Row("dynamodb:DeleteTable", TABLES, "down"),
)  # fmt: skip

API = "arn:aws:apigateway:*::/apis*"
# Of check-account beside these: for an administrator, and in no policy.
CHECKS = (
    Row("apigateway:GetApis", API, "", ("apigateway:GET",)),
    Row("apigateway:GetIntegrations", API, "", ("apigateway:GET",)),
    Row("apigateway:CreateIntegration", API, "", ("apigateway:POST",)),
    Row("apigateway:UpdateIntegration", API, "", ("apigateway:PATCH",)),
    Row("apigateway:DeleteIntegration", API, "", ("apigateway:DELETE",)),
    Row("execute-api:PostToConnection", ANY, "", ("execute-api:ManageConnections",)),
)


def as_tuple(resources):
    return (resources,) if isinstance(resources, str) else resources


def by_resources(rows, name):
    """Resources -> the actions on them, both sorted."""
    groups = {}
    for row in rows:
        arns = tuple(arn.format(name=name) for arn in as_tuple(row.resources))
        groups.setdefault(arns, set()).update(row.needed)
    return {arns: sorted(groups[arns]) for arns in sorted(groups)}


def policy(name):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": actions, "Resource": list(arns)}
            for arns, actions in by_resources(TABLE, name).items()
        ],
    }


# ---- what the caller has of it ----


def principal(aws, arn):
    """Who is asked about: of a session its role. None for the account itself,
    which may do everything."""
    resource = arn.rpartition(":")[2]
    if resource == "root":
        return None
    if ":assumed-role/" not in arn:
        return arn
    role = resource.split("/")[1]
    return aws.read("iam", "get-role", "--role-name", role)["Role"]["Arn"]


def example(arn, region, account):
    """A resource that a pattern is of."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    parts[3] = parts[3].replace("*", region)
    parts[4] = parts[4].replace("*", account)
    return ":".join(parts).replace("*", "example")


def missing(aws, who, rows, name, account):
    for arns, actions in by_resources(rows, name).items():
        found = aws.read(
            *("iam", "simulate-principal-policy", "--policy-source-arn", who),
            *("--action-names", *actions, "--resource-arns"),
            *(example(arn, aws.region, account) for arn in arns),
        )
        for result in found["EvaluationResults"]:
            if result["EvalDecision"] != "allowed":
                yield result["EvalActionName"]


def check(aws, verb, name, identity, role=None):
    """Says what the caller lacks before anything is changed. Where nobody may
    ask that, the first call that is refused says it."""
    rows = [row for row in TABLE if verb in row.verbs.split()]
    if role is None:
        rows = [row for row in rows if row.call != "iam:PassRole"]
    try:
        who = principal(aws, identity["Arn"])
        lacking = who and sorted(
            set(missing(aws, who, rows, name, identity["Account"]))
        )
    except Refusal as refusal:
        if refusal.code not in DENIED:
            raise
        say("permissions are not checked: to ask about them is not permitted")
        return
    if lacking:
        raise Problem(
            f"{identity['Arn']} may not {', '.join(lacking)};"
            " packaging/aws/deployer-policy.json has what is needed"
        )


if __name__ == "__main__":
    print(json.dumps(policy(sys.argv[1]), indent=2))
