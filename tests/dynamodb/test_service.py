"""What every store promises, on a real service instead of the model of it."""

import os
import subprocess

import pytest


@pytest.mark.parametrize("suite", ["fold", "operator", "session", "standing"])
def test_the_stores_suite(suite, build, dynamodb, keys):
    program = build / f"tests/store/store_{suite}_test"
    environment = {**os.environ, **keys, "CHAT_DYNAMODB_ENDPOINT": dynamodb.url}
    ended = subprocess.run(
        [program], env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
