"""The rules of the inner balancer: who gets which share of the requests."""

import datetime
import json

from traffic import COLORS, FIRST_WEIGHTS, Problem

ALONE = "last-alone"
SERVED_MINUTES = 15


def unprotect(aws, name):
    """Lets a deployment's balancers be deleted, those that are there."""
    found = aws.read("elbv2", "describe-load-balancers")["LoadBalancers"]
    for balancer in found:
        if balancer["LoadBalancerName"] in (name, f"{name}-link"):
            aws.change(
                *("elbv2", "modify-load-balancer-attributes"),
                *("--load-balancer-arn", balancer["LoadBalancerArn"]),
                *("--attributes", "Key=deletion_protection.enabled,Value=false"),
            )


class Balancer:
    """`outputs` are those of root.yml."""

    def __init__(self, aws, outputs):
        self._aws = aws
        self._groups = {
            color: outputs[f"{color.capitalize()}Targets"] for color in COLORS
        }
        names = ("GatewayRuleArn", "DirectRuleArn")
        self._rules = [outputs[name] for name in names if outputs.get(name)]

    def weights(self):
        answer = self._aws.read(
            "elbv2", "describe-rules", "--rule-arns", self._rules[0]
        )
        forward = answer["Rules"][0]["Actions"][0].get("ForwardConfig", {})
        shares = {
            group["TargetGroupArn"]: int(group["Weight"])
            for group in forward.get("TargetGroups", [])
        }
        if not shares.keys() >= set(self._groups.values()):
            raise Problem("the balancer's rule does not forward to blue and green")
        return {color: shares[arn] for color, arn in self._groups.items()}

    def shift(self, weights):
        forward = {
            "TargetGroups": [
                {"TargetGroupArn": arn, "Weight": weights[color]}
                for color, arn in self._groups.items()
            ],
            "TargetGroupStickinessConfig": {"Enabled": False},
        }
        actions = json.dumps([{"Type": "forward", "ForwardConfig": forward}])
        for rule in self._rules:
            words = ("modify-rule", "--rule-arn", rule, "--actions", actions)
            self._aws.change("elbv2", *words)

    # ---- who last had all: a tag, since it is of the rule and of nobody else ----

    def last_alone(self):
        answer = self._aws.read(
            "elbv2", "describe-tags", "--resource-arns", self._rules[0]
        )
        for tag in answer["TagDescriptions"][0]["Tags"]:
            if tag["Key"] == ALONE:
                return tag["Value"]
        return COLORS[FIRST_WEIGHTS.index(max(FIRST_WEIGHTS))]

    def remember_alone(self, color):
        tag = f"Key={ALONE},Value={color}"
        words = ("add-tags", "--resource-arns", self._rules[0], "--tags", tag)
        self._aws.change("elbv2", *words)

    # ---- what became of it ----

    def health(self, color):
        """(healthy targets, all targets)"""
        answer = self._aws.read(
            *("elbv2", "describe-target-health"),
            *("--target-group-arn", self._groups[color]),
        )
        states = [
            target["TargetHealth"]["State"]
            for target in answer["TargetHealthDescriptions"]
        ]
        return states.count("healthy"), len(states)

    def served(self):
        """Requests of the last minutes; CloudWatch knows them a minute late."""
        now = datetime.datetime.now(datetime.timezone.utc)
        start = now - datetime.timedelta(minutes=SERVED_MINUTES)
        answer = self._aws.read(
            *("cloudwatch", "get-metric-data"),
            *("--start-time", f"{start:%Y-%m-%dT%H:%M:%SZ}"),
            *("--end-time", f"{now:%Y-%m-%dT%H:%M:%SZ}"),
            *("--metric-data-queries", json.dumps(self._queries())),
        )
        return {
            result["Id"]: int(sum(result["Values"]))
            for result in answer["MetricDataResults"]
        }

    def _queries(self):
        balancer = "/".join(self._rules[0].split("/")[1:4])
        return [
            {
                "Id": color,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/ApplicationELB",
                        "MetricName": "RequestCount",
                        "Dimensions": [
                            {"Name": "TargetGroup", "Value": arn.rpartition(":")[2]},
                            {"Name": "LoadBalancer", "Value": balancer},
                        ],
                    },
                    "Period": 60,
                    "Stat": "Sum",
                },
            }
            for color, arn in self._groups.items()
        ]
