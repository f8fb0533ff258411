"""The command as one runs it, and docs/cost.md, whose tables it printed."""

import json
import re
import subprocess
import sys

import pytest
from pricing.page import blocks
from pricing.prices import table
from templates import ROOT

COMMAND = ROOT / "packaging/aws/cost"
PAGE = (ROOT / "docs/cost.md").read_text()
PRINTED = blocks(PAGE)


def run(*arguments):
    return subprocess.run(
        [sys.executable, COMMAND, *arguments], capture_output=True, text=True
    )


@pytest.mark.parametrize("arguments, printed", PRINTED, ids=[" ".join(words) for words, _ in PRINTED])
def test_the_page_has_what_the_command_prints(arguments, printed):
    assert run(*arguments).stdout == printed, (
        "packaging/aws/cost --fill docs/cost.md prints its tables anew"
    )


def test_a_page_is_filled_anew(tmp_path):
    page = tmp_path / "cost.md"
    words = "<!-- packaging/aws/cost --users 7 -->\n\n| old |\n\nwords\n"
    page.write_text(words)
    assert run("--fill", page).returncode == 0
    printed = run("--users", "7").stdout
    assert page.read_text() == words.replace("| old |\n", printed)


def test_the_page_has_all_kinds_of_tables():
    shown = {word for words, _ in PRINTED for word in words}
    for kind in ("--users", "--profile", "--million", "--whole", "--variants", "--prices"):
        assert kind in shown
    # No table but those that the command prints, and what variants give up.
    assert len(re.findall(r"^\| ?-", PAGE, re.M)) == len(PRINTED) + 1


def test_the_page_names_what_is_unconfirmed():
    count = sum(entry["by"] == "unconfirmed" for entry in table()["prices"].values())
    words = {3: "three", 4: "four", 5: "five"}
    assert f"{words[count]} are unconfirmed" in " ".join(PAGE.split())


def test_the_page_says_in_words_what_the_command_counts():
    nobody = json.loads(run("--users", "0", "--json").stdout)
    totals = [round(month["total"]) for month in nobody["month"].values()]
    hackathon, _, production, _ = totals
    dollars = nobody["million_delivered"]
    through, direct = dollars["gateway"], dollars["direct"]
    cents = {route: round(100 * paid) for route, paid in nobody["user_present"].items()}
    words = " ".join(PAGE.replace("*", "").split())
    for said in (
        f"`hackathon` stands at ${hackathon} a month",
        f"`production` at ${production}",
        f"${through['message']:.2f} for a million deliveries, "
        f"${through['with_typing_and_reading']:.2f} with",
        f"direct, ${direct['message']:.2f} and "
        f"${direct['with_typing_and_reading']:.2f}",
        f"costs {cents['gateway']} cents a month through API Gateway "
        f"and {cents['direct']} direct",
    ):
        assert said in words
    aws = " ".join((ROOT / "docs/aws.md").read_text().split())
    assert f"`hackathon` ${hackathon} a month before traffic" in aws
    assert f"`production` ${production}" in aws


def test_programs_get_data():
    answer = json.loads(run("--users", "10", "--json").stdout)
    assert answer["region"] == "us-east-1"
    for name in ("hackathon", "production"):
        through, direct = (answer["month"][f"{name}-{r}"] for r in ("gateway", "direct"))
        assert 0 < direct["total"] < through["total"]
        assert sum(through["services"].values()) == pytest.approx(
            through["total"], abs=0.1
        )


@pytest.mark.parametrize(
    "arguments",
    [
        ["--users", "-1"],
        ["--users", "1.5"],
        ["--messages", "nan"],
        ["--messages", "inf"],
        ["--room-size", "0"],
        ["--profile", "free"],
        ["--json", "--prices"],
    ],
)
def test_nonsense_is_refused(arguments):
    result = run(*arguments)
    assert result.returncode == 2
    assert "error:" in result.stderr and not result.stdout


def test_rooms_may_be_empty_of_rates():
    assert run("--rate", "0", "--million").returncode == 0
