"""docs/aws.md's table: each part has resources, and a rule that can fail."""

import re

import pytest
import templates as reader
from mutations import MUTATIONS
from rules import RULES

# Part of the architecture -> types of resources that it is made of.
PARTS = {
    "CloudFront": {"CloudFront::Distribution", "CloudFront::ResponseHeadersPolicy"},
    "S3": {"S3::Bucket", "S3::BucketPolicy", "CloudFront::OriginAccessControl"},
    "API Gateway": {"ApiGatewayV2::Api", "ApiGatewayV2::Stage", "ApiGatewayV2::Route", "ApiGatewayV2::RouteResponse"},
    "VPC link": {"ApiGateway::VpcLink", "ElasticLoadBalancingV2::LoadBalancer"},
    "Fargate, blue and green": {"CloudFormation::Stack", "ECS::Service", "ECS::TaskDefinition", "ECR::Repository"},
    "ALB": {"ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::ListenerRule", "ElasticLoadBalancingV2::TargetGroup"},
    "DynamoDB": {"DynamoDB::Table"},
    "Redis": {"ElastiCache::ReplicationGroup"},
    "VPC": {"EC2::VPC", "EC2::Subnet", "EC2::NatGateway"},
    "endpoints": {"EC2::VPCEndpoint"},
    "CloudWatch": {"CloudWatch::CompositeAlarm", "CloudWatch::Dashboard", "Logs::LogGroup"},
    "X-Ray": {"XRay::TransactionSearchConfig", "XRay::Group"},
    "security": {"EC2::SecurityGroup", "IAM::Role", "SecretsManager::Secret"},
    "autoscaling": {"ApplicationAutoScaling::ScalableTarget", "ApplicationAutoScaling::ScalingPolicy"},
    "Route 53": {"Route53::RecordSet", "Route53::RecordSetGroup"},
    "ACM": {"CertificateManager::Certificate"},
    "WAF": {"WAFv2::WebACL"},
    "StackSets": {"CloudFormation::StackSet"},
    "pipeline": {"CodePipeline::Pipeline", "CodeBuild::Project"},
}  # fmt: skip


def table():
    """Part -> (where, rule, broken by), as the page has it."""
    page = (reader.ROOT / "docs/aws.md").read_text()
    section = page.split("## Each part, and what guards it")[1].split("\n## ")[0]
    return {
        part: (re.findall("`(.+?)`", where), rule, broken)
        for part, where, rule, broken in re.findall(
            r"^\| ([^|`]+?) \| (`.*?) \| `(\w+)` \| `(.*?)` \|$", section, re.M
        )
    }


TABLE = table()


def type_of(place):
    file, name = place.split("/")
    kind = reader.load()[file]["Resources"][name]["Type"]
    return kind.removeprefix("AWS::")


def test_the_table_has_each_part():
    assert TABLE.keys() == PARTS.keys()


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_where_the_table_says(part):
    where, *_ = TABLE[part]
    assert PARTS[part] <= {type_of(place) for place in where}


@pytest.mark.parametrize("part", PARTS)
def test_the_rule_is_shown_broken_so(part):
    _, rule, broken = TABLE[part]
    place, _, end = broken.partition(": ")
    file, name = place.split("/")
    assert rule in RULES
    assert any(
        (of_file, of_rule) == (file, rule)
        and f"{path}/".startswith(f"Resources/{name}/")
        and path.endswith(end)
        for of_file, path, _, of_rule in MUTATIONS
    )
