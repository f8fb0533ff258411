"""The page: the files of web/ in their bucket. /config.json is not among them:
web.yml has CloudFront make it of the stack's values."""

from .cli import say
from .images import ROOT


def publish(aws, outputs):
    say("page: copying")
    aws.change(
        *("s3", "sync", str(ROOT / "web"), f"s3://{outputs['WebBucket']}"),
        *("--delete", "--cache-control", "no-cache", "--only-show-errors"),
    )
    aws.change(
        *("cloudfront", "create-invalidation"),
        *("--distribution-id", outputs["DistributionId"], "--paths", "/*"),
    )
