"""The dashboard and the alerts, read by Debian's Prometheus that scrapes a real
chatd: every name in them exists, every expression has an answer."""

import json
import pathlib
import re
import subprocess

import prometheus
import pytest
from drivers.chatd import Chatd
from drivers.lines import wait_until
from drivers.wire import Wire
from scrape import Scrape

ROOT = pathlib.Path(__file__).resolve().parents[2]
MONITORING = ROOT / "packaging/monitoring"
ALERTS = MONITORING / "alerts.yml"
METRIC = re.compile(r"\b(?:chatd|process)_[a-z_]+\b")


def need(build, name):
    program = prometheus.find(build, name)
    if program is None:
        pytest.skip(f"there is no {name}: ./dev test unpacks Debian's package")
    return program


@pytest.fixture
def promtool(build):
    program = need(build, "promtool")

    def run(*arguments, **options):
        done = subprocess.run(
            [program, *arguments], capture_output=True, text=True, **options
        )
        return done.returncode, done.stdout + done.stderr

    return run


class Watched:
    """A server that a Prometheus scrapes."""

    def __init__(self, build, folder):
        program = need(build, "prometheus")
        self.server = Chatd(build, folder / "data")
        self.server.start()
        target = f"127.0.0.1:{self.server.port}"
        try:
            self.reader = prometheus.Prometheus(program, folder, [target], ALERTS)
        except BaseException:
            self.server.stop()
            raise

    def stop(self):
        self.reader.stop()
        self.server.stop()


@pytest.fixture(scope="module")
def watched(build, tmp_path_factory):
    """One for all: it takes Prometheus five seconds to scrape at first."""
    both = Watched(build, tmp_path_factory.mktemp("watched"))
    try:
        wait_until(lambda: both.reader.samples("up == 1"), "a scrape")
        work(both.server)
        wait_until(
            lambda: both.reader.samples("rate(chatd_duplicates_total[1m]) > 0"),
            "a rate",
        )
        yield both
    finally:
        both.stop()


def dashboard_expressions():
    board = json.loads((MONITORING / "dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def names_in(expression):
    """Of metrics; labels stand in braces, or behind `by`."""
    return METRIC.findall(re.sub(r'\{[^}]*\}', "", expression))


def work(server):
    """Something of everything that a panel shows."""
    ann = Wire(server.url)
    ann.hello("ann")
    ann.join("lobby")
    for n in range(20):
        ann.send("lobby", f"message {n}")
    for _ in range(2):
        ann.send("lobby", "once", key="a-key-that-is-used-twice-0123")
    ann.close()


def test_what_is_scraped_is_as_it_should_be(start_chatd, promtool):
    server = start_chatd()
    work(server)
    status, output = promtool("check", "metrics", input=Scrape(server).text)
    assert status == 0, output
    assert output == ""


def test_the_alerts_are_right(promtool):
    status, output = promtool("check", "rules", ALERTS)
    assert status == 0, output
    status, output = promtool("check", "config", MONITORING / "prometheus.yml")
    assert status == 0, output


def test_each_alert_is_raised_when_it_should_be(promtool):
    folder = pathlib.Path(__file__).parent
    status, output = promtool("test", "rules", "alerts_test.yml", cwd=folder)
    assert status == 0, output


def test_prometheus_scrapes_a_server(watched):
    (target,) = watched.reader.ask("targets")["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")
    (sample,) = watched.reader.samples("chatd_duplicates_total")
    assert sample["value"][1] == "1"


def test_the_rules_have_answers(watched):
    reader = watched.reader

    def rules():
        return [r for group in reader.ask("rules")["groups"] for r in group["rules"]]

    wait_until(lambda: all(r["health"] != "unknown" for r in rules()), "rules")
    known = set(reader.ask("label/__name__/values"))
    for rule in rules():
        assert (rule["health"], rule.get("lastError")) == ("ok", None), rule
        assert set(names_in(rule["query"])) <= known, rule["query"]
        assert rule["state"] == "inactive", rule["name"]


def test_each_alert_has_a_runbook(watched):
    text = (ROOT / "docs/alerts.md").read_text()
    sections = re.findall(r"^## (\w+)$", text, re.MULTILINE)
    (group,) = watched.reader.ask("rules")["groups"]
    assert sorted(sections) == sorted(rule["name"] for rule in group["rules"])
    for rule in group["rules"]:
        runbook = f"docs/alerts.md#{rule['name'].lower()}"
        assert rule["annotations"]["runbook"] == runbook
        assert rule["annotations"]["summary"]


def test_the_panels_have_answers(watched):
    known = set(watched.reader.ask("label/__name__/values"))
    expressions = list(dashboard_expressions())
    assert len(expressions) > 30
    for title, expression in expressions:
        assert set(names_in(expression)) <= known, title
        filled = expression.replace("$instance", ".*")
        filled = filled.replace("$__rate_interval", "1m")
        assert "$" not in filled, title
        assert watched.reader.samples(filled), f"{title}: {expression}: no answer"


def test_the_panels_lie_beside_each_other():
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in panels)
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


def test_a_server_that_is_gone_is_down(watched):
    watched.server.stop()

    def is_pending():
        alerts = watched.reader.ask("alerts")["alerts"]
        return [a for a in alerts if a["labels"]["alertname"] == "ChatdDown"]

    (alert,) = wait_until(is_pending, "an alert")
    assert alert["state"] == "pending"
