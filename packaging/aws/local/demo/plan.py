"""What is done to the deployment, and when."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    at: float  # seconds from the start
    title: str
    weights: tuple | None = None
    replace: bool = False  # green, by a new build


def demonstration(seconds, variant):
    """Four minutes, or as many quarters of what is asked."""
    quarter = seconds / 4
    steps = [
        Step(0, "show 90/10", (90, 10)),
        Step(quarter, "shift to 50/50", (50, 50)),
        Step(2 * quarter, "shift to 10/90", (10, 90)),
        Step(3 * quarter, "verify"),
    ]
    if variant == "replace":
        steps.insert(2, Step(1.5 * quarter, "a new green", replace=True))
    if variant == "rollback":
        steps[3] = Step(3 * quarter, "roll back", (100, 0))
    return steps


def soak(seconds, every):
    """All weights in turn, those with a color of no weight too."""
    turns = [(90, 10), (50, 50), (10, 90), (0, 100), (50, 50), (100, 0)]
    count = max(1, int(seconds / every))
    return [
        Step(number * every, "{}/{}".format(*turn), turn)
        for number, turn in ((n, turns[n % len(turns)]) for n in range(count))
    ]


def current(steps, elapsed):
    """The index of the step that is on."""
    return max(i for i, step in enumerate(steps) if step.at <= max(elapsed, 0))
