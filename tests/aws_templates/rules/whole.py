"""All templates together."""

from rules.registry import rule
from templates import named, properties, references, walk


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
