"""What stands in for root.yml where AWS is moto: its parameters and outputs, and
of its resources those that the verbs touch and moto can make."""

import json
import shutil

import yaml


class Loader(yaml.CSafeLoader):
    """Functions of CloudFormation are of no interest here."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def parameters(folder):
    """Of root.yml, each a plain string, with its default."""
    root = yaml.load((folder / "root.yml").read_text(), Loader)
    return {
        name: {
            "Type": "String",
            **({"Default": str(given["Default"])} if "Default" in given else {}),
        }
        for name, given in root["Parameters"].items()
    }


def weighed():
    return {
        "TargetGroups": [
            {"TargetGroupArn": {"Ref": "BlueTargets"}, "Weight": 90},
            {"TargetGroupArn": {"Ref": "GreenTargets"}, "Weight": 10},
        ]
    }


def subnet(number):
    return {
        "Type": "AWS::EC2::Subnet",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "CidrBlock": f"10.40.{number}.0/24",
            "AvailabilityZone": f"eu-central-1{'ab'[number]}",
        },
    }


def targets(color):
    return {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "Name": {"Fn::Sub": "${Name}-" + color},
            "TargetType": "ip",
            "VpcId": {"Ref": "Vpc"},
            "Protocol": "HTTP",
            "Port": 7100,
        },
    }


RESOURCES = {
    "Note": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "note.yml"}},
    "Repository": {
        "Type": "AWS::ECR::Repository",
        "Properties": {"RepositoryName": {"Fn::Sub": "${Name}/chatd"}},
    },
    "Bucket": {
        "Type": "AWS::S3::Bucket",
        "Properties": {
            "Tags": [
                {"Key": "images", "Value": {"Fn::Sub": "${BlueImage} ${GreenImage} ${Running}"}}
            ]
        },
    },
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.40.0.0/20"}},
    "First": subnet(0),
    "Second": subnet(1),
    "Balancer": {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {
            "Name": {"Ref": "Name"},
            "Type": "application",
            "Scheme": "internal",
            "Subnets": [{"Ref": "First"}, {"Ref": "Second"}],
        },
    },
    "BlueTargets": targets("blue"),
    "GreenTargets": targets("green"),
    "Listener": {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "Balancer"},
            "Protocol": "HTTP",
            "Port": 80,
            "DefaultActions": [
                {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
            ],
        },
    },
    "Rule": {
        "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
        "Properties": {
            "ListenerArn": {"Ref": "Listener"},
            "Priority": 20,
            "Conditions": [
                {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/gateway/*"]}}
            ],
            "Actions": [{"Type": "forward", "ForwardConfig": weighed()}],
        },
    },
}
OUTPUTS = {
    "Url": "https://page.example.org",
    "WebSocketUrl": "wss://api.example.org/chat",
    "RepositoryUri": {"Fn::GetAtt": ["Repository", "RepositoryUri"]},
    "WebBucket": {"Ref": "Bucket"},
    "DistributionId": "E2EXAMPLE",
    "BlueTargets": {"Ref": "BlueTargets"},
    "GreenTargets": {"Ref": "GreenTargets"},
    "GatewayRuleArn": {"Ref": "Rule"},
    "DirectRuleArn": "",
    "BlueBadAlarm": {"Fn::Sub": "${Name}-blue-bad"},
    "GreenBadAlarm": {"Fn::Sub": "${Name}-green-bad"},
    "DashboardUrl": "https://console.example.org",
}


def root(folder):
    return {
        "Parameters": parameters(folder),
        "Resources": dict(RESOURCES),
        "Outputs": {name: {"Value": value} for name, value in OUTPUTS.items()},
    }


def write(templates, folder):
    """The same folder, as deploy takes it."""
    (folder / "root.yml").write_text(yaml.dump(root(templates), sort_keys=False))
    for name in ("artifacts.yml", "edge.yml"):
        shutil.copy(templates / name, folder)
    note = {"Type": "AWS::SQS::Queue"}
    (folder / "note.yml").write_text(json.dumps({"Resources": {"Queue": note}}))
