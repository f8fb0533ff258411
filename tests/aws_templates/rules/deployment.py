"""What no linter sees and a deployment would: order, replacement, first times."""

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from rules.registry import rule
from templates import as_list, properties, references, resources, text, values, walk


def fixed(kind):
    """Properties whose change makes a resource anew."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    paths = schema.get("createOnlyProperties", [])
    return [path.removeprefix("/properties/") for path in paths]


def conditions(node):
    return {
        part["Fn::If"][0]
        for part in walk(node)
        if isinstance(part, dict) and "Fn::If" in part
    }


@rule
def what_is_made_anew_has_a_new_name(templates):
    """CloudFormation makes the new one first, and two cannot have one name."""
    for place, resource in resources(templates):
        given = resource.get("Properties", {})
        names = fixed(resource["Type"])
        own = [name for name in names if name.endswith("Name") and name in given]
        changing = conditions([given.get(n) for n in names if n not in own])
        if own and not changing <= conditions([given[name] for name in own]):
            yield f"{place}: cannot be replaced, as its name is taken"


@rule
def stage_comes_after_what_it_needs(templates):
    """Routes, or it has nothing to deploy; the account's role, or no logs."""
    for place, stage in resources(templates, "AWS::ApiGatewayV2::Stage"):
        file = templates[place.split(":")[0]]["Resources"]
        before = set(as_list(stage.get("DependsOn", []))) | references(stage)
        for name, resource in file.items():
            if resource["Type"] in (
                "AWS::ApiGatewayV2::Route",
                "AWS::ApiGatewayV2::RouteResponse",
                "AWS::ApiGateway::Account",
            ) and name not in before:
                yield f"{place}: may be made before {name}"
        if stage["Properties"].get("AutoDeploy") is not True:
            yield f"{place}: a changed route is not deployed"


@rule
def headers_that_are_mapped_are_defined(templates):
    """API Gateway maps what its route defines, of $connect alone."""
    defined = set()
    for _, route in properties(templates, "AWS::ApiGatewayV2::Route"):
        if route["RouteKey"] == "$connect":
            defined |= route.get("RequestParameters", {}).keys()
    for place, integration in properties(templates, "AWS::ApiGatewayV2::Integration"):
        for value in walk(integration["RequestParameters"]):
            if text(value).startswith("route.request.") and value not in defined:
                yield f"{place}: {value} is of no route"


@rule
def balancers_are_there_before_their_targets(templates):
    link = templates["cluster.yml"]["Resources"]["LinkTarget"]
    if link.get("DependsOn") != "Listener":
        yield "cluster.yml: a balancer is a target once it listens there"
    for place, stack in properties(templates, "AWS::CloudFormation::Stack"):
        targets = stack["Parameters"].get("Targets")
        if targets is not None and references(targets) != {"Cluster"}:
            yield f"{place}: a service before the rules of the balancer"


@rule
def an_empty_account_is_enough(templates):
    """ECS has not made its role when an account's first cluster asks for it."""
    for place, cluster in properties(templates, "AWS::ECS::Cluster"):
        if "CapacityProviders" in cluster:
            yield f"{place}: fails the first time"
    for place, role in resources(templates, "AWS::IAM::Role"):
        for statement in role["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
            whose = statement["Principal"].get("Service")
            if whose == "apigateway.amazonaws.com" and "Condition" in statement:
                yield f"{place}: API Gateway may not be able to try it"


@rule
def the_first_time_nothing_runs(templates):
    """The repository is made together with what takes images from it."""
    root = templates["root.yml"]["Resources"]
    for color in ("Blue", "Green"):
        given = root[color]["Properties"]["Parameters"]
        wanted = values(given["Tasks"])
        if wanted[-1] != 0 or "IsRunning" not in conditions(given["Tasks"]):
            yield f"root.yml:{color}: wants an image before there can be one"
        if given["Autoscaling"] != {"Fn::If": ["IsScaled", "on", "off"]}:
            yield f"root.yml:{color}: is scaled while it must not run"


@rule
def images_are_pulled_where_they_are(templates):
    """Other regions have no copy."""
    statements = templates["service.yml"]["Resources"]["ExecutionRole"]["Properties"][
        "Policies"
    ][0]["PolicyDocument"]["Statement"]
    (pull,) = [part for part in statements if part["Sid"] == "PullImage"]
    if ":ecr:${ImageRegion}:" not in text(pull["Resource"]):
        yield "service.yml: images of this region alone"
    for place, stack_set in properties(templates, "AWS::CloudFormation::StackSet"):
        given = {p["ParameterKey"]: p["ParameterValue"] for p in stack_set["Parameters"]}
        if given.get("ImageRegion") != {"Ref": "AWS::Region"}:
            yield f"{place}: looks for images where there are none"
