"""The stack in an account, as verbs.py wants a deployment."""

import os

from traffic import COLORS, Problem

from . import images, logs, page
from .balancer import Balancer
from .cli import Aws, Refusal
from .making import Making
from .removing import Removing
from .stack import Stack

CHANGING = ("up", "down", "shift", "release", "rollback")
ALARM_KINDS = ("CompositeAlarm", "MetricAlarm")


class Account:
    def add_options(self, parser, verb):
        add = parser.add_argument
        add("--stack", default=os.environ.get("CHAT_STACK", "chat"),
            help="the stack of root.yml, and what names begin with (chat)")  # fmt: skip
        add("--region", help="another than the AWS CLI's own")
        if verb in CHANGING:
            add("--dry-run", action="store_true",
                help="print what would change something, and change nothing")  # fmt: skip
        if verb == "up":
            self._add_making(add)
        if verb == "down":
            add("--delete-data", metavar="STACK",
                help="the tables too, for ever: their stack's name, typed again")  # fmt: skip

    @staticmethod
    def _add_making(add):
        add("--profile", choices=("hackathon", "production"),
            help="cheap or with everything; a new stack is cheap unless told")  # fmt: skip
        add("--set", action="append", default=[], metavar="KEY=VALUE",
            help="a parameter of root.yml; what is not named stays as it is")  # fmt: skip
        add("--image", help="of both colors: a reference, or an OCI archive, which"
            " is pushed; of a new stack build-container/chatd.tar")  # fmt: skip
        for color in COLORS:
            add(f"--{color}", metavar="IMAGE", help=f"of {color} alone")
        add("--role", metavar="ARN", help="what CloudFormation works as")

    def configure(self, arguments):
        self._options = arguments
        dry_run = getattr(arguments, "dry_run", False)
        self._aws = Aws(arguments.region, dry_run)
        self._stack = Stack(self._aws, arguments.stack)

    def _outputs(self):
        outputs = self._stack.outputs()
        if not outputs and self._stack.exists:
            status = self._stack.describe()["StackStatus"]
            raise Problem(f"stack {self._options.stack} has nothing yet: {status}")
        if not outputs:
            raise Problem(
                f"no stack {self._options.stack} in {self._aws.region}: deploy makes it"
            )
        return outputs

    def _name(self):
        return self._stack.parameters().get("Name", self._options.stack)

    def _balancer(self):
        return Balancer(self._aws, self._outputs())

    def up(self):
        Making(self._aws, self._options).run()

    def down(self):
        Removing(self._aws, self._options).run()

    # ---- who gets the requests ----

    def weights(self):
        return self._balancer().weights()

    def shift(self, blue, green):
        self._balancer().shift({"blue": blue, "green": green})

    def last_alone(self):
        return self._balancer().last_alone()

    def remember_alone(self, color):
        self._balancer().remember_alone(color)

    def _alarms(self, *words):
        found = self._aws.read(
            *("cloudwatch", "describe-alarms", *words, "--alarm-types", *ALARM_KINDS)
        )
        alarms = found["CompositeAlarms"] + found["MetricAlarms"]
        return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}

    def ailing(self, color):
        name = self._outputs()[f"{color.capitalize()}BadAlarm"]
        states = self._alarms("--alarm-names", name)
        if not states:
            raise Problem(f"there is no alarm {name}: nothing is shifted blindly")
        return f"{name} rings" if states[name] == "ALARM" else None

    def replace(self, color, image):
        reference = images.push(self._aws, images.find(image), self._outputs())
        weights = self._balancer().weights()
        self._stack.make(
            ["--use-previous-template"],
            {
                f"{color.capitalize()}Image": reference,
                "BlueWeight": weights["blue"],
                "GreenWeight": weights["green"],
            },
        )

    def finish(self):
        page.publish(self._aws, self._outputs())

    # ---- what is there ----

    def status(self):
        kinds = ("weights", "served", "parts", "alarms", "addresses")
        if not self._stack.exists:
            return {"up": False, **{kind: {} for kind in kinds}}
        balancer, name = self._balancer(), self._name()
        services = self._services(name)
        running = [services.get(color, {}).get("runningCount") for color in COLORS]
        return {
            "up": all(running),
            "weights": balancer.weights(),
            "served": balancer.served(),
            "parts": {
                color: self._describe(services.get(color), balancer.health(color))
                for color in COLORS
            },
            "alarms": self._describe_alarms(name),
            "addresses": self._addresses(),
        }

    def _services(self, name):
        found = self._aws.read(
            *("ecs", "describe-services", "--cluster", name, "--services"),
            *(f"{name}-{color}" for color in COLORS),
        )
        return {one["serviceName"].rpartition("-")[2]: one for one in found["services"]}

    def _describe(self, service, health):
        if service is None:
            return "no service"
        healthy, targets = health
        return (
            f"{service['runningCount']} of {service['desiredCount']} tasks,"
            f" {self._version(service['taskDefinition'])},"
            f" {healthy} of {targets} healthy"
        )

    def _version(self, definition):
        found = self._aws.read(
            "ecs", "describe-task-definition", "--task-definition", definition
        )
        (container,) = found["taskDefinition"]["containerDefinitions"]
        return f"version {container['image'].rpartition('/')[2]}"

    def _describe_alarms(self, name):
        states = self._alarms("--alarm-name-prefix", f"{name}-")
        ringing = {alarm: "rings" for alarm, state in states.items() if state == "ALARM"}
        return ringing or {"alarms": f"none of {len(states)} rings"}

    def _addresses(self):
        outputs = self._outputs()
        names = {
            "page": "Url",
            "clients": "WebSocketUrl",
            "dashboard": "DashboardUrl",
        }
        return {name: outputs[key] for name, key in names.items() if key in outputs}

    def logs(self, name, follow, lines):
        self._outputs()
        try:
            logs.show(self._aws, self._name(), name, follow, lines)
        except Refusal as refusal:
            if refusal.code != "ResourceNotFoundException":
                raise
            raise Problem(f"nothing was logged yet: {refusal}") from None
