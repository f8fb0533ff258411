"""What no template may be without: a function for each rule.

Each takes all templates (file name -> template) and gives a sentence for each
place that breaks the rule. `mutations.py` breaks each.
"""

import re

from templates import (
    as_list,
    containers,
    items,
    metrics,
    named,
    properties,
    references,
    resources,
    statements,
    strings,
    text,
    values,
    walk,
)

RULES = {}


def rule(function):
    RULES[function.__name__] = function
    return function


def attributes(given, key="LoadBalancerAttributes"):
    return named(given.get(key, []), "Key")


# ---- encryption ----


@rule
def tables_are_encrypted(templates):
    for place, table in properties(templates, "AWS::DynamoDB::Table"):
        if table.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield f"{place}: a table without encryption by a key of KMS"


@rule
def buckets_are_encrypted(templates):
    for place, bucket in properties(templates, "AWS::S3::Bucket"):
        if "BucketEncryption" not in bucket:
            yield f"{place}: a bucket without encryption"


@rule
def cache_is_encrypted(templates):
    for place, cache in properties(templates, "AWS::ElastiCache::ReplicationGroup"):
        for name in ("TransitEncryptionEnabled", "AtRestEncryptionEnabled"):
            if cache.get(name) is not True:
                yield f"{place}: a cache without {name}"
        if cache.get("TransitEncryptionMode") != "required":
            yield f"{place}: a cache that takes clients without TLS"


@rule
def cache_asks_for_a_password(templates):
    for place, cache in properties(templates, "AWS::ElastiCache::ReplicationGroup"):
        if not text(cache.get("AuthToken")).startswith("{{resolve:secretsmanager:"):
            yield f"{place}: a cache without a password from a secret"


@rule
def images_and_alarms_are_encrypted(templates):
    for place, repository in properties(templates, "AWS::ECR::Repository"):
        if "EncryptionConfiguration" not in repository:
            yield f"{place}: images without encryption"
    for place, topic in properties(templates, "AWS::SNS::Topic"):
        if "KmsMasterKeyId" not in topic:
            yield f"{place}: a topic without encryption"
    for place, key in properties(templates, "AWS::KMS::Key"):
        if key.get("EnableKeyRotation") is not True:
            yield f"{place}: a key that is never changed"


# ---- TLS ----


@rule
def page_is_by_https_only(templates):
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        config = distribution["DistributionConfig"]
        behaviors = [config["DefaultCacheBehavior"]]
        behaviors += items(config.get("CacheBehaviors", []))
        for behavior in behaviors:
            if behavior["ViewerProtocolPolicy"] not in (
                "redirect-to-https",
                "https-only",
            ):
                yield f"{place}: plain HTTP for viewers"
        for certificate in values(config["ViewerCertificate"]):
            least = certificate.get("MinimumProtocolVersion", "")
            if "AcmCertificateArn" in certificate and least < "TLSv1.2_2021":
                yield f"{place}: viewers with an old TLS"


@rule
def origins_are_by_tls(templates):
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        for origin in items(distribution["DistributionConfig"]["Origins"]):
            custom = origin.get("CustomOriginConfig")
            if custom and custom["OriginProtocolPolicy"] != "https-only":
                yield f"{place}: an origin in plain HTTP"
            if custom and custom["OriginSSLProtocols"] != ["TLSv1.2"]:
                yield f"{place}: an origin with an old TLS"


@rule
def balancer_speaks_tls_with_its_certificate(templates):
    """The inner balancer; the one before it passes the bytes on as they are."""
    for place, listener in properties(
        templates, "AWS::ElasticLoadBalancingV2::Listener"
    ):
        if "TCP" in values(listener["Protocol"]):
            continue
        if "HTTPS" not in values(listener["Protocol"]):
            yield f"{place}: no TLS even with a certificate"
        policies = [p for p in values(listener["SslPolicy"]) if isinstance(p, str)]
        if not policies or not all("TLS13-1-2" in policy for policy in policies):
            yield f"{place}: an old TLS"


@rule
def domain_has_tls_1_2(templates):
    for place, domain in properties(templates, "AWS::ApiGatewayV2::DomainName"):
        for configuration in domain["DomainNameConfigurations"]:
            if configuration.get("SecurityPolicy") != "TLS_1_2":
                yield f"{place}: an old TLS"


@rule
def buckets_refuse_plain_http(templates):
    refusing = set()
    for _, policy in properties(templates, "AWS::S3::BucketPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            secure = statement.get("Condition", {}).get("Bool", {})
            if statement["Effect"] == "Deny" and secure == {
                "aws:SecureTransport": "false"
            }:
                refusing |= references(policy["Bucket"])
    for place, _ in resources(templates, "AWS::S3::Bucket"):
        if place.split(":")[1] not in refusing:
            yield f"{place}: a bucket that answers plain HTTP"


# ---- who may do what ----


@rule
def statements_have_a_reason(templates):
    for place, statement, reason in statements(templates):
        if not reason or len(reason) < 10:
            yield f"{place}: a statement without a reason in Metadata"


@rule
def no_wildcard_without_a_reason(templates):
    for place, statement, reason in statements(templates):
        open_to = as_list(statement["Action"]) + strings(statement.get("Resource", []))
        if any("*" in part for part in open_to) and len(reason or "") < 40:
            yield f"{place}: a wildcard without a reason in Metadata"


@rule
def no_wildcard_action(templates):
    """But to refuse, and in the policy of a key, as AWS's own default has it."""
    for place, statement, _ in statements(templates):
        if statement["Effect"] == "Deny" or "kms:*" in as_list(statement["Action"]):
            continue
        if any("*" in action for action in as_list(statement["Action"])):
            yield f"{place}: an action with a wildcard"


@rule
def everything_is_named_by_service_only_where_it_must(templates):
    """Resource "*" alone is for actions that know no resource."""
    allowed = {
        "cloudwatch:DescribeAlarms",
        "ecr:GetAuthorizationToken",
        "elasticloadbalancing:DescribeRules",
        "xray:PutTraceSegments",
    }
    for place, resource in resources(templates, "AWS::IAM::Role"):
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                actions = set(as_list(statement["Action"]))
                if statement["Resource"] == "*" and not actions <= allowed:
                    yield f"{place}: {sorted(actions - allowed)} on everything"


@rule
def roles_are_for_one_service_of_this_account(templates):
    for place, role in properties(templates, "AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if list(statement["Principal"]) != ["Service"]:
                yield f"{place}: a role that is not for a service"
            source = statement.get("Condition", {}).get("StringEquals", {})
            if source.get("aws:SourceAccount") != {"Ref": "AWS::AccountId"}:
                yield f"{place}: a role that other accounts' resources may use"


@rule
def roles_have_no_administrator(templates):
    for place, role in properties(templates, "AWS::IAM::Role"):
        for policy in strings(role.get("ManagedPolicyArns", [])):
            if re.search("FullAccess|Administrator|PowerUser", policy):
                yield f"{place}: {policy}"


@rule
def task_pulls_only_its_own_image_and_secrets(templates):
    for place, statement, _ in statements(templates):
        if place.startswith("service.yml:ExecutionRole:"):
            secret = "secretsmanager:GetSecretValue" in as_list(statement["Action"])
            if secret and any("*" in part for part in strings(statement["Resource"])):
                yield f"{place}: any secret"


# ---- who may reach what ----


@rule
def no_public_bucket(templates):
    for place, bucket in properties(templates, "AWS::S3::Bucket"):
        block = bucket.get("PublicAccessBlockConfiguration", {})
        if len(block) != 4 or not all(value is True for value in block.values()):
            yield f"{place}: a bucket that can become public"
    for place, policy in properties(templates, "AWS::S3::BucketPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] == "Allow" and "*" in strings(
                statement["Principal"]
            ):
                yield f"{place}: a bucket for everybody"


@rule
def page_is_read_by_this_distribution_only(templates):
    for place, policy in properties(templates, "AWS::S3::BucketPolicy"):
        for statement in policy["PolicyDocument"]["Statement"]:
            if statement["Effect"] != "Allow":
                continue
            source = statement.get("Condition", {}).get("StringEquals", {})
            if "distribution/${Distribution}" not in text(source.get("AWS:SourceArn")):
                yield f"{place}: a bucket for any distribution"
    for place, access in properties(
        templates, "AWS::CloudFront::OriginAccessControl"
    ):
        config = access["OriginAccessControlConfig"]
        if (config["SigningBehavior"], config["SigningProtocol"]) != (
            "always",
            "sigv4",
        ):
            yield f"{place}: requests to the bucket that are not signed"


@rule
def no_open_security_group(templates):
    for place, given in properties(
        templates,
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
    ):
        rules = given.get("SecurityGroupIngress", [])
        for ingress in [given, *rules]:
            for key in ("CidrIp", "CidrIpv6"):
                if key in ingress:
                    yield f"{place}: open to addresses, not to a group"


@rule
def groups_let_out_only_what_is_named(templates):
    for place, group in properties(templates, "AWS::EC2::SecurityGroup"):
        egress = group.get("SecurityGroupEgress")
        if not egress:
            yield f"{place}: EC2 adds a way out to everywhere"
            continue
        for way in egress:
            nowhere = way.get("CidrIp") == "127.0.0.1/32"
            if not nowhere and (way["IpProtocol"], way.get("ToPort")) != ("tcp", 443):
                yield f"{place}: a way out for more than HTTPS"


@rule
def tasks_and_balancers_are_private(templates):
    for place, service in properties(templates, "AWS::ECS::Service"):
        network = service["NetworkConfiguration"]["AwsvpcConfiguration"]
        if network.get("AssignPublicIp") != "DISABLED":
            yield f"{place}: tasks with public addresses"
    for place, balancer in properties(
        templates, "AWS::ElasticLoadBalancingV2::LoadBalancer"
    ):
        if balancer.get("Scheme") != "internal":
            yield f"{place}: a public balancer"
    for place, subnet in properties(templates, "AWS::EC2::Subnet"):
        if subnet.get("MapPublicIpOnLaunch") is not False:
            yield f"{place}: a subnet that gives out public addresses"


@rule
def no_private_dns_for_execute_api(templates):
    """Each POST to @connections would fail with 403."""
    for place, endpoint in properties(templates, "AWS::EC2::VPCEndpoint"):
        service = text(endpoint["ServiceName"])
        if "execute-api" in service and endpoint.get("PrivateDnsEnabled") is not False:
            yield f"{place}: takes the way to @connections"


@rule
def endpoints_keep_tables_and_images_off_the_nat(templates):
    wanted = {"dynamodb", "s3"}
    for _, endpoint in properties(templates, "AWS::EC2::VPCEndpoint"):
        if endpoint["VpcEndpointType"] == "Gateway" and "PolicyDocument" in endpoint:
            wanted.discard(text(endpoint["ServiceName"]).rsplit(".", 1)[-1])
    for service in sorted(wanted):
        yield f"network.yml: no gateway endpoint with a policy for {service}"


@rule
def balancer_forwards_only_what_is_meant(templates):
    meant = {
        "/gateway/connect",
        "/gateway/message",
        "/gateway/disconnect",
        "/ws",
    }
    for place, listener in properties(
        templates, "AWS::ElasticLoadBalancingV2::Listener"
    ):
        refuses = listener["DefaultActions"][0]["Type"] == "fixed-response"
        if "TCP" not in values(listener["Protocol"]) and not refuses:
            yield f"{place}: forwards whatever it is asked"
    for place, given in properties(
        templates, "AWS::ElasticLoadBalancingV2::ListenerRule"
    ):
        paths = {
            path
            for condition in given["Conditions"]
            if condition["Field"] == "path-pattern"
            for path in condition["PathPatternConfig"]["Values"]
        }
        forwards = given["Actions"][0]["Type"] == "forward"
        if forwards and (not paths or not paths <= meant):
            yield f"{place}: forwards {sorted(paths - meant) or 'everything'}"


@rule
def balancer_is_strict_about_http(templates):
    for place, balancer in properties(
        templates, "AWS::ElasticLoadBalancingV2::LoadBalancer"
    ):
        if balancer["Type"] != "application":
            continue
        given = attributes(balancer)
        if given.get("routing.http.desync_mitigation_mode") != "strictest":
            yield f"{place}: passes on what two parsers read differently"
        if given.get("routing.http.drop_invalid_header_fields.enabled") != "true":
            yield f"{place}: passes on header fields that are none"


# ---- secrets ----


@rule
def secrets_are_not_parameters(templates):
    """A parameter may name a secret, not be one."""
    for file, template in templates.items():
        for name, parameter in template.get("Parameters", {}).items():
            if not re.search("(?i)secret|password|token", name):
                continue
            pattern = str(parameter.get("AllowedPattern", ""))
            plain = parameter["Type"] == "String" and "AllowedValues" not in parameter
            if plain and "secretsmanager" not in pattern and not is_name(templates, name):
                yield f"{file}: the parameter {name} is a secret"


def is_name(templates, name):
    return name in templates["data.yml"].get("Outputs", {})


@rule
def secrets_are_made_or_joined(templates):
    for place, secret in properties(templates, "AWS::SecretsManager::Secret"):
        if "GenerateSecretString" in secret:
            continue
        if "{{resolve:secretsmanager:" not in text(secret.get("SecretString")):
            yield f"{place}: a secret that stands in the template"


@rule
def variables_have_no_secret(templates):
    for place, container in containers(templates):
        for variable in container["Environment"]:
            value = variable["Value"]
            if re.search("SECRET|PASSWORD|TOKEN|REDIS_URL", variable["Name"]):
                yield f"{place}: {variable['Name']} is a secret"
            if "{{resolve:" in " ".join(strings(value)):
                yield f"{place}: {variable['Name']} shows a secret"


@rule
def gateway_shows_its_secret(templates):
    key = "integration.request.header.X-Gateway-Secret"
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        shown = values(integration["RequestParameters"].get(key, ""))
        from_secret = ["{{resolve:secretsmanager:" in text(value) for value in shown]
        from_edge = [value == "route.request.header.X-Edge-Secret" for value in shown]
        connect = text(integration["IntegrationUri"]).endswith("/connect")
        if not any(from_secret):
            yield f"{place}: a request without the secret"
        if any(from_edge) and not connect:
            yield f"{place}: takes a client's word in place of the secret"
        if connect and not any(from_edge):
            yield f"{place}: nothing tells who came around CloudFront"


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


# ---- logs, traces, alarms ----


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


# ---- the edge, names, regions, pipeline ----


@rule
def page_has_security_headers(templates):
    for place, policy in properties(
        templates, "AWS::CloudFront::ResponseHeadersPolicy"
    ):
        given = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
        for name in (
            "ContentSecurityPolicy",
            "ContentTypeOptions",
            "FrameOptions",
            "ReferrerPolicy",
            "StrictTransportSecurity",
        ):
            if not given.get(name, {}).get("Override"):
                yield f"{place}: no {name}"
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        config = distribution["DistributionConfig"]
        behavior = config["DefaultCacheBehavior"]
        if behavior.get("ResponseHeadersPolicyId") != {"Ref": "Headers"}:
            yield f"{place}: a page without security headers"


@rule
def config_is_fresh_and_made_of_the_stack(templates):
    for place, given in properties(templates, "AWS::CloudFront::Function"):
        code = text(given["FunctionCode"])
        if "config" in place.lower() and not (
            "no-store" in code and '"url":"${Url}"' in code
        ):
            yield f"{place}: /config.json that grows old"
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        paths = {
            behavior["PathPattern"]: behavior
            for behavior in items(distribution["DistributionConfig"]["CacheBehaviors"])
        }
        if not paths.get("/config.json", {}).get("FunctionAssociations"):
            yield f"{place}: nobody makes /config.json"


@rule
def web_acl_cannot_be_gone_around(templates):
    """It is CloudFront's, so with it the API takes CloudFront's word only."""
    for place, acl in properties(templates, "AWS::WAFv2::WebACL"):
        if acl["Scope"] != "CLOUDFRONT":
            yield f"{place}: a web ACL that a WebSocket API cannot have"
        if not any("RateBasedStatement" in part["Statement"] for part in acl["Rules"]):
            yield f"{place}: no limit for an address"
    gateway = templates["root.yml"]["Resources"]["Gateway"]["Properties"]
    if gateway["Parameters"]["EdgeOnly"] != {"Fn::If": ["HasWebAcl", "on", "off"]}:
        yield "root.yml: the API takes who comes around the web ACL"
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        config = distribution["DistributionConfig"]
        if {"Ref": "WebAclArn"} not in values(config["WebACLId"]):
            yield f"{place}: no web ACL"
        shown = [
            header["HeaderName"]
            for origin in items(config["Origins"])
            for header in origin.get("OriginCustomHeaders", [])
        ]
        if shown != ["X-Edge-Secret"]:
            yield f"{place}: CloudFront does not say who it is"


@rule
def certificates_are_proven_by_dns(templates):
    certificates = list(properties(templates, "AWS::CertificateManager::Certificate"))
    if {place.split(":")[0] for place, _ in certificates} != {
        "domain.yml",
        "edge.yml",
    }:
        yield "no certificate for the API, or for the page"
    for place, certificate in certificates:
        proof = certificate.get("DomainValidationOptions", [{}])
        if certificate.get("ValidationMethod") != "DNS" or not all(
            "HostedZoneId" in option for option in proof
        ):
            yield f"{place}: a certificate that is not renewed by itself"


@rule
def names_have_records(templates):
    records = [
        record
        for _, group in properties(templates, "AWS::Route53::RecordSetGroup")
        for record in group["RecordSets"]
    ]
    records += [record for _, record in properties(templates, "AWS::Route53::RecordSet")]
    names = [record["Name"].get("Ref") for record in records]
    for name in ("WebDomain", "SocketDomain"):
        if name not in names:
            yield f"no record for {name}"


@rule
def address_of_aws_is_off_with_a_domain(templates):
    for place, api in properties(templates, "AWS::ApiGatewayV2::Api"):
        off = {"Fn::If": ["HasDomain", True, False]}
        if api.get("DisableExecuteApiEndpoint") != off:
            yield f"{place}: two addresses"


@rule
def regions_follow_each_other(templates):
    for place, stack_set in properties(templates, "AWS::CloudFormation::StackSet"):
        given = stack_set["OperationPreferences"]
        if given.get("RegionConcurrencyType") != "SEQUENTIAL":
            yield f"{place}: one mistake in all regions at once"
        if given.get("FailureToleranceCount") != 0:
            yield f"{place}: goes on after a failure"


@rule
def pipeline_builds_then_shifts(templates):
    for place, pipeline in properties(templates, "AWS::CodePipeline::Pipeline"):
        stages = [stage["Name"] for stage in pipeline["Stages"]]
        if stages != ["Source", "Build", "Deploy"]:
            yield f"{place}: {stages}"
        if pipeline.get("ExecutionMode") != "QUEUED":
            yield f"{place}: two releases at once"
    for place, project in properties(templates, "AWS::CodeBuild::Project"):
        script = project["Source"]["BuildSpec"]
        shifts = "deploy.py --stack" in script and " release " in script
        if "Deploy" in place and not shifts:
            yield f"{place}: does not shift"


# ---- the whole ----


@rule
def production_has_what_hackathon_leaves_out(templates):
    root = templates["root.yml"]
    cheap, dear = (root["Mappings"]["Profiles"][n] for n in ("hackathon", "production"))
    for name in ("NatGateways", "Tasks", "CacheNodes"):
        if not cheap[name] < dear[name]:
            yield f"root.yml: {name} is the same in both profiles"
    if (cheap["Switch"], dear["Switch"]) != ("off", "on"):
        yield "root.yml: backups, flow logs and endpoints do not follow the profile"
    asked = " ".join(
        assertion["AssertDescription"]
        for assertion in root["Rules"]["Production"]["Assertions"]
    )
    for name in ("HostedZone", "SocketDomain", "web ACL", "AlarmEmail"):
        if name not in asked:
            yield f"root.yml: production goes without {name}"


@rule
def stacks_are_tagged(templates):
    """Tags of a stack go to all that it makes."""
    for place, stack in properties(templates, "AWS::CloudFormation::Stack"):
        if "project" not in named(stack.get("Tags", []), "Key"):
            yield f"{place}: no tags"
    for place, given in properties(
        templates, "AWS::WAFv2::WebACL", "AWS::CloudFormation::StackSet"
    ):
        if "project" not in named(given.get("Tags", []), "Key"):
            yield f"{place}: no tags"


@rule
def nested_outputs_exist(templates):
    """cfn-lint looks at the parameters of a nested stack only."""
    root = templates["root.yml"]
    files = {
        name: resource["Properties"]["TemplateURL"]
        for name, resource in root["Resources"].items()
    }
    for part in walk(root):
        if isinstance(part, dict) and "Fn::GetAtt" in part:
            name, attribute = part["Fn::GetAtt"]
            output = attribute.removeprefix("Outputs.")
            if output not in templates[files[name]]["Outputs"]:
                yield f"root.yml: {files[name]} has no output {output}"


@rule
def parameters_are_described(templates):
    for file, template in templates.items():
        for name, parameter in template["Parameters"].items():
            if not parameter.get("Description"):
                yield f"{file}: {name} is not described"


@rule
def parameters_and_conditions_are_used(templates):
    for file, template in templates.items():
        rest = {key: part for key, part in template.items() if key != "Parameters"}
        used = references(rest)
        for name in template["Parameters"]:
            if name not in used:
                yield f"{file}: nothing reads the parameter {name}"
        asked = set()
        for part in walk(rest):
            if isinstance(part, dict):
                asked |= {part["Condition"]} if is_text(part.get("Condition")) else set()
                asked |= {part["Fn::If"][0]} if "Fn::If" in part else set()
        for name in template.get("Conditions", {}):
            if name not in asked:
                yield f"{file}: nothing asks for the condition {name}"


def is_text(value):
    return isinstance(value, str)
