"""Each price says where it is from, and when it was read there."""

import re

import pytest
from pricing.prices import SOURCES, table

PRICES = table()["prices"]
FIELDS = {"service", "price", "unit", "by", "source", "of", "read"}


def test_the_table_is_of_one_region():
    assert table()["region"] == "us-east-1"
    assert table()["currency"] == "USD"


@pytest.mark.parametrize("name", PRICES)
def test_is_whole(name):
    entry = PRICES[name]
    assert FIELDS <= entry.keys() <= FIELDS | {"free"}
    assert entry["price"] > 0
    assert entry.get("free", 1) > 0
    assert entry["by"] in SOURCES
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", entry["read"])
    assert entry["of"] == "undated" or re.fullmatch(r"20\d\d(-\d\d){1,2}", entry["of"])


@pytest.mark.parametrize("name", PRICES)
def test_is_of_a_page_unless_it_is_unconfirmed(name):
    entry = PRICES[name]
    if entry["by"] != "unconfirmed":
        assert entry["source"].startswith("https://")
    if entry["by"] == "aws":
        assert re.match(r"https://(aws\.amazon\.com|github\.com/aws)/", entry["source"])
