"""Checks AWS Signature Version 4 with botocore's own signer as the reference.

The canonical path is what was sent on the wire, encoded once more: a client
that sends `@connections/abc%3D` signs `%40connections/abc%253D`.
"""

import datetime
import hashlib
import hmac
import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SERVICE = "execute-api"
UNSIGNED = "UNSIGNED-PAYLOAD"
SKEW_SECONDS = 300
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<scope>[^ ,]+), ?"
    r"SignedHeaders=(?P<names>[^ ,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class Refused(Exception):
    """A request is not signed by who may sign; the text is the answer's."""


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)


class Verifier:
    """Takes the requests of one pair of keys in one region."""

    def __init__(self, settings, now=utc_now):
        self._keys = Credentials(settings.access_key_id, settings.secret_access_key)
        self._token = settings.session_token
        self._region = settings.region
        self._now = now

    def verify(self, method, url, headers, body):
        """`url` with the path as it was on the wire. Raises Refused."""
        given = headers.get("Authorization")
        if given is None:
            raise Refused("Missing Authentication Token")
        parts = AUTHORIZATION.fullmatch(given)
        if parts is None:
            raise Refused("Authorization header is incomplete")
        timestamp = headers.get("X-Amz-Date", "")
        names = parts["names"].split(";")
        self._check_time(timestamp)
        self._check_scope(parts["scope"], timestamp)
        self._check_names(names, headers)
        self._check_body(headers, body)
        wanted = self._sign(method, url, headers, names, body, timestamp)
        if not hmac.compare_digest(wanted[0], parts["signature"]):
            raise Refused(
                "The request signature we calculated does not match the signature"
                f" you provided.\n\nThe Canonical String for this request should"
                f" have been\n'{wanted[1]}'\n"
            )

    def _check_time(self, timestamp):
        try:
            signed = datetime.datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ")
        except ValueError:
            raise Refused("X-Amz-Date is missing or malformed") from None
        signed = signed.replace(tzinfo=datetime.timezone.utc)
        if abs((self._now() - signed).total_seconds()) > SKEW_SECONDS:
            raise Refused("Signature expired or not yet current")

    def _check_scope(self, scope, timestamp):
        wanted = [
            self._keys.access_key,
            timestamp[:8],
            self._region,
            SERVICE,
            "aws4_request",
        ]
        if scope.split("/") != wanted:
            raise Refused("Credential should be scoped to a valid key, date, region")

    def _check_names(self, names, headers):
        """Names which a signature must cover, and the token of a session."""
        missing = {"host", "x-amz-date"} - set(names)
        if self._token:
            missing |= {"x-amz-security-token"} - set(names)
            if headers.get("X-Amz-Security-Token") != self._token:
                raise Refused("The security token included in the request is invalid")
        if missing:
            raise Refused(f"not signed: {', '.join(sorted(missing))}")

    def _check_body(self, headers, body):
        given = headers.get("X-Amz-Content-SHA256", UNSIGNED)
        if given not in (UNSIGNED, hashlib.sha256(body).hexdigest()):
            raise Refused("X-Amz-Content-SHA256 is not the body's")

    def _sign(self, method, url, headers, names, body, timestamp):
        """The signature that is due, and the canonical request behind it."""
        signed = {name: headers.get(name, "") for name in names}
        request = AWSRequest(method=method, url=url, headers=signed, data=body)
        request.context["timestamp"] = timestamp
        signer = SigV4Auth(self._keys, SERVICE, self._region)
        canonical = signer.canonical_request(request)
        text = signer.string_to_sign(request, canonical)
        return signer.signature(text, request), canonical
