"""Tasks, and the data that they keep."""

import re

from rules.registry import attributes, rule
from templates import containers, named, properties, references, resources

# ---- tasks ----


@rule
def task_is_locked_down(templates):
    for place, container in containers(templates):
        if container.get("ReadonlyRootFilesystem") is not True:
            yield f"{place}: may write its root"
        if container.get("Privileged", False) is not False:
            yield f"{place}: is privileged"
        if re.match("(0|root)(:|$)", container.get("User", "root")):
            yield f"{place}: runs as root"
        dropped = container.get("LinuxParameters", {}).get("Capabilities", {})
        if dropped != {"Drop": ["ALL"]}:
            yield f"{place}: keeps capabilities"
    for place, service in properties(templates, "AWS::ECS::Service"):
        if service.get("EnableExecuteCommand") is not False:
            yield f"{place}: lets in whoever may execute commands"


@rule
def task_says_whether_it_lives(templates):
    for place, container in containers(templates):
        command = container.get("HealthCheck", {}).get("Command", [])
        if command[-1:] != ["--healthcheck"]:
            yield f"{place}: no health check by chatd itself"


@rule
def stop_is_longer_than_the_drain(templates):
    """--drain-spread and 2 s, --drain-timeout, and 5 s more: chatd(8)."""
    for place, container in containers(templates):
        variables = named(container["Environment"])
        spread = templates["service.yml"]["Parameters"]["DrainSpread"]["MaxValue"]
        drain = spread + 2 + int(variables["CHATD_DRAIN_TIMEOUT"]) + 5
        if not drain < container.get("StopTimeout", 30) <= 120:
            yield f"{place}: is killed after {container.get('StopTimeout', 30)} s"


@rule
def deregistration_is_longer_than_a_request(templates):
    for place, group in properties(
        templates, "AWS::ElasticLoadBalancingV2::TargetGroup"
    ):
        if group["TargetType"] != "ip":
            continue
        given = attributes(group, "TargetGroupAttributes")
        if int(given.get("deregistration_delay.timeout_seconds", 0)) <= 29:
            yield f"{place}: cuts off requests that API Gateway still waits for"


@rule
def deployments_are_taken_back(templates):
    for place, service in properties(templates, "AWS::ECS::Service"):
        breaker = service["DeploymentConfiguration"].get("DeploymentCircuitBreaker")
        if breaker != {"Enable": True, "Rollback": True}:
            yield f"{place}: a deployment that fails stays"


@rule
def images_are_scanned_and_fixed(templates):
    for place, repository in properties(templates, "AWS::ECR::Repository"):
        if repository.get("ImageScanningConfiguration") != {"ScanOnPush": True}:
            yield f"{place}: images are not scanned"
        if repository.get("ImageTagMutability") != "IMMUTABLE":
            yield f"{place}: a tag can become another image"


@rule
def colors_are_two_with_weights(templates):
    """Each color has a stack, a target group and a weight, and no stickiness."""
    colors = {
        stack["Parameters"].get("Color")
        for _, stack in properties(templates, "AWS::CloudFormation::Stack")
    }
    if not {"blue", "green"} <= colors:
        yield "root.yml: not two colors"
    for place, given in properties(
        templates, "AWS::ElasticLoadBalancingV2::ListenerRule"
    ):
        forward = given["Actions"][0].get("ForwardConfig")
        if forward is None:
            continue
        weights = [group["Weight"] for group in forward["TargetGroups"]]
        if weights != [{"Ref": "BlueWeight"}, {"Ref": "GreenWeight"}]:
            yield f"{place}: weights that no parameter sets"
        if forward["TargetGroupStickinessConfig"]["Enabled"] is not False:
            yield f"{place}: stickiness, by cookies that nobody has"
    given = templates["cluster.yml"]["Parameters"]
    if (given["BlueWeight"]["Default"], given["GreenWeight"]["Default"]) != (90, 10):
        yield "cluster.yml: weights other than 90 and 10"


@rule
def link_ends_in_the_network_balancer(templates):
    for place, link in properties(templates, "AWS::ApiGateway::VpcLink"):
        if link["TargetArns"] != [{"Ref": "LinkBalancerArn"}]:
            yield f"{place}: a link that a WebSocket API cannot use"
    groups = [
        group["Targets"]
        for _, group in properties(templates, "AWS::ElasticLoadBalancingV2::TargetGroup")
        if group["TargetType"] == "alb"
    ]
    if [references(targets) for targets in groups] != [{"Balancer"}]:
        yield "cluster.yml: the link does not reach the balancer with the weights"
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        if integration.get("ConnectionType") != "VPC_LINK":
            yield f"{place}: goes over the internet"
        if integration["IntegrationType"] != "HTTP_PROXY":
            yield f"{place}: changes the message"


@rule
def services_grow_with_their_load(templates):
    targets = dict(
        properties(templates, "AWS::ApplicationAutoScaling::ScalableTarget")
    )
    policies = dict(properties(templates, "AWS::ApplicationAutoScaling::ScalingPolicy"))
    if not targets or not policies:
        yield "service.yml: no autoscaling"
    for place, target in targets.items():
        if target["ScalableDimension"] != "ecs:service:DesiredCount":
            yield f"{place}: something else grows"
    for place, policy in policies.items():
        if policy["ScalingTargetId"] != {"Ref": "ScalableTarget"}:
            yield f"{place}: grows nothing"


# ---- data ----


@rule
def tables_are_kept(templates):
    for place, table in resources(templates, "AWS::DynamoDB::Table"):
        if table.get("DeletionPolicy") != "RetainExceptOnCreate":
            yield f"{place}: goes with its stack"
        given = table["Properties"]
        if given.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{place}: is paid for when idle"
        for value in (
            given.get("DeletionProtectionEnabled"),
            given.get("PointInTimeRecoverySpecification", {}).get(
                "PointInTimeRecoveryEnabled"
            ),
        ):
            if value != {"Fn::If": ["HasBackups", True, False]}:
                yield f"{place}: backups that the profile does not choose"


@rule
def cache_fails_over_where_it_can(templates):
    for place, cache in properties(templates, "AWS::ElastiCache::ReplicationGroup"):
        if cache.get("Engine") != "valkey":
            yield f"{place}: not Valkey"
        for name in ("AutomaticFailoverEnabled", "MultiAZEnabled"):
            if cache.get(name) != {"Fn::If": ["HasFailover", True, False]}:
                yield f"{place}: {name} does not follow the number of nodes"
