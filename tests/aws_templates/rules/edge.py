"""The edge, names, regions, the pipeline."""

from rules.registry import attributes, rule
from templates import items, properties, text, values


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
def addresses_are_the_viewers(templates):
    """Behind CloudFront API Gateway sees CloudFront's, which strangers share. At
    $connect the true one is what CloudFront says; messages have none, so that
    chatd takes the one it kept."""
    (function,) = [
        text(given["FunctionCode"])
        for place, given in properties(templates, "AWS::CloudFront::Function")
        if place == "web.yml:PathFunction"
    ]
    if '["x-viewer-address"] = { value: event.viewer.ip }' not in function:
        yield "web.yml: the viewer says its own address"
    wanted = {"connect": "route.request.header.X-Viewer-Address"}
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        headers = {
            key.rsplit(".", 1)[-1]: value
            for key, value in integration["RequestParameters"].items()
        }
        path = text(integration["IntegrationUri"]).rsplit("/", 1)[-1]
        edge = wanted.get(path, "'-'")
        if headers["X-Source-Ip"] != {
            "Fn::If": ["IsEdgeOnly", edge, "context.identity.sourceIp"]
        }:
            yield f"{place}: an address that is not the client's"
        keeps = {"Fn::If": ["IsEdgeOnly", "'yes'", "'no'"]}
        if path == "connect" and headers.get("X-Keep-Source-Ip") != keeps:
            yield f"{place}: messages without an address"


@rule
def direct_addresses_are_the_viewers(templates):
    """Nothing stands behind what CloudFront says; tasks trust the balancers."""
    for place, balancer in properties(
        templates, "AWS::ElasticLoadBalancingV2::LoadBalancer"
    ):
        mode = attributes(balancer).get("routing.http.xff_header_processing.mode")
        if balancer["Type"] == "application" and mode != "preserve":
            yield f"{place}: takes CloudFront for the client"


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
        if stages != ["Source", "Test", "Build", "Deploy"]:
            yield f"{place}: {stages}"
        if pipeline.get("ExecutionMode") != "QUEUED":
            yield f"{place}: two releases at once"
    for place, project in properties(templates, "AWS::CodeBuild::Project"):
        script = project["Source"]["BuildSpec"]
        if "Deploy" in place and script != "packaging/aws/pipeline/deploy.yml":
            yield f"{place}: does not shift"
