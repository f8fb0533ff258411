"""What is paid for is what the templates make."""

import re

import pytest
import templates as reader
from deployed import PARAMETERS, resources
from pricing.inventory import (
    CHATD_METRICS,
    FREE,
    PAID,
    PROFILES,
    ROUTE_METRICS,
    standing_lines,
)
from pricing.prices import table
from templates import ROOT

TYPES = {resource["Type"] for _, resource in reader.resources(reader.load())}


def test_profiles_are_those_of_root():
    profiles = reader.load()["root.yml"]["Parameters"]["Profile"]["AllowedValues"]
    assert set(profiles) == PROFILES.keys() == PARAMETERS.keys()


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_is_paid_or_free_for_a_reason(kind):
    assert (kind in PAID) != (kind in FREE), (
        f"{kind}: say in packaging/aws/pricing/inventory.py what it is paid by, "
        "or why it is free"
    )


def test_nothing_else_is_listed():
    assert PAID.keys() | FREE.keys() == TYPES


def test_what_is_paid_has_a_price():
    prices = table()["prices"].keys()
    named = {price for names in PAID.values() for price in names}
    # Clients' data is no resource of a template.
    assert prices - named == {"internet.gigabytes"}
    assert named <= prices


def ends(profile):
    """Interface endpoints and the zones of each."""
    return [
        len(properties["SubnetIds"])
        for _, properties in resources(profile, "EC2::VPCEndpoint")
        if properties["VpcEndpointType"] == "Interface"
    ]


def services(profile):
    return [stack.parameters for stack, _ in resources(profile, "ECS::Service")]


def alarm_metrics(profile):
    """An alarm on an expression is paid for each metric in it."""
    return sum(
        len(reader.metrics(properties))
        for _, properties in resources(profile, "CloudWatch::Alarm")
    )


@pytest.mark.parametrize("name", PROFILES)
def test_counts_are_the_templates(name):
    profile = PROFILES[name]
    assert len(resources(name, "EC2::NatGateway")) == profile.nat_gateways
    assert len(resources(name, "EC2::EIP")) == profile.nat_gateways
    assert ends(name) == [profile.zones] * profile.interface_endpoints
    ((_, cache),) = resources(name, "ElastiCache::ReplicationGroup")
    ((data, _),) = resources(name, "ElastiCache::ReplicationGroup")
    assert int(data.value(cache["NumCacheClusters"])) == profile.cache_nodes
    assert data.value(cache["CacheNodeType"]) == "cache.t4g.micro"
    assert len(resources(name, "SecretsManager::Secret")) == profile.secrets
    assert len(resources(name, "KMS::Key")) == profile.keys
    assert alarm_metrics(name) == profile.alarm_metrics
    assert len(resources(name, "CloudWatch::CompositeAlarm")) == profile.composite_alarms
    assert len(resources(name, "CloudWatch::Dashboard")) == profile.dashboards


@pytest.mark.parametrize("name", PROFILES)
def test_tasks_are_the_templates(name):
    profile = PROFILES[name]
    found = services(name)
    assert len(found) == profile.colors
    assert sum(int(service["Tasks"]) for service in found) == profile.tasks
    for service in found:
        assert int(service["Cpu"]) / 1024 == profile.processors
        assert int(service["Memory"]) / 1024 == profile.gigabytes


@pytest.mark.parametrize("name", PROFILES)
def test_balancers_are_one_of_each_kind(name):
    kinds = [
        properties["Type"]
        for _, properties in resources(name, "ElasticLoadBalancingV2::LoadBalancer")
    ]
    assert sorted(kinds) == ["application", "network"]


@pytest.mark.parametrize("name", PROFILES)
def test_web_acl_and_recovery_are_the_templates(name):
    profile = PROFILES[name]
    acls = resources(name, "WAFv2::WebACL")
    assert len(acls) == profile.web_acls
    assert all(len(acl["Rules"]) == profile.rules for _, acl in acls)
    recovered = {
        stack.value(
            properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        )
        for stack, properties in resources(name, "DynamoDB::Table")
    }
    assert recovered == {profile.recovery}


@pytest.mark.parametrize("name", PROFILES)
def test_logs_are_kept_so_long(name):
    days = {
        int(stack.value(properties["RetentionInDays"]))
        for stack, properties in resources(name, "Logs::LogGroup")
        if "WebAcl" not in stack.template["Resources"]
    }
    assert days == {PROFILES[name].log_days}


def test_chatds_metrics_are_counted():
    """Each name with its dimensions is a metric that is paid for: those with a
    label once for each value, histograms as two percentiles and a count."""
    page = (ROOT / "docs/metrics.md").read_text()
    rows = re.findall(
        r"^\| `\w+` \| (\w+) \| \w* \| (.*?) \| (yes|each) \|", page, re.M
    )
    values = [
        len(re.sub(r"`\w+`:?", "", label).split()) if emf == "each" else 1
        for _, label, emf in rows
    ]
    times = [3 if kind == "histogram" else 1 for kind, _, _ in rows]
    assert sum(map(int.__mul__, values, times)) == CHATD_METRICS


def test_metrics_that_are_switched_on_are_paid():
    ((_, cluster),) = resources("hackathon", "ECS::Cluster")
    ((_, stage),) = resources("hackathon", "ApiGatewayV2::Stage")
    routes = resources("hackathon", "ApiGatewayV2::Route")
    assert {"Name": "containerInsights", "Value": "enabled"} in cluster["ClusterSettings"]
    assert stage["DefaultRouteSettings"]["DetailedMetricsEnabled"]
    assert len(routes) * 6 == ROUTE_METRICS
    paid = {line.what for line in standing_lines(PROFILES["hackathon"])}
    assert {"chatd's metrics", "Container Insights", "metrics of each route"} <= paid


def test_the_dashboard_is_one_of_those_for_free():
    ((_, board),) = resources("hackathon", "CloudWatch::Dashboard")
    shown = re.findall(r'^ *\["', reader.text(board["DashboardBody"]), re.M)
    assert 20 < len(shown) <= 50
