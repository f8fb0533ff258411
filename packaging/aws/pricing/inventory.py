"""What the templates make, as far as it costs: counts by profile, and what each
type of resource is paid by. tests/aws_cost holds both to the templates.
"""

from dataclasses import dataclass

from .prices import Line

HOURS = 730  # of a month
DAYS = HOURS / 24

# A task's line of numbers, once a minute, when all of them have been seen.
METRICS_LINE_BYTES = 8200
# What chatd reports for a color: docs/metrics.md, the column EMF.
CHATD_METRICS = 89
# Container Insights: eight measures each of the cluster, the two services and the
# two families of tasks, five counts of each service and two of the cluster. By
# the names in its documentation; no bill has confirmed it.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/appinsights-metrics-ecs.html
CONTAINER_METRICS = 8 * (1 + 2 + 2) + 5 * 2 + 2
# DetailedMetricsEnabled: six metrics of each of the three routes, at the most.
ROUTE_METRICS = 18


@dataclass(frozen=True)
class Profile:
    nat_gateways: int
    interface_endpoints: int
    tasks: int  # of both colors
    processors: float  # of a task
    gigabytes: float
    cache_nodes: int
    web_acls: int
    recovery: bool
    log_days: int
    zones: int = 2
    secrets: int = 5
    keys: int = 1
    rules: int = 4  # of a web ACL
    alarm_metrics: int = 23
    composite_alarms: int = 2
    dashboards: int = 1
    colors: int = 2


PROFILES = {
    "hackathon": Profile(
        nat_gateways=1,
        interface_endpoints=0,
        tasks=2,
        processors=0.25,
        gigabytes=0.5,
        cache_nodes=1,
        web_acls=0,
        recovery=False,
        log_days=7,
    ),
    "production": Profile(
        nat_gateways=2,
        interface_endpoints=4,
        tasks=4,
        processors=1,
        gigabytes=2,
        cache_nodes=2,
        web_acls=1,
        recovery=True,
        log_days=90,
    ),
}


def network_lines(profile):
    return [
        Line("nat.hours", "NAT gateways", profile.nat_gateways * HOURS),
        Line("address.hours", "their addresses", profile.nat_gateways * HOURS),
        Line(
            "endpoint.hours",
            "interface endpoints",
            profile.interface_endpoints * profile.zones * HOURS,
        ),
        Line("alb.hours", "application balancer", HOURS),
        Line("nlb.hours", "network balancer", HOURS),
    ]


def task_lines(profile):
    hours = profile.tasks * HOURS
    return [
        Line("fargate.processors", "tasks", hours * profile.processors),
        Line("fargate.gigabytes", "their memory", hours * profile.gigabytes),
        Line("cache.hours", "cache nodes", profile.cache_nodes * HOURS),
    ]


def watch_lines(profile):
    lines_gb = profile.tasks * HOURS * 60 * METRICS_LINE_BYTES / 1e9
    way = "endpoint" if profile.interface_endpoints else "nat"
    return [
        Line("metric.months", "chatd's metrics", CHATD_METRICS * profile.colors),
        Line("metric.months", "Container Insights", CONTAINER_METRICS),
        Line("metric.months", "metrics of each route", ROUTE_METRICS),
        Line("alarm.months", "alarms", profile.alarm_metrics),
        Line("composite.months", "composite alarms", profile.composite_alarms),
        Line("dashboard.months", "dashboard", profile.dashboards),
        Line("log.gigabytes", "chatd's metrics as lines", lines_gb),
        Line(f"{way}.gigabytes", "the lines' way out", lines_gb),
    ]


def other_lines(profile):
    return [
        Line("secret.months", "secrets", profile.secrets),
        Line("key.months", "key of the alarms' topic", profile.keys),
        Line("acl.months", "web ACL", profile.web_acls),
        Line("rule.months", "its rules", profile.web_acls * profile.rules),
        # The page is small, and of images thirty are kept.
        Line("bucket.gigabytes", "page and templates", 0.01),
        Line("image.gigabytes", "thirty images of 20 MB", 0.6),
    ]


def standing_lines(profile):
    """What a month costs before anybody says a word."""
    return [
        *network_lines(profile),
        *task_lines(profile),
        *watch_lines(profile),
        *other_lines(profile),
    ]


# Type of resource -> what it is paid by.
PAID = {
    "AWS::ApiGatewayV2::Api": ["api.messages", "api.minutes"],
    "AWS::ApiGatewayV2::Stage": ["metric.months"],
    "AWS::CloudFront::Distribution": ["edge.gigabytes", "edge.requests"],
    "AWS::CloudWatch::Alarm": ["alarm.months"],
    "AWS::CloudWatch::CompositeAlarm": ["composite.months"],
    "AWS::CloudWatch::Dashboard": ["dashboard.months"],
    "AWS::CodeBuild::Project": ["build.minutes"],
    "AWS::CodePipeline::Pipeline": ["pipeline.minutes"],
    "AWS::DynamoDB::Table": [
        "table.writes",
        "table.reads",
        "table.gigabytes",
        "table.recovery",
    ],
    "AWS::EC2::EIP": ["address.hours"],
    "AWS::EC2::NatGateway": ["nat.hours", "nat.gigabytes"],
    "AWS::EC2::VPCEndpoint": ["endpoint.hours", "endpoint.gigabytes"],
    "AWS::ECR::Repository": ["image.gigabytes"],
    "AWS::ECS::Cluster": ["metric.months"],
    "AWS::ECS::Service": ["fargate.processors", "fargate.gigabytes"],
    "AWS::ElastiCache::ReplicationGroup": ["cache.hours"],
    "AWS::ElasticLoadBalancingV2::LoadBalancer": [
        "alb.hours",
        "alb.capacity",
        "nlb.hours",
        "nlb.capacity",
    ],
    "AWS::KMS::Key": ["key.months"],
    "AWS::Logs::LogGroup": ["log.gigabytes", "log.storage"],
    "AWS::S3::Bucket": ["bucket.gigabytes"],
    "AWS::SecretsManager::Secret": ["secret.months"],
    "AWS::WAFv2::WebACL": ["acl.months", "rule.months", "acl.requests"],
    "AWS::XRay::Group": ["trace.insights"],
    "AWS::XRay::TransactionSearchConfig": ["trace.records"],
}

PART = "a part of what it belongs to, which is paid"
RIGHTS = "who may do what is not paid for"
NETWORK = "ways within a VPC are not paid for by themselves"

# Type of resource -> why it is on no bill.
FREE = {
    "AWS::ApiGateway::Account": RIGHTS,
    "AWS::ApiGateway::VpcLink": "of the first kind: its network balancer is paid",
    "AWS::ApiGatewayV2::ApiMapping": PART,
    "AWS::ApiGatewayV2::DomainName": "names of WebSocket APIs are not paid for",
    "AWS::ApiGatewayV2::Integration": PART,
    "AWS::ApiGatewayV2::Route": PART,
    "AWS::ApiGatewayV2::RouteResponse": PART,
    "AWS::ApplicationAutoScaling::ScalableTarget": "the tasks that it starts are paid",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "its own alarms are not counted here",
    "AWS::CertificateManager::Certificate": "public certificates are free",
    "AWS::CloudFormation::Stack": "resources of AWS's own types are not paid for",
    "AWS::CloudFormation::StackSet": "what it makes elsewhere is paid there again",
    "AWS::CloudFront::Function": "2 million calls a month are free; the page makes one",
    "AWS::CloudFront::OriginAccessControl": RIGHTS,
    "AWS::CloudFront::ResponseHeadersPolicy": PART,
    "AWS::CloudFront::VpcOrigin": "no price is named beside CloudFront's",
    "AWS::EC2::FlowLog": "refused connections only; their log is paid",
    "AWS::EC2::InternetGateway": NETWORK,
    "AWS::EC2::Route": NETWORK,
    "AWS::EC2::RouteTable": NETWORK,
    "AWS::EC2::SecurityGroup": RIGHTS,
    "AWS::EC2::SecurityGroupEgress": RIGHTS,
    "AWS::EC2::SecurityGroupIngress": RIGHTS,
    "AWS::EC2::Subnet": NETWORK,
    "AWS::EC2::SubnetRouteTableAssociation": NETWORK,
    "AWS::EC2::VPC": NETWORK,
    "AWS::EC2::VPCGatewayAttachment": NETWORK,
    "AWS::ECS::TaskDefinition": "the service's tasks are paid",
    "AWS::ElastiCache::SubnetGroup": PART,
    "AWS::ElasticLoadBalancingV2::Listener": PART,
    "AWS::ElasticLoadBalancingV2::ListenerRule": "the first ten of a request are free",
    "AWS::ElasticLoadBalancingV2::TargetGroup": PART,
    "AWS::IAM::Role": RIGHTS,
    "AWS::Logs::ResourcePolicy": RIGHTS,
    "AWS::Route53::RecordSet": "an alias of AWS's own is asked for free; the zone is yours",
    "AWS::Route53::RecordSetGroup": "an alias of AWS's own is asked for free; the zone is yours",
    "AWS::S3::BucketPolicy": RIGHTS,
    "AWS::SNS::Subscription": "mail about alarms stays below what is free",
    "AWS::SNS::Topic": "the first million requests a month are free",
    "AWS::SNS::TopicPolicy": RIGHTS,
    "AWS::WAFv2::LoggingConfiguration": "its log is paid",
}
