"""Tables in Markdown, which read well on a terminal too, and the same as data."""

import dataclasses
import re
import urllib.parse

from . import bill, variants
from .inventory import PROFILES
from .prices import price, table

RATES = (1, 50, 200, 1000)
ROUTES = (("gateway", False), ("direct", True))


def grid(head, rows, texts=1):
    """The first columns are text, the others are numbers."""
    marks = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def money(value):
    return f"{value:,.2f}"


def with_route(usage, direct):
    return dataclasses.replace(usage, direct=direct)


def bills(usage, releases):
    """(profile, route) -> service -> dollars."""
    return {
        (name, route): bill.by_service(
            bill.month(name, with_route(usage, direct), releases)
        )
        for name in PROFILES
        for route, direct in ROUTES
    }


def month_table(usage, releases):
    found = bills(usage, releases)
    services = dict.fromkeys(entry["service"] for entry in table()["prices"].values())
    head = ["$ a month", *(f"{name}, {route}" for name, route in found)]
    rows = [
        [service, *(money(column.get(service, 0)) for column in found.values())]
        for service in services
        if any(round(column.get(service, 0), 2) for column in found.values())
    ]
    totals = [money(sum(column.values())) for column in found.values()]
    return grid(head, [*rows, ["**in all**", *totals]])


def parts_table(name, usage, releases):
    """Each line of one bill, the dearest first."""
    charged = bill.month(name, usage, releases)
    charged.sort(key=lambda pair: -pair[1])
    rows = [
        [f"{line.service}: {line.what}", f"{line.quantity:,.2f}", money(paid)]
        for line, paid in charged
        if round(paid, 2)
    ]
    head = ["part", "so much", "$ a month"]
    return grid(head, [*rows, ["**in all**", "", money(bill.total(charged))]])


def million_table(usage, whole):
    head = [
        "messages a second in a room",
        "API Gateway, packing off",
        "API Gateway, packing on",
        "direct, packing off",
        "direct, packing on",
    ]
    rows = []
    for rate in RATES:
        costs = [
            bill.a_million(
                dataclasses.replace(usage, rate=rate, packing=packing, direct=direct),
                whole,
            )
            for _, direct in ROUTES
            for packing in (False, True)
        ]
        rows.append([f"{rate:,}", *(money(cost) for cost in costs)])
    return grid(head, rows)


def variants_table():
    head = ["hackathon, before traffic", "$ a month"]
    return grid(head, [[step.name, money(paid)] for step, paid in variants.rows()])


def links(source):
    """Its addresses by their hosts; what has none, as it is."""
    addresses = re.findall(r"https://[^\s,;]+", source)
    hosts = [urllib.parse.urlsplit(address).netloc for address in addresses]
    found = [f"[{host}]({at})" for host, at in zip(hosts, addresses)]
    return ", ".join(found) or source


def prices_table():
    rows = [
        [
            f"{entry['service']}: {entry['unit']}",
            links(entry["source"]),
            entry["by"],
            entry["of"],
            entry["read"],
            f"{entry.get('free', 0):g}",
            f"{entry['price']:g}",
        ]
        for entry in table()["prices"].values()
    ]
    head = ["unit", "source", "by", "of", "read", "free", "$"]
    return grid(head, rows, texts=5)


def as_data(usage, releases):
    """All that the tables say, and of which prices it is made."""
    return {
        "region": table()["region"],
        "usage": dataclasses.asdict(usage),
        "month": {
            f"{name}-{route}": {
                "total": round(sum(services.values()), 2),
                "services": {key: round(paid, 2) for key, paid in services.items()},
            }
            for (name, route), services in bills(usage, releases).items()
        },
        "million_delivered": {
            route: {
                "message": round(bill.a_million(with_route(usage, direct), False), 4),
                "with_typing_and_reading": round(
                    bill.a_million(with_route(usage, direct), True), 4
                ),
            }
            for route, direct in ROUTES
        },
        "user_present": {
            route: round(bill.a_user(with_route(usage, direct)), 4)
            for route, direct in ROUTES
        },
        "unconfirmed": [
            name for name in table()["prices"] if price(name)["by"] == "unconfirmed"
        ],
    }
