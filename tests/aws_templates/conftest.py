"""AWS as moto plays it: in this process, without a key of anybody's."""

import ipaddress
import json

import boto3
import moto
import pytest
import templates as reader

REGION = "eu-central-1"
# What moto's CloudFormation does not make, and of listeners a network balancer's.
UNKNOWN = ("AWS::ElastiCache::", "AWS::SecretsManager::", "AWS::EC2::SecurityGroupEgress")
REFUSED = {"LinkListener"}
UNKNOWN_ATTRIBUTES = ("LoadBalancerFullName", "TargetGroupFullName")


def plain(node):
    """A template without what moto cannot work out by itself."""
    if isinstance(node, list):
        return [plain(part) for part in node]
    if not isinstance(node, dict):
        return node
    if "Fn::GetAZs" in node:
        return [f"{REGION}a", f"{REGION}b"]
    if "Fn::Cidr" in node:
        _, count, bits = node["Fn::Cidr"]
        network = ipaddress.ip_network("10.40.0.0/20")
        subnets = network.subnets(new_prefix=32 - bits)
        return [str(subnet) for _, subnet in zip(range(count), subnets)]
    return {key: plain(part) for key, part in node.items()}


def possible(template):
    """What moto can make of it: resources, and outputs of these."""
    left_out = {
        name
        for name, resource in template["Resources"].items()
        if name in REFUSED or resource["Type"].startswith(UNKNOWN)
    }
    kept = dict(template)
    kept["Resources"] = {
        name: plain(resource)
        for name, resource in template["Resources"].items()
        if name not in left_out
    }
    kept["Outputs"] = {
        name: output
        for name, output in template["Outputs"].items()
        if not reader.references(output) & left_out
        and not set(reader.strings(output)) & set(UNKNOWN_ATTRIBUTES)
    }
    return kept


class Account:
    def __init__(self):
        self.templates = reader.load()
        self.formation = self.client("cloudformation")

    def client(self, service):
        return boto3.client(service, region_name=REGION)

    def create(self, file, **parameters):
        """Makes a stack of a template; gives its outputs."""
        name = file.removesuffix(".yml")
        self.formation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(possible(self.templates[file])),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": str(value)}
                for key, value in parameters.items()
            ],
        )
        (stack,) = self.formation.describe_stacks(StackName=name)["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        return {
            output["OutputKey"]: output.get("OutputValue")
            for output in stack.get("Outputs", [])
        }


@pytest.fixture(scope="module")
def account():
    """One for a file of tests, as what is made in it takes seconds."""
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "none")
        yield Account()


@pytest.fixture(scope="module")
def network(account):
    return account.create(
        "network.yml",
        Name="chat",
        NatGateways=2,
        FlowLogs="on",
        InterfaceEndpoints="on",
    )


@pytest.fixture(scope="module")
def cluster(account, network):
    wanted = ("Vpc", "PrivateSubnets", "LinkBalancerGroup", "BalancerGroup")
    return account.create(
        "cluster.yml", Name="chat", **{key: network[key] for key in wanted}
    )
