"""What root.yml makes of parameters: its stacks and theirs, with the conditions
worked out. Values that only AWS knows are some text.
"""

import templates as reader

# What production does not go without.
PARAMETERS = {
    "hackathon": {"Profile": "hackathon"},
    "production": {
        "Profile": "production",
        "HostedZone": "Z0",
        "SocketDomain": "ws.example.org",
        "WebAclArn": "arn:of-the-acl",
        "AlarmEmail": "ops@example.org",
    },
}
UNKNOWN = "known to AWS"


class Stack:
    def __init__(self, file, given):
        self.template = reader.load()[file]
        declared = self.template["Parameters"]
        self.parameters = {
            name: given.get(name, parameter.get("Default", UNKNOWN))
            for name, parameter in declared.items()
        }

    def value(self, node):
        if not isinstance(node, dict) or len(node) != 1:
            return node
        ((function, argument),) = node.items()
        work_out = {
            "Ref": lambda name: self.parameters.get(name, UNKNOWN),
            "Condition": self.holds,
            "Fn::If": self._either,
            "Fn::FindInMap": self._mapped,
            "Fn::Equals": lambda two: len({str(self.value(x)) for x in two}) == 1,
            "Fn::Not": lambda one: not self.value(one[0]),
            "Fn::And": lambda all_: all(map(self.value, all_)),
            "Fn::Or": lambda any_: any(map(self.value, any_)),
        }
        return work_out.get(function, lambda _: UNKNOWN)(argument)

    def _either(self, argument):
        condition, yes, no = argument
        return self.value(yes if self.holds(condition) else no)

    def _mapped(self, path):
        node = self.template["Mappings"]
        for key in path:
            node = node[self.value(key)]
        return node

    def holds(self, condition):
        return self.value(self.template["Conditions"][condition])

    def resources(self):
        for resource in self.template["Resources"].values():
            if "Condition" not in resource or self.holds(resource["Condition"]):
                yield resource

    def nested(self):
        for resource in self.resources():
            if resource["Type"] == "AWS::CloudFormation::Stack":
                given = resource["Properties"].get("Parameters", {})
                yield Stack(
                    resource["Properties"]["TemplateURL"],
                    {name: self.value(value) for name, value in given.items()},
                )


def stacks(profile):
    """root.yml's, and edge.yml's where there is a web ACL."""
    root = Stack("root.yml", PARAMETERS[profile])
    found = [root, *root.nested()]
    if "WebAclArn" in PARAMETERS[profile]:
        found.append(Stack("edge.yml", {"Name": "chat"}))
    return found


def resources(profile, kind):
    """(stack, properties) of each resource of this type that is made."""
    return [
        (stack, resource.get("Properties", {}))
        for stack in stacks(profile)
        for resource in stack.resources()
        if resource["Type"] == f"AWS::{kind}"
    ]
