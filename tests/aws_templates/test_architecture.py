"""Each part of the architecture has a resource, and a rule that guards it."""

import pytest
import templates as reader
from mutations import MUTATIONS
from templates import resources

# Part -> types of resources, all of which are there, and the rule.
ARCHITECTURE = {
    "CloudFront": (["CloudFront::Distribution"], "page_is_by_https_only"),
    "S3": (["S3::Bucket", "CloudFront::OriginAccessControl"], "page_is_read_by_this_distribution_only"),
    "API Gateway": (["ApiGatewayV2::Api", "ApiGatewayV2::Stage", "ApiGatewayV2::Route", "ApiGatewayV2::RouteResponse"], "gateway_shows_its_secret"),
    "VPC link": (["ApiGateway::VpcLink"], "link_ends_in_the_network_balancer"),
    "Fargate": (["ECS::Service", "ECS::TaskDefinition", "ECR::Repository"], "task_is_locked_down"),
    "blue and green": (["ElasticLoadBalancingV2::ListenerRule"], "colors_are_two_with_weights"),
    "balancers": (["ElasticLoadBalancingV2::LoadBalancer", "ElasticLoadBalancingV2::TargetGroup"], "balancer_forwards_only_what_is_meant"),
    "DynamoDB": (["DynamoDB::Table"], "tables_are_kept"),
    "Redis": (["ElastiCache::ReplicationGroup"], "cache_is_encrypted"),
    "VPC": (["EC2::VPC", "EC2::Subnet", "EC2::NatGateway"], "tasks_and_balancers_are_private"),
    "endpoints": (["EC2::VPCEndpoint"], "endpoints_keep_tables_and_images_off_the_nat"),
    "CloudWatch": (["CloudWatch::Alarm", "CloudWatch::Dashboard", "Logs::LogGroup"], "there_are_alarms"),
    "X-Ray": (["XRay::TransactionSearchConfig", "XRay::Group"], "traces_and_metrics_leave_chatd"),
    "security": (["EC2::SecurityGroup", "IAM::Role", "SecretsManager::Secret"], "no_open_security_group"),
    "autoscaling": (["ApplicationAutoScaling::ScalableTarget", "ApplicationAutoScaling::ScalingPolicy"], "services_grow_with_their_load"),
    "Route 53": (["Route53::RecordSet", "Route53::RecordSetGroup"], "names_have_records"),
    "ACM": (["CertificateManager::Certificate"], "certificates_are_proven_by_dns"),
    "WAF": (["WAFv2::WebACL"], "web_acl_cannot_be_gone_around"),
    "StackSets": (["CloudFormation::StackSet"], "regions_follow_each_other"),
    "pipeline": (["CodePipeline::Pipeline", "CodeBuild::Project"], "pipeline_builds_then_shifts"),
}  # fmt: skip


@pytest.mark.parametrize("part", ARCHITECTURE)
def test_is_there_and_guarded(part):
    types, rule = ARCHITECTURE[part]
    for kind in types:
        assert any(resources(reader.load(), f"AWS::{kind}")), kind
    assert rule in {name for *_, name in MUTATIONS}
