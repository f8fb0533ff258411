"""A stack of CloudFormation: changed by change sets, with its events shown."""

import json
import time

from traffic import Problem

from .cli import Refusal, say

POLL_SECONDS = 5
TAG = "Key=project,Value=chatd"
NOTHING = ("didn't contain changes", "No updates are to be performed")
# Made of nothing yet: a change set may fill it.
EMPTY = ("REVIEW_IN_PROGRESS",)
# Its first creation failed; all that AWS lets one do is delete it.
FAILED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")


class Outputs(dict):
    """On a dry run what is not there yet has its name for a value."""

    def __missing__(self, name):
        return f"<{name}>"


class Stack:
    def __init__(self, aws, name, role=None):
        self.name = name
        self._aws = aws
        self._described = None  # until something is changed
        self._role = ["--role-arn", role] if role else []

    def _formation(self, verb, *words):
        return self._aws.read(
            "cloudformation", verb, "--stack-name", self.name, *words
        )

    def _change(self, verb, *words):
        self._described = None
        return self._aws.change(
            "cloudformation", verb, "--stack-name", self.name, *words
        )

    # ---- what is there ----

    def describe(self):
        """As AWS has it; None when there is none."""
        if self._described is None:
            try:
                self._described = self._formation("describe-stacks")["Stacks"][0]
            except Refusal as refusal:
                if "does not exist" not in str(refusal):
                    raise
        return self._described

    @property
    def exists(self):
        """What never was whole, or is half deleted, does not."""
        stack = self.describe()
        return stack is not None and stack["StackStatus"] not in (*EMPTY, *FAILED)

    @property
    def has_failed(self):
        return (self.describe() or {}).get("StackStatus") in FAILED

    def outputs(self):
        stack = self.describe() or {}
        found = {
            output["OutputKey"]: output.get("OutputValue", "")
            for output in stack.get("Outputs", [])
        }
        return Outputs(found) if self._aws.dry_run else found

    def parameters(self):
        return parameters_of(self.describe() or {})

    # ---- changes ----

    def check(self, stack):
        """Whether it can be changed at all, as it is described."""
        status = (stack or {}).get("StackStatus", "")
        if status.endswith("IN_PROGRESS") and status not in EMPTY:
            raise Problem(f"stack {self.name} is busy: {status}; try later")
        if status == "UPDATE_ROLLBACK_FAILED":
            raise Problem(
                f"stack {self.name} is stuck: aws cloudformation"
                f" continue-update-rollback --stack-name {self.name}"
            )

    def make(self, template, parameters, names=None):
        """Creates or updates it. `template` are the words that name one, `names`
        those of its parameters where it may be another than before. A parameter
        that is left out stays as it is, also of a stack that is made anew."""
        stack = self.describe()
        self.check(stack)
        kind = "UPDATE" if self.exists else "CREATE"
        if self.has_failed:
            self._clear(stack)
        kept = {
            key: value
            for key, value in parameters_of(stack or {}).items()
            if key not in parameters and (names is None or key in names)
        }
        if kind == "CREATE":
            parameters, kept = {**kept, **parameters}, {}
        values = [
            {"ParameterKey": key, "ParameterValue": str(value)}
            for key, value in parameters.items()
        ] + [{"ParameterKey": key, "UsePreviousValue": True} for key in kept]
        self._apply(kind, template, values)

    def _clear(self, stack):
        """The role, which AWS forgets with the stack, is that of the next."""
        say(f"{self.name}: {stack['StackStatus']}, made anew")
        if not self._role and stack.get("RoleARN"):
            self._role = ["--role-arn", stack["RoleARN"]]
        self.delete()

    def _apply(self, kind, template, values):
        chosen = ("--change-set-name", f"change-{time.time_ns()}")
        try:
            self._change(
                *("create-change-set", *chosen, "--change-set-type", kind),
                *(*template, "--capabilities", "CAPABILITY_IAM", "--tags", TAG),
                *self._role,
                *(("--parameters", json.dumps(values)) if values else ()),
            )
            reason = "" if self._aws.dry_run else self._why_not(chosen)
        except Refusal as refusal:
            reason = str(refusal)
        if any(text in reason for text in NOTHING):
            say(f"{self.name}: as asked already")
        elif reason:
            raise Problem(f"stack {self.name}: {reason}")
        else:
            self._execute(kind, chosen)

    def _why_not(self, chosen):
        """Why a change set cannot be executed; it is gone then. "" where it can."""
        while True:
            found = self._formation("describe-change-set", *chosen)
            if not found["Status"].endswith(("PENDING", "IN_PROGRESS")):
                break
            time.sleep(POLL_SECONDS)
        if found["Status"] == "FAILED":
            self._change("delete-change-set", *chosen)
            return found.get("StatusReason") or "its change set failed"
        for change in found.get("Changes", []):
            tell(self.name, change["ResourceChange"])
        return ""

    def _execute(self, kind, chosen):
        if self._aws.dry_run:
            self._change("execute-change-set", *chosen)
            return
        by_id = self._by_id(self.describe())
        before = by_id.last_event()
        self._change("execute-change-set", *chosen)
        by_id.follow(before, f"{kind}_COMPLETE")

    def delete(self):
        stack = self.describe()
        if stack is None:
            return
        by_id = self._by_id(stack)
        before = by_id.last_event()
        self._change("delete-stack", *self._role)
        if not self._aws.dry_run:
            by_id.follow(before, "DELETE_COMPLETE")

    # ---- events ----

    def _by_id(self, stack):
        """By that it is found when it is deleted, too."""
        return Stack(self._aws, stack["StackId"])

    def _events(self, stack=None):
        """The newest first."""
        return self._aws.read(
            *("cloudformation", "describe-stack-events"),
            *("--stack-name", stack or self.name),
            *("--max-items", "200"),
        )["StackEvents"]

    def last_event(self):
        return next((event["EventId"] for event in self._events()), None)

    def _news(self, seen):
        """Events after that one, the oldest first."""
        news = []
        for event in self._events():
            if event["EventId"] == seen:
                break
            news.append(event)
        return news[::-1]

    def follow(self, seen, wanted):
        """Shows what happens until the stack itself has ended, one way or the
        other: its status may still be the old one for a moment."""
        failed, status = [], ""
        while not status or status.endswith("IN_PROGRESS"):
            time.sleep(POLL_SECONDS)
            for event in self._news(seen):
                seen = event["EventId"]
                status = show(event, self.name) or status
                if event["ResourceStatus"].endswith("FAILED"):
                    failed.append(event)
        if status != wanted:
            raise Problem(f"stack {self.name}: {status}{self._why(failed)}")

    def _why(self, failed):
        """The first failure, which is what led to the others: of a nested stack
        the one in there."""
        if not failed:
            return ""
        event = failed[0]
        inner = event.get("PhysicalResourceId", "")
        if event["ResourceType"] == "AWS::CloudFormation::Stack" and inner:
            events = self._events(inner)[::-1] if inner != event["StackId"] else []
            below = [e for e in events if e["ResourceStatus"].endswith("FAILED")]
            if below:
                return self._why(below)
        reason = event.get("ResourceStatusReason", "no reason given")
        return f": {event['LogicalResourceId']}: {reason}"


def parameters_of(stack):
    return {
        parameter["ParameterKey"]: parameter.get("ParameterValue", "")
        for parameter in stack.get("Parameters", [])
    }


def tell(stack, change):
    anew = " anew" if change.get("Replacement") == "True" else ""
    action = change["Action"].lower()
    say(f"{stack}: will {action}{anew} {change['LogicalResourceId']}")


def show(event, stack):
    """Also the stack's status, where the event is the stack's own."""
    status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
    say(f"{event['LogicalResourceId']:<24}{status:<32}{reason}".rstrip())
    return status if event.get("PhysicalResourceId") == stack else None
