"""Who may do what, and who may reach what."""

import re

from rules.registry import attributes, rule
from templates import as_list, properties, resources, statements, strings, text, values

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
    """API Gateway's log role has no condition: gateway.yml says why."""
    for place, role in properties(templates, "AWS::IAM::Role"):
        for statement in role["AssumeRolePolicyDocument"]["Statement"]:
            if list(statement["Principal"]) != ["Service"]:
                yield f"{place}: a role that is not for a service"
            if statement["Principal"] == {"Service": "apigateway.amazonaws.com"}:
                continue
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
            if statement["Effect"] != "Allow" or statement["Action"] != "s3:GetObject":
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
