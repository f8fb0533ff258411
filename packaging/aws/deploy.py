#!/usr/bin/env python3
"""Who gets the requests of a deployment: blue or green.

  deploy.py --stack NAME status           says the weights
  deploy.py --stack NAME shift 50 50      sets them, for blue and for green
  deploy.py --stack NAME rollback         gives all to who had more before
  deploy.py --stack NAME release IMAGE    IMAGE to the color that has less, then
                                          all requests there in steps; they are
                                          taken back when its alarm rings

Weights are changed at the balancer, which takes seconds and disconnects nobody:
API Gateway keeps the sockets, and each message is a request of its own. At the
end of a release the stack's parameters are set to what is so, since an update of
the stack would set the weights to what they say.

Needs boto3 and, for a release, what DeployRole of pipeline.yml may do.
"""

import argparse
import sys
import time

import boto3
from botocore.exceptions import ClientError
from verbs import COLORS, Problem, weight

STEPS = (10, 50, 100)
POLL_SECONDS = 5


class Deployment:
    def __init__(self, stack):
        self.stack = stack
        self.formation = boto3.client("cloudformation")
        self.balancer = boto3.client("elbv2")
        self.alarms = boto3.client("cloudwatch")
        self.outputs = {
            output["OutputKey"]: output["OutputValue"]
            for output in self.describe().get("Outputs", [])
        }

    def describe(self):
        return self.formation.describe_stacks(StackName=self.stack)["Stacks"][0]

    def targets(self):
        return {
            self.outputs["BlueTargets"]: "blue",
            self.outputs["GreenTargets"]: "green",
        }

    def rules(self):
        names = ("GatewayRuleArn", "DirectRuleArn")
        return [self.outputs[name] for name in names if self.outputs.get(name)]

    def weights(self):
        rules = self.balancer.describe_rules(RuleArns=self.rules()[:1])
        forward = rules["Rules"][0]["Actions"][0]["ForwardConfig"]
        colors = self.targets()
        return {
            colors[group["TargetGroupArn"]]: int(group["Weight"])
            for group in forward["TargetGroups"]
        }

    def shift(self, weights):
        groups = [
            {"TargetGroupArn": arn, "Weight": weights[color]}
            for arn, color in self.targets().items()
        ]
        forward = {
            "TargetGroups": groups,
            "TargetGroupStickinessConfig": {"Enabled": False},
        }
        for rule in self.rules():
            self.balancer.modify_rule(
                RuleArn=rule,
                Actions=[{"Type": "forward", "ForwardConfig": forward}],
            )

    def rings(self, color):
        name = self.outputs[f"{color.capitalize()}BadAlarm"]
        found = self.alarms.describe_alarms(
            AlarmNames=[name], AlarmTypes=["CompositeAlarm", "MetricAlarm"]
        )
        alarms = found["CompositeAlarms"] + found["MetricAlarms"]
        if not alarms:
            raise Problem(f"there is no alarm {name}: nothing is shifted blindly")
        return alarms[0]["StateValue"] == "ALARM"

    def set_parameters(self, changed):
        known = [
            parameter["ParameterKey"] for parameter in self.describe()["Parameters"]
        ]
        try:
            self.formation.update_stack(
                StackName=self.stack,
                UsePreviousTemplate=True,
                Capabilities=["CAPABILITY_IAM"],
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": str(changed[key])}
                    if key in changed
                    else {"ParameterKey": key, "UsePreviousValue": True}
                    for key in known
                ],
            )
        except ClientError as problem:
            if "No updates are to be performed" in str(problem):
                return
            raise
        self.formation.get_waiter("stack_update_complete").wait(
            StackName=self.stack
        )


def other(color):
    return COLORS[1 - COLORS.index(color)]


def all_to(color):
    return {color: 100, other(color): 0}


def say(weights):
    print(f"blue {weights['blue']} green {weights['green']}", flush=True)


def parameters(weights):
    return {"BlueWeight": weights["blue"], "GreenWeight": weights["green"]}


def busier(weights):
    return "green" if weights["green"] > weights["blue"] else "blue"


def rollback(deployment):
    """The one that had more: during a release that is the old one until the
    last step, whose alarm the release itself looks at."""
    weights = all_to(busier(deployment.weights()))
    deployment.shift(weights)
    return weights


def watch(deployment, color, seconds):
    """Whether the color has been well for so long."""
    end = time.monotonic() + seconds
    while not deployment.rings(color):
        if time.monotonic() >= end:
            return True
        time.sleep(min(POLL_SECONDS, max(0, end - time.monotonic())))
    return False


def release(deployment, image, seconds):
    old = busier(deployment.weights())
    new = other(old)
    # Nobody is served by tasks that are replaced, and what is in the stack's
    # parameters is what an update makes so.
    before = all_to(old)
    deployment.shift(before)
    deployment.set_parameters(
        {f"{new.capitalize()}Image": image, **parameters(before)}
    )
    for share in STEPS:
        weights = {new: share, old: 100 - share}
        deployment.shift(weights)
        say(weights)
        if not watch(deployment, new, seconds):
            deployment.shift(before)
            say(before)
            raise Problem(f"{new} is not well with {image}: {old} has all again")
    deployment.set_parameters(parameters(all_to(new)))


def arguments(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--stack", required=True, help="name of root.yml's stack")
    parser.add_argument(
        "--seconds",
        type=int,
        default=300,
        help="how long each step of a release is watched",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status")
    commands.add_parser("rollback")
    shift = commands.add_parser("shift")
    shift.add_argument("blue", type=weight)
    shift.add_argument("green", type=weight)
    commands.add_parser("release").add_argument("image")
    return parser.parse_args(argv)


def main(argv):
    chosen = arguments(argv)
    deployment = Deployment(chosen.stack)
    if chosen.command == "status":
        say(deployment.weights())
    elif chosen.command == "rollback":
        say(rollback(deployment))
    elif chosen.command == "release":
        release(deployment, chosen.image, chosen.seconds)
    elif chosen.blue + chosen.green == 0:
        raise Problem("with both at 0 nobody is served")
    else:
        weights = {"blue": chosen.blue, "green": chosen.green}
        deployment.shift(weights)
        say(weights)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Problem as problem:
        sys.exit(f"deploy.py: {problem}")
