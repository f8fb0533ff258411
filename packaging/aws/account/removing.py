"""destroy: an end to a deployment, also when half of it is gone already."""

import json

from traffic import Problem

from . import permissions
from .balancer import unprotect
from .cli import say
from .making import EDGE_REGION, artifacts_name, edge_name
from .stack import Stack

PAGE = 1000  # the most that one request deletes
KINDS = ("s3", "ecr:repository", "dynamodb:table")


class Removing:
    def __init__(self, aws, options):
        self._aws = aws
        self._name = options.stack
        self._with_data = options.delete_data
        self._root = Stack(aws, self._name)

    def check(self):
        if self._with_data not in (None, self._name):
            raise Problem(
                f"--delete-data {self._with_data} is not the name of --stack"
                f" {self._name}: nothing is deleted"
            )
        self._root.check(self._root.describe())
        identity = self._aws.read("sts", "get-caller-identity")
        permissions.check(self._aws, "down", self._name, identity)

    def run(self):
        self.check()
        everywhere = self._everywhere()
        for aws in everywhere:
            unprotect(aws, self._name)
        self._root.delete()
        Stack(self._aws.in_region(EDGE_REGION), edge_name(self._name)).delete()
        Stack(self._aws, artifacts_name(self._name)).delete()
        for aws in everywhere:
            self._remove_kept(aws)

    def _everywhere(self):
        """Here and in the regions beside, whose stacks the root's stack set ends."""
        more = self._root.parameters().get("MoreRegions", "")
        regions = filter(None, (region.strip() for region in more.split(",")))
        return [self._aws, *map(self._aws.in_region, regions)]

    # ---- what stacks leave behind, known by its tag ----

    def _kept(self, aws):
        found = aws.read(
            *("resourcegroupstaggingapi", "get-resources"),
            *("--tag-filters", f"Key=deployment,Values={self._name}"),
            *("--resource-type-filters", *KINDS),
        )
        return [one["ResourceARN"] for one in found["ResourceTagMappingList"]]

    def _remove_kept(self, aws):
        tables = []
        for arn in self._kept(aws):
            service, resource = arn.split(":")[2], arn.split(":", 5)[5]
            if service == "s3":
                self._remove_bucket(aws, resource)
            elif service == "ecr":
                name = resource.partition("/")[2]
                words = ("delete-repository", "--force", "--repository-name", name)
                aws.change("ecr", *words)
            elif service == "dynamodb":
                tables.append(resource.partition("/")[2])
        for table in sorted(tables):
            self._remove_table(aws, table)

    def _remove_table(self, aws, table):
        if self._with_data is None:
            say(f"kept: table {table}")
            return
        say(f"deleting table {table}")
        named = ("--table-name", table)
        aws.change(
            "dynamodb", "update-table", *named, "--no-deletion-protection-enabled"
        )
        if not aws.dry_run:
            aws.read("dynamodb", "wait", "table-exists", *named)
        aws.change("dynamodb", "delete-table", *named)

    def _remove_bucket(self, aws, bucket):
        say(f"deleting bucket {bucket}")
        while versions := self._versions(aws, bucket):
            aws.change(
                *("s3api", "delete-objects", "--bucket", bucket),
                *("--delete", json.dumps({"Objects": versions, "Quiet": True})),
            )
            if aws.dry_run:
                break
        aws.change("s3api", "delete-bucket", "--bucket", bucket)

    def _versions(self, aws, bucket):
        found = aws.read(
            *("s3api", "list-object-versions", "--bucket", bucket),
            *("--max-items", str(PAGE)),
        )
        return [
            {"Key": one["Key"], "VersionId": one["VersionId"]}
            for kind in ("Versions", "DeleteMarkers")
            for one in found.get(kind) or []
        ][:PAGE]
