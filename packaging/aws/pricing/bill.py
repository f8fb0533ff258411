"""Bills of a month, and what a million deliveries cost."""

import collections
import dataclasses

from . import traffic
from .inventory import DAYS, PROFILES, standing_lines
from .prices import Line, charge, dollars

RELEASE_MINUTES = 30  # an image's build, and three steps of five minutes
MILLION = 1e6


def usage_of(profile, usage):
    """The same people's talk in a deployment of this profile."""
    edge = profile.web_acls > 0
    return dataclasses.replace(usage, edge=edge, tasks=profile.tasks)


def talk_lines(profile, usage):
    usage = usage_of(profile, usage)
    said = traffic.talk(usage) * traffic.sent(usage)
    there = traffic.presence(usage)
    handshakes = profile.web_acls * there.connects / MILLION
    return [
        *traffic.lines(usage, said, "talk", profile.recovery),
        *traffic.lines(usage, there, "presence", profile.recovery),
        Line("acl.requests", "handshakes looked at", handshakes),
    ]


def kept_lines(profile, lines):
    """Of logs that are kept so long, what is there at any time, packed."""
    logged = sum(line.quantity for line in lines if line.name == "log.gigabytes")
    kept = logged * profile.log_days / DAYS / 5
    return [Line("log.storage", "logs that are kept", kept)]


def pipeline_lines(releases):
    minutes = releases * RELEASE_MINUTES
    return [
        Line("build.minutes", "builds and shifts", minutes),
        Line("pipeline.minutes", "its actions", minutes),
    ]


def month(name, usage, releases=0):
    """(line, dollars) of each part of a month's bill."""
    profile = PROFILES[name]
    lines = [*standing_lines(profile)]
    if usage.users:
        lines += talk_lines(profile, usage)
    return charge([*lines, *kept_lines(profile, lines), *pipeline_lines(releases)])


def by_service(charged):
    totals = collections.Counter()
    for line, paid in charged:
        totals[line.service] += paid
    return dict(totals)


def total(charged):
    return sum(paid for _, paid in charged)


def a_million(usage, whole):
    """A million deliveries in dollars, at list prices, of a message alone or of
    all that it brings with it."""
    counts = traffic.talk(usage) if whole else traffic.of_message(usage)
    lines = traffic.lines(usage, counts * (MILLION / usage.room_size), "")
    return sum(dollars(line) for line in lines)


def a_user(usage):
    """A user's month of being there, silent, at list prices."""
    one = dataclasses.replace(usage, users=1)
    lines = traffic.lines(one, traffic.presence(one), "")
    return sum(dollars(line) for line in lines)
