"""deploy: from an empty account, or from what is there, to what is asked."""

import hashlib
import pathlib
import re
import tempfile

from traffic import COLORS, Problem

from . import images, page, permissions
from .balancer import Balancer, unprotect
from .cli import say
from .stack import Stack

FOLDER = pathlib.Path(__file__).resolve().parents[1]
EDGE_REGION = "us-east-1"  # CloudFront takes certificates and web ACLs from there
NO_IMAGE = "none:none"
# What the rules of root.yml ask for, said before anything is made.
NEEDED = {"production": ("HostedZone", "SocketDomain", "AlarmEmail")}
PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def parameter_names():
    """Of root.yml; its form is simple enough to need no reader of YAML."""
    text = (FOLDER / "root.yml").read_text()
    section = re.search(r"^Parameters:\n(.*?)^\S", text, re.M | re.S)[1]
    return re.findall(r"^  (\w+):$", section, re.M)


def pair(text):
    key, equals, value = text.partition("=")
    if not equals:
        raise Problem(f"{text!r} is no KEY=VALUE")
    return key, value


def edge_name(name):
    return f"{name}-edge"


def artifacts_name(name):
    return f"{name}-artifacts"


class Making:
    def __init__(self, aws, options):
        self._aws = aws
        self._options = options
        self._name = options.stack
        self._root = Stack(aws, self._name, options.role)
        self._asked = dict(map(pair, options.set))
        if options.profile:
            self._asked["Profile"] = options.profile
        self._images = {}

    # ---- before anything is changed ----

    def check(self):
        stack = self._root.describe()
        self._root.check(stack)
        self._is_new = not self._root.exists
        self._kept = self._root.parameters()
        # Also where an earlier call ended before there was one.
        images_kept = [self._kept.get(f"{c.capitalize()}Image") for c in COLORS]
        self._lacks_image = self._is_new or NO_IMAGE in images_kept
        self._check_parameters()
        self._find_images()
        self._identity = self._aws.read("sts", "get-caller-identity")
        self._check_tables()
        say(f"{self._identity['Arn']} in {self._aws.region}: checking permissions")
        permissions.check(
            self._aws, "up", self._name, self._identity, self._options.role
        )

    def _value(self, key):
        return self._asked.get(key, self._kept.get(key, ""))

    def _check_parameters(self):
        if not re.fullmatch("[a-z][a-z0-9-]{1,19}", self._name):
            raise Problem(f"--stack {self._name}: 2 to 20 of a-z, 0-9 and -")
        unknown = self._asked.keys() - parameter_names()
        if unknown:
            raise Problem(f"root.yml has no parameter {', '.join(sorted(unknown))}")
        needed = NEEDED.get(self._value("Profile"), ())
        lacking = [f"--set {key}=…" for key in needed if not self._value(key)]
        if lacking:
            raise Problem(f"{self._value('Profile')} needs {' '.join(lacking)}")

    def _find_images(self):
        given = {color: getattr(self._options, color) for color in COLORS}
        default = self._options.image
        if default is None and self._lacks_image and None in given.values():
            default = images.BUILT
        asked = {color: str(image or default) for color, image in given.items()
                 if image or default}  # fmt: skip
        found = {text: images.find(text) for text in set(asked.values())}
        self._images = {color: found[text] for color, text in asked.items()}
        archives = [one for one in found.values() if isinstance(one, images.Archive)]
        if archives:
            images.find_pusher()
        for archive in archives:
            other = self._asked.setdefault("Architecture", archive.architecture)
            if other != archive.architecture:
                raise Problem(f"{archive.path} is for {archive.architecture}, not {other}")

    def _check_tables(self):
        if not self._is_new:
            return
        tables = self._aws.read("dynamodb", "list-tables")["TableNames"]
        if f"{self._name}-messages" in tables:
            raise Problem(
                f"there are tables of an earlier {self._name}: another --stack leaves"
                f" them alone, destroy --delete-data {self._name} deletes them"
            )

    # ---- the steps ----

    def run(self):
        self.check()
        template = self._upload(self._make_artifacts())
        values = {"Name": self._name, **self._asked, **self._weights()}
        if self._value("MoreRegions"):
            values["TemplateUrl"] = template[1]
        values |= self._make_edge() | self._find_prefix_list()
        if self._root.has_failed:
            unprotect(self._aws, self._name)
        if self._is_new and self._has_archive():
            say("without tasks first, for the repository of their image")
            nothing = {f"{color.capitalize()}Image": NO_IMAGE for color in COLORS}
            self._make_root(template, {**values, **nothing, "Running": "off"})
        values |= self._push(self._root.outputs())
        if self._lacks_image:
            values.setdefault("Running", "on")
        self._make_root(template, values)
        page.publish(self._aws, self._root.outputs())

    def _make_root(self, template, values):
        self._root.make(template, values, parameter_names())

    def _has_archive(self):
        return any(isinstance(i, images.Archive) for i in self._images.values())

    def _weights(self):
        """As they are: an update moves no requests."""
        if self._is_new:
            return {}
        weights = Balancer(self._aws, self._root.outputs()).weights()
        return {f"{color.capitalize()}Weight": weights[color] for color in COLORS}

    def _make_artifacts(self):
        stack = Stack(self._aws, artifacts_name(self._name), self._options.role)
        body = f"file://{FOLDER / 'artifacts.yml'}"
        stack.make(["--template-body", body], {"Name": self._name})
        account = self._identity["Account"]
        return f"{self._name}-templates-{account}-{self._aws.region}"

    def _upload(self, bucket):
        """The words that name the template in the bucket."""
        with tempfile.TemporaryDirectory() as folder:
            packaged = pathlib.Path(folder) / "root.yml"
            self._aws.change(
                *("cloudformation", "package", "--s3-bucket", bucket),
                *("--template-file", str(FOLDER / "root.yml")),
                *("--output-template-file", str(packaged)),
            )
            text = packaged.read_bytes() if packaged.exists() else b""
            key = f"root-{hashlib.sha256(text).hexdigest()[:16]}.yml"
            self._aws.change(
                *("s3", "cp", str(packaged), f"s3://{bucket}/{key}"),
                "--only-show-errors",
            )
        host = f"{bucket}.s3.{self._aws.region}.amazonaws.com"
        return ["--template-url", f"https://{host}/{key}"]

    def _make_edge(self):
        """The web ACL and the page's certificate, where production has no other."""
        if self._value("Profile") != "production":
            return {}
        aws = self._aws.in_region(EDGE_REGION)
        stack = Stack(aws, edge_name(self._name), self._options.role)
        if self._value("WebAclArn") not in ("", stack.outputs().get("WebAclArn")):
            return {}
        wanted = {
            key: self._value(key)
            for key in ("WebDomain", "HostedZone")
            if self._value(key)
        }
        body = f"file://{FOLDER / 'edge.yml'}"
        stack.make(["--template-body", body], {"Name": self._name, **wanted})
        outputs = stack.outputs()
        return {key: outputs[key] for key in ("WebAclArn", "WebCertificateArn")}

    def _find_prefix_list(self):
        key = "CloudFrontPrefixList"
        if self._value("DirectWebSocket") != "on" or self._value(key):
            return {}
        found = self._aws.read(
            *("ec2", "describe-managed-prefix-lists"),
            *("--filters", f"Name=prefix-list-name,Values={PREFIX_LIST}"),
        )
        return {key: found["PrefixLists"][0]["PrefixListId"]}

    def _push(self, outputs):
        """Parameters with the references; both colors may have one image."""
        pushed = {
            image: images.push(self._aws, image, outputs)
            for image in set(self._images.values())
        }
        return {
            f"{color.capitalize()}Image": pushed[image]
            for color, image in self._images.items()
        }
