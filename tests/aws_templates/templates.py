"""The templates of packaging/aws, as plain data with functions in long form."""

import functools
import json
import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "packaging/aws"


class Loader(yaml.CSafeLoader):
    pass


def function(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in ("Ref", "Condition"):
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


Loader.add_multi_constructor("!", function)


@functools.cache
def load():
    """All of them: file name -> template. Not to be changed: it is shared."""
    return {
        path.name: yaml.load(path.read_text(), Loader)
        for path in sorted(FOLDER.glob("*.yml"))
    }


def resources(templates, *types):
    """(place, resource) of each resource of these types."""
    for file, template in templates.items():
        for name, resource in template.get("Resources", {}).items():
            if not types or resource["Type"] in types:
                yield f"{file}:{name}", resource


def properties(templates, *types):
    for place, resource in resources(templates, *types):
        yield place, resource.get("Properties", {})


def walk(node):
    """Every part of a template, from the outside in."""
    yield node
    children = ()
    if isinstance(node, dict):
        children = node.values()
    elif isinstance(node, list):
        children = node
    for child in children:
        yield from walk(child)


def strings(node):
    return [part for part in walk(node) if isinstance(part, str)]


def values(node):
    """What a property may become: both sides of each Fn::If."""
    if isinstance(node, dict) and "Fn::If" in node:
        _, yes, no = node["Fn::If"]
        return values(yes) + values(no)
    return [] if node == {"Ref": "AWS::NoValue"} else [node]


def items(node):
    """A list with its conditional elements, all that may be in it."""
    return [item for element in node for item in values(element)]


def as_list(node):
    return node if isinstance(node, list) else [node]


def policy_of(node):
    """A policy may be data, or JSON in a string."""
    return json.loads(text(node)) if text(node) else node


def documents(templates):
    """(place, policy, reasons) of each policy in IAM's language."""
    for place, resource in resources(templates):
        given = resource.get("Properties", {})
        reasons = resource.get("Metadata", {}).get("Reasons", {})
        for key in ("PolicyDocument", "KeyPolicy"):
            if key in given:
                yield place, policy_of(given[key]), reasons
        for policy in given.get("Policies", []):
            yield place, policy["PolicyDocument"], reasons


def statements(templates):
    for place, policy, reasons in documents(templates):
        for statement in policy["Statement"]:
            name = f"{place}:{statement.get('Sid', '?')}"
            yield name, statement, reasons.get(statement.get("Sid"))


def containers(templates):
    for place, task in properties(templates, "AWS::ECS::TaskDefinition"):
        for container in task["ContainerDefinitions"]:
            yield place, container


def metrics(alarm):
    """Names of what an alarm looks at."""
    if "MetricName" in alarm:
        return [alarm["MetricName"]]
    return [
        metric["MetricStat"]["Metric"]["MetricName"]
        for metric in alarm["Metrics"]
        if "MetricStat" in metric
    ]


def named(pairs, key="Name", value="Value"):
    return {pair[key]: pair[value] for pair in pairs}


def text(node):
    """A Fn::Sub or a string as it is written."""
    if isinstance(node, dict) and "Fn::Sub" in node:
        node = node["Fn::Sub"]
        return node[0] if isinstance(node, list) else node
    return node if isinstance(node, str) else ""


def references(node):
    """Names that Ref, GetAtt and Sub refer to."""
    found = set()
    for part in walk(node):
        if not isinstance(part, dict):
            continue
        if "Ref" in part:
            found.add(part["Ref"])
        if "Fn::GetAtt" in part:
            found.add(part["Fn::GetAtt"][0])
        if "Fn::Sub" in part:
            inner = re.findall(r"\$\{([A-Za-z0-9:]+)[.}]", text(part))
            found.update(inner)
    return found
