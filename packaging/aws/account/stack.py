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
        self._role = ["--role-arn", role] if role else []

    def _formation(self, verb, *words):
        return self._aws.read(
            "cloudformation", verb, "--stack-name", self.name, *words
        )

    def _change(self, verb, *words):
        return self._aws.change(
            "cloudformation", verb, "--stack-name", self.name, *words
        )

    # ---- what is there ----

    def describe(self):
        """As AWS has it; None when there is none."""
        try:
            return self._formation("describe-stacks")["Stacks"][0]
        except Refusal as refusal:
            if "does not exist" in str(refusal):
                return None
            raise

    @property
    def exists(self):
        stack = self.describe()
        return stack is not None and stack["StackStatus"] not in EMPTY

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

    def make(self, template, parameters):
        """Creates or updates it. `template` are the words that name one.
        A parameter that is left out stays as it is."""
        stack = self.describe()
        self.check(stack)
        status = stack["StackStatus"] if stack else None
        if status in FAILED:
            say(f"{self.name}: {status}, made anew")
            self.delete()
            status = None
        kind = "CREATE" if status in (None, *EMPTY) else "UPDATE"
        kept = parameters_of(stack) if kind == "UPDATE" else {}
        values = [
            {"ParameterKey": key, "ParameterValue": str(value)}
            for key, value in parameters.items()
        ] + [
            {"ParameterKey": key, "UsePreviousValue": True}
            for key in kept.keys() - parameters.keys()
        ]
        return self._apply(kind, template, values)

    def _apply(self, kind, template, values):
        name = f"change-{time.time_ns()}"
        chosen = ("--change-set-name", name)
        self._change(
            *("create-change-set", *chosen, "--change-set-type", kind),
            *(*template, "--capabilities", "CAPABILITY_IAM", "--tags", TAG),
            *self._role,
            *(("--parameters", json.dumps(values)) if values else ()),
        )
        if self._aws.dry_run:
            self._change("execute-change-set", *chosen)
            return
        if not self._is_ready(chosen):
            self._change("delete-change-set", *chosen)
            say(f"{self.name}: as asked already")
            return
        before = self._last_event()
        self._change("execute-change-set", *chosen)
        self._follow(before, (f"{kind}_COMPLETE",))

    def _is_ready(self, chosen):
        """False: nothing would change."""
        while True:
            found = self._formation("describe-change-set", *chosen)
            if not found["Status"].endswith(("PENDING", "IN_PROGRESS")):
                break
            time.sleep(POLL_SECONDS)
        if found["Status"] == "FAILED":
            reason = found.get("StatusReason", "")
            if any(text in reason for text in NOTHING):
                return False
            raise Problem(f"stack {self.name}: {reason}")
        for change in found.get("Changes", []):
            detail = change["ResourceChange"]
            anew = " anew" if detail.get("Replacement") == "True" else ""
            say(
                f"{self.name}: will {detail['Action'].lower()}{anew}"
                f" {detail['LogicalResourceId']}"
            )
        return True

    def delete(self):
        if self.describe() is None:
            return
        before = self._last_event()
        self._change("delete-stack", *self._role)
        if not self._aws.dry_run:
            self._follow(before, ("DELETE_COMPLETE",))

    # ---- events ----

    def _events(self, stack=None):
        """The newest first."""
        return self._aws.read(
            *("cloudformation", "describe-stack-events"),
            *("--stack-name", stack or self.name),
            *("--max-items", "200"),
        )["StackEvents"]

    def _last_event(self):
        try:
            events = self._events()
        except Refusal:
            return None
        return events[0]["EventId"] if events else None

    def news(self, seen):
        """Events after that one, the oldest first."""
        news = []
        for event in self._events():
            if event["EventId"] == seen:
                break
            news.append(event)
        return news[::-1]

    def _follow(self, seen, wanted):
        """Shows what happens until the stack itself has ended, one way or the
        other: its status may still be the old one for a moment."""
        by_id = Stack(self._aws, self.describe()["StackId"])
        failed, status = [], ""
        while not status or status.endswith("IN_PROGRESS"):
            time.sleep(POLL_SECONDS)
            for event in by_id.news(seen):
                seen = event["EventId"]
                status = show(event, by_id.name) or status
                if event["ResourceStatus"].endswith("FAILED"):
                    failed.append(event)
        if status not in wanted:
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


def show(event, stack):
    """Also the stack's status, where the event is the stack's own."""
    status, reason = event["ResourceStatus"], event.get("ResourceStatusReason", "")
    say(f"{event['LogicalResourceId']:<24}{status:<32}{reason}".rstrip())
    return status if event.get("PhysicalResourceId") == stack else None
