"""What /metrics says after traffic whose numbers are known."""

import urllib.error
import urllib.request

import pytest
from scrape import Scrape


def test_each_entry_is_counted_for_each_listener(start_chatd, sign_in):
    server = start_chatd()
    people = [sign_in(server, name) for name in ("ann", "bob", "cat")]
    for person in people:
        person.settle()
    before = Scrape(server)
    for n in range(7):
        people[0].send("lobby", f"message {n}")
    for person in people:
        person.entries("lobby", 3 + 7)
    after = Scrape(server)
    assert after["chatd_connections"] == 3
    grown = {name: after[name] - before[name] for name in after}
    assert grown["chatd_deliveries_total"] == 7 * 3
    assert grown["chatd_append_seconds_count"] == 7
    assert grown['chatd_append_seconds_bucket{le="+Inf"}'] == 7
    assert grown["chatd_append_seconds_sum"] > 0
    assert grown["chatd_slow_reader_closes_total"] == 0


def test_the_page_is_prometheus_text(start_chatd):
    scrape = Scrape(start_chatd())
    assert scrape.type == "text/plain; version=0.0.4; charset=utf-8"
    assert scrape.text.endswith("\n")


def test_strangers_do_not_see_it(start_chatd):
    server = start_chatd(options=["--listen", "0.0.0.0:0"])
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server.page_url}metrics", timeout=10)
