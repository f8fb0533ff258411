"""CloudFront's functions, run by node as far as it is like CloudFront."""

import json
import shutil
import subprocess

import pytest
import templates as reader
from templates import text

VIEWER = {"ip": "198.51.100.7"}


def run(name, request, **values):
    """What the function makes of a viewer's request."""
    if shutil.which("node") is None:
        pytest.skip("no node: ./dev test gets it")
    resource = reader.load()["web.yml"]["Resources"][name]
    code = text(resource["Properties"]["FunctionCode"])
    for key, value in values.items():
        code = code.replace(f"${{{key}}}", value)
    event = json.dumps({"request": request, "viewer": VIEWER})
    command = ["node", "-e", f"{code}\nconsole.log(JSON.stringify(handler({event})))"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_the_address_is_the_viewers_whatever_it_says():
    said = {"x-viewer-address": {"value": "203.0.113.1"}, "origin": {"value": "x"}}
    made = run("PathFunction", {"uri": "/ws", "headers": said})
    assert made["uri"] == "/"
    assert made["headers"] == {
        "x-viewer-address": {"value": VIEWER["ip"]},
        "origin": {"value": "x"},
    }


def test_config_is_json_that_the_page_understands():
    made = run(
        "ConfigFunction", {"headers": {}}, Url="wss://ws.example.org/chat", Subprotocol="false"
    )
    assert made["statusCode"] == 200
    assert made["headers"]["cache-control"]["value"] == "no-store"
    assert json.loads(made["body"]["data"]) == {
        "url": "wss://ws.example.org/chat",
        "subprotocol": False,
    }
