"""The table of prices, and bills made by it."""

import functools
import json
import pathlib
from dataclasses import dataclass

TABLE = pathlib.Path(__file__).resolve().parents[1] / "prices.json"
SOURCES = ("aws", "reported", "unconfirmed")


@functools.cache
def table():
    return json.loads(TABLE.read_text())


def price(name):
    return table()["prices"][name]


@dataclass(frozen=True)
class Line:
    """So much of what has a price, and what for."""

    name: str
    what: str
    quantity: float

    @property
    def service(self):
        return price(self.name)["service"]


def dollars(line):
    """At the list's price, with nothing for free."""
    return line.quantity * price(line.name)["price"]


def charge(lines):
    """(line, dollars) of each: what is free is shared out in their order."""
    left = {name: entry.get("free", 0) for name, entry in table()["prices"].items()}
    charged = []
    for line in lines:
        free = min(left[line.name], line.quantity)
        left[line.name] -= free
        paid = (line.quantity - free) * price(line.name)["price"]
        charged.append((line, paid))
    return charged
