"""Medians, spreads and ratios of runs, as tables in Markdown.

`Results` holds what the load generator said: for each workload and server a
list of runs, each a dict. A figure that no run has is None and shown as "-".
"""

import statistics
from dataclasses import dataclass, field

NOTHING = "-"


def number(value):
    """Three digits, without an exponent."""
    if value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def count(value):
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{number(value / limit)}{unit}"
    return number(value)


def microseconds(value):
    if value >= 1e6:
        return f"{value / 1e6:.2f} s"
    if value >= 1e3:
        return f"{value / 1e3:.1f} ms"
    return f"{value:.0f} us"


def seconds(value):
    return f"{value:.2f} s"


def share(value):
    return f"{value:.2f}"


@dataclass
class Results:
    runs: dict = field(default_factory=dict)  # workload -> server -> [run]
    failures: dict = field(default_factory=dict)  # workload -> server -> text

    def add(self, workload, server, run):
        self.runs.setdefault(workload, {}).setdefault(server, []).append(run)

    def fail(self, workload, server, text):
        self.failures.setdefault(workload, {})[server] = text

    def values(self, workload, server, key):
        runs = self.runs.get(workload, {}).get(server, [])
        return [run[key] for run in runs if key in run]

    def median(self, workload, server, key):
        values = self.values(workload, server, key)
        return statistics.median(values) if values else None

    def ratio(self, workload, server, key, other):
        """How many times the median of the other server's; None if unknown."""
        value = self.median(workload, server, key)
        base = self.median(workload, other, key)
        return value / base if value is not None and base else None


@dataclass(frozen=True)
class Median:
    title: str
    key: str
    form: object
    spread: bool = False

    def cell(self, results, workload, server):
        values = results.values(workload, server, self.key)
        if not values:
            return NOTHING
        text = self.form(statistics.median(values))
        if not self.spread or len(values) == 1:
            return text
        return f"{text} [{self.form(min(values))}..{self.form(max(values))}]"


@dataclass(frozen=True)
class Ratio:
    title: str
    key: str
    other: str

    def cell(self, results, workload, server):
        ratio = results.ratio(workload, server, self.key, self.other)
        return NOTHING if ratio is None else f"{ratio:.2f}"


@dataclass(frozen=True)
class Sums:
    """Of all runs, not the median: one lost message is one too many."""

    title: str
    keys: tuple

    def cell(self, results, workload, server):
        found = [results.values(workload, server, key) for key in self.keys]
        return "/".join(str(sum(values)) for values in found) if any(found) else NOTHING


def row(cells):
    return f"| {' | '.join(cells)} |"


def table(heads, rows):
    return "\n".join([row(heads), row(["---"] * len(heads)), *map(row, rows)])


def of_workload(results, workload):
    """A row for each that has runs, and a line for each that failed."""
    heads = ["server", *(column.title for column in workload.columns)]
    measured = results.runs.get(workload.name, {})
    rows = []
    for name in measured:
        cells = [c.cell(results, workload.name, name) for c in workload.columns]
        if set(cells) != {NOTHING}:
            rows.append([name, *cells])
    failures = results.failures.get(workload.name, {})
    lines = [f"- {name} failed: {text}" for name, text in failures.items()]
    parts = [f"### {workload.title}", table(heads, rows)]
    return "\n\n".join(parts + (["\n".join(lines)] if lines else []))
