"""What docs/dynamodb.md says that actions cost, as DynamoDB Local counts it; the
cost of a deployment (packaging/aws/pricing) is worked out of that.
"""

import re
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/bench"))

from dynamodb import Meter, measure_actions, measure_units  # noqa: E402

PAGE = (ROOT / "docs/dynamodb.md").read_text()
# The page's name of an action -> the measurement's.
ACTIONS = {
    "join a public room": "join a public room",
    "leave it": "leave it",
    "hello by token, 10 rooms": "hello by token, 10 rooms",
    "history, 50 entries": "history, 50 entries",
    "ping, 10 rooms": "ping, 10 rooms, at once again",
    "mark read": "mark read",
    "edit, react": "edit",
    "delete": "delete",
}


@pytest.fixture(scope="module")
def meter(dynamodb):
    meter = Meter(dynamodb.port)
    yield meter
    meter.close()


@pytest.fixture(scope="module")
def measured(build, meter):
    return {
        name: (writes, reads)
        for name, writes, reads, _ in measure_actions(build, meter, messages=60)
    }


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_costs_what_is_documented(measured, action):
    """What was added by hand, behind a +, is for reads that find nothing, which
    DynamoDB Local does not count."""
    writes, reads = re.search(
        rf"^\| {action} \| ([\d.]+) \| ([\d.]+)[ \d+]* \|", PAGE, re.M
    ).groups()
    assert measured[ACTIONS[action]] == pytest.approx(
        (float(writes), float(reads)), abs=0.6
    )


def test_a_send_alone_costs_what_is_documented(build, meter):
    units = re.search(r"^\| 1 \| \d+ \| ([\d.]+) \| claims", PAGE, re.M)[1]
    writes, _, _ = measure_units(build, meter, 1, count=60)
    assert writes == pytest.approx(float(units), abs=0.05)
