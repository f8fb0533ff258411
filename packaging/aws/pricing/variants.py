"""The hackathon profile with less and less in it, before traffic. Each row is the
one before it with one thing more taken away; docs/cost.md says what that gives up.
"""

from dataclasses import dataclass

from .bill import kept_lines, total
from .inventory import HOURS, PROFILES, standing_lines
from .prices import Line, charge

PROFILE = PROFILES["hackathon"]


@dataclass(frozen=True)
class Step:
    name: str
    without: tuple = ()
    instead: tuple = ()


STEPS = (
    Step("as the templates make it"),
    Step(
        "chatd's metrics off",
        ("chatd's metrics", "chatd's metrics as lines", "the lines' way out"),
    ),
    Step(
        "no Container Insights, no metrics of routes",
        ("Container Insights", "metrics of each route"),
    ),
    Step(
        "tasks with public addresses, no NAT gateway",
        ("NAT gateways", "their addresses"),
        (Line("address.hours", "addresses of tasks", PROFILE.tasks * HOURS),),
    ),
    Step("direct WebSockets alone", ("network balancer",)),
    Step("no cache", ("cache nodes",)),
)


def rows():
    """(step, dollars a month) of each."""
    lines = standing_lines(PROFILE)
    found = []
    for step in STEPS:
        lines = [line for line in lines if line.what not in step.without]
        lines += step.instead
        found.append((step, total(charge([*lines, *kept_lines(PROFILE, lines)]))))
    return found
