"""Logs, traces, metrics, alarms."""

import re

from rules.registry import attributes, rule
from templates import containers, metrics, named, properties, resources, text, values


@rule
def logs_have_an_end(templates):
    for place, group in properties(templates, "AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group:
            yield f"{place}: a log that is kept for ever"


@rule
def everything_logs_into_a_group(templates):
    """A group that a service makes by itself is kept for ever."""
    for place, container in containers(templates):
        options = container.get("LogConfiguration", {}).get("Options", {})
        if options.get("awslogs-group") != {"Ref": "LogGroup"}:
            yield f"{place}: a log of its own making"
    for place, project in properties(templates, "AWS::CodeBuild::Project"):
        logs = project.get("LogsConfig", {}).get("CloudWatchLogs", {})
        if "GroupName" not in logs:
            yield f"{place}: a log of its own making"
    groups = [
        text(group["LogGroupName"])
        for _, group in properties(templates, "AWS::Logs::LogGroup")
    ]
    for name in (
        "/aws/apigateway/${Api}/${StageName}",
        "/aws/ecs/containerinsights/${Name}/performance",
    ):
        if name not in groups:
            yield f"nobody makes {name}, so AWS does"


@rule
def requests_are_logged(templates):
    """Where the profile wants it: of the balancer and of CloudFront."""
    for place, balancer in properties(
        templates, "AWS::ElasticLoadBalancingV2::LoadBalancer"
    ):
        given = attributes(balancer)
        if balancer["Type"] == "application" and not (
            given.get("access_logs.s3.enabled")
            == {"Fn::If": ["HasAccessLogs", "true", "false"]}
            and given.get("access_logs.s3.bucket") == {"Ref": "AccessLogBucket"}
        ):
            yield f"{place}: no access log"
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        logging = values(distribution["DistributionConfig"].get("Logging"))
        if not any(log and log["Bucket"] == {"Ref": "AccessLogHost"} for log in logging):
            yield f"{place}: no access log"


@rule
def access_logs_have_an_end_and_one_writer(templates):
    given = templates["access-logs.yml"]["Resources"]
    ends = given["Bucket"]["Properties"].get("LifecycleConfiguration", {})
    if ends.get("Rules", [{}])[0].get("ExpirationInDays") != {"Ref": "LogDays"}:
        yield "access-logs.yml: logs that are kept for ever"
    for statement in given["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        source = statement.get("Condition", {}).get("ArnLike", {})
        if statement["Effect"] == "Allow" and "loadbalancer/app/${Name}/" not in text(
            source.get("aws:SourceArn")
        ):
            yield "access-logs.yml: anybody's balancer may write"


@rule
def no_data_trace(templates):
    """Bodies have passwords and texts; so may queries and cookies."""
    for place, stage in properties(templates, "AWS::ApiGatewayV2::Stage"):
        settings = stage["DefaultRouteSettings"]
        if settings.get("DataTraceEnabled") is not False:
            yield f"{place}: logs bodies"
        if settings.get("LoggingLevel") == "INFO":
            yield f"{place}: logs requests as a whole"
        form = stage["AccessLogSettings"]["Format"]
        if re.search(r"\$input|\$context\.(requestOverride|authorizer)", form):
            yield f"{place}: logs what clients sent"
        for route in stage.get("RouteSettings", {}).values():
            if route.get("DataTraceEnabled"):
                yield f"{place}: logs bodies of a route"


@rule
def stage_is_throttled_and_logged(templates):
    for place, stage in properties(templates, "AWS::ApiGatewayV2::Stage"):
        settings = stage["DefaultRouteSettings"]
        for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            if name not in settings:
                yield f"{place}: no {name}"
        if "DestinationArn" not in stage.get("AccessLogSettings", {}):
            yield f"{place}: no access log"


@rule
def there_are_alarms(templates):
    """For each of these, of each color where tasks have colors."""
    wanted = {
        "HTTPCode_Target_5XX_Count": 2,
        "HTTPCode_ELB_5XX_Count": 1,
        "IntegrationError": 1,
        "IntegrationLatency": 1,
        "TargetResponseTime": 2,
        "UnHealthyHostCount": 2,
        "RunningTaskCount": 2,
        "WriteThrottleEvents": 2,
        "chatd_gateway_posts_total_gone": 2,
        "chatd_ack_seconds_p99": 2,
        "chatd_store_answers_total_failed": 2,
        "chatd_store_answers_total_busy": 2,
    }
    for place, alarm in properties(templates, "AWS::CloudWatch::Alarm"):
        for name in metrics(alarm):
            wanted[name] = wanted.get(name, 0) - 1
        if alarm.get("AlarmActions") != [{"Ref": "Topic"}]:
            yield f"{place}: an alarm that nobody hears"
    for name, missing in wanted.items():
        if missing > 0:
            yield f"observability.yml: {missing} alarms too few for {name}"


@rule
def a_shift_has_an_alarm_that_takes_it_back(templates):
    rings = {
        place.split(":")[1]: text(alarm["AlarmRule"])
        for place, alarm in properties(templates, "AWS::CloudWatch::CompositeAlarm")
    }
    for color in ("Blue", "Green"):
        for part in ("Errors", "Slow", "Unhealthy", "StoreFails"):
            if f"${{{color}{part}}}" not in rings.get(f"{color}Bad", ""):
                yield f"observability.yml: {color}Bad does not hear {color}{part}"


@rule
def dashboard_shows_both_colors(templates):
    boards = [
        text(board["DashboardBody"])
        for _, board in properties(templates, "AWS::CloudWatch::Dashboard")
    ]
    for name in ("Blue", "Green"):
        if not any(f"${{{name}TargetsFullName}}" in board for board in boards):
            yield f"observability.yml: the dashboard does not show {name}"


@rule
def traces_and_metrics_leave_chatd(templates):
    for place, container in containers(templates):
        variables = named(container["Environment"])
        endpoint = text(variables.get("CHATD_TRACE_ENDPOINT"))
        if not endpoint.startswith("https://xray."):
            yield f"{place}: no traces to X-Ray"
        if variables.get("CHATD_EMF") != "on":
            yield f"{place}: no metrics"
    if not any(resources(templates, "AWS::XRay::TransactionSearchConfig")):
        yield "observability.yml: X-Ray's OTLP address needs transaction search"
