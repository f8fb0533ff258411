"""What a person sees of the demonstration: a picture on a terminal that follows
its size, or a line now and then where there is none."""

import contextlib
import os
import select
import shutil
import sys
import termios
import tty
from dataclasses import dataclass, field

ESCAPE = "\x1b["
BLUE, GREEN, BOLD, DIM, RED = "34", "32", "1", "2", "31"
LEVELS = "▁▂▃▄▅▆▇█"
NARROW, SHORT = 60, 16  # below that one line has to do
KEYS = "9: 90/10   5: 50/50   1: 10/90   r: roll back   q: end"
LINE_SECONDS = 10


@dataclass
class Picture:
    """All that is shown, at one moment."""

    elapsed: float = 0
    seconds: float = 0
    steps: list = field(default_factory=list)
    step: int = 0
    weights: tuple = (0, 0)
    by_hand: bool = False
    served: tuple = (0, 0)  # in all
    shares: list = field(default_factory=list)  # of green, newest last; or None
    sent: int = 0
    delivered: int = 0
    rate: float = 0
    rates: list = field(default_factory=list)
    p50_ms: int = 0
    p99_ms: int = 0
    latencies: list = field(default_factory=list)
    lost: int = 0
    duplicated: int = 0
    disconnects: int = 0
    connections: int = 0
    clients: list = field(default_factory=list)  # (name, kind, sent, seen)


def paint(text, *codes):
    return f"{ESCAPE}{';'.join(codes)}m{text}{ESCAPE}0m"


def clock(seconds):
    return f"{int(seconds) // 60:02}:{int(seconds) % 60:02}"


def percent(part, whole):
    return f"{100 * part / whole:3.0f} %" if whole else "  – "


def bar(green, width):
    """Blue on the left, green on the right; None: nobody served."""
    if green is None:
        return paint("·" * width, DIM)
    right = round(green * width)
    return paint("█" * (width - right), BLUE) + paint("█" * right, GREEN)


def sparkline(values, width, most=None):
    values = values[-width:]
    top = most or max(values, default=0) or 1
    marks = [LEVELS[min(int(8 * value / top), 7)] for value in values]
    return "".join(marks)


def columns_of(shares, width):
    """The share of green over time, one column a moment."""
    marks = []
    for share in shares[-width:]:
        if share is None:
            marks.append(paint("·", DIM))
        else:
            marks.append(paint(LEVELS[min(int(8 * share), 7)], GREEN, "44"))
    return "".join(marks)


def title(picture, width):
    left, right = "chatd, nobody is cut off", clock(picture.elapsed)
    if picture.seconds:
        right += f" of {clock(picture.seconds)}"
    return paint(left.ljust(width - len(right)), BOLD) + right


def steps_of(picture, width):
    """As many as fit around the one that is on."""
    first, texts, used = max(0, picture.step - 1), [], 0
    for index, step in enumerate(picture.steps[first:], first):
        used += len(step.title) + 3
        if used > width:
            break
        is_on = index == picture.step and not picture.by_hand
        texts.append(paint(step.title, *([BOLD, "7"] if is_on else [DIM])))
    if picture.by_hand and used + 9 <= width:
        texts.append(paint("by hand", BOLD, "7"))
    return "   ".join(texts)


def counter(text, value):
    return paint(f"{text} {value}", *([BOLD, RED] if value else [DIM]))


def shares_of(picture, width):
    blue, green = picture.served
    inner = max(width - 28, 8)
    weight = sum(picture.weights)
    now = next((s for s in reversed(picture.shares) if s is not None), None)
    rows = [
        ("weights", picture.weights[1] / weight if weight else None, picture.weights),
        ("served now", now, now is not None and (1 - now, now)),
        ("served in all", green / (blue + green) if blue + green else None, (blue, green)),
    ]
    for name, share, pair in rows:
        pair = pair or (0, 0)
        whole = sum(pair)
        yield (
            f"{name:<14}{paint(percent(pair[0], whole), BLUE)} "
            f"{bar(share, inner)} {paint(percent(pair[1], whole), GREEN)}"
        )
    yield f"{'green':<14}      {columns_of(picture.shares, inner)}"


def numbers_of(picture, width):
    inner = max(width - 48, 4)
    yield (
        f"{'messages':<14}{f'{picture.sent:,} sent, {picture.delivered:,} seen':<33}"
        f" {paint(sparkline(picture.rates, inner), DIM)}"
    )
    yield (
        f"{'latency':<14}{f'p50 {picture.p50_ms} ms, p99 {picture.p99_ms} ms':<33}"
        f" {paint(sparkline(picture.latencies, inner), DIM)}"
    )
    yield "   ".join(
        [
            f"{'connections':<13} {picture.connections}",
            counter("disconnects", picture.disconnects),
            counter("lost", picture.lost),
            counter("twice", picture.duplicated),
        ]
    )


def clients_of(picture):
    yield paint(f"{'client':<17}{'through':<19}{'sent':>8}{'seen':>9}", DIM)
    for name, kind, sent, seen in picture.clients:
        yield f"{name:<17}{kind:<19}{sent:>8,}{seen:>9,}"


def draw(picture, width, height):
    """At most `height` lines that fit into `width` columns."""
    if width < NARROW or height < SHORT:
        return [line[:width] for line in [tell(picture)][:height]]
    lines = [title(picture, width), "", steps_of(picture, width), ""]
    lines += [*shares_of(picture, width), ""]
    lines += [*numbers_of(picture, width), "", *clients_of(picture)]
    return [*lines[: height - 2], "", paint(KEYS, DIM)]


def tell(picture):
    """The same in one line."""
    blue, green = picture.served
    return (
        f"{clock(picture.elapsed)} weights {picture.weights[0]}/{picture.weights[1]}"
        f" served blue {percent(blue, blue + green).strip()}"
        f" sent {picture.sent} p50 {picture.p50_ms} ms p99 {picture.p99_ms} ms"
        f" disconnects {picture.disconnects} lost {picture.lost}"
        f" twice {picture.duplicated}"
    )


class Terminal:
    """Its other screen, with keys that need no return."""

    _left = ()  # what stays to be read when it is given back

    def __enter__(self):
        self._before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin, termios.TCSADRAIN)
        self._write(f"{ESCAPE}?1049h{ESCAPE}?25l")
        return self

    def __exit__(self, *_):
        self._write(f"{ESCAPE}?25h{ESCAPE}?1049l")
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)
        self._write("".join(f"{line}\n" for line in self._left))

    def _write(self, text):
        sys.stdout.write(text)
        sys.stdout.flush()

    def show(self, picture):
        width, height = shutil.get_terminal_size()
        lines = draw(picture, width, height)
        self._left = [line for line in lines if KEYS not in line]
        text = "\r\n".join(line + f"{ESCAPE}K" for line in lines)
        self._write(f"{ESCAPE}H{text}{ESCAPE}J")

    def key(self):
        """One that was pressed, or none."""
        if select.select([sys.stdin], [], [], 0)[0]:
            return os.read(sys.stdin.fileno(), 1).decode(errors="replace")
        return ""


class Lines(contextlib.nullcontext):
    """Where nobody looks: a line each ten seconds."""

    def __init__(self, stream):
        super().__init__(self)
        self._stream = stream
        self._next = 0

    def show(self, picture):
        if picture.elapsed >= self._next:
            self._next += LINE_SECONDS
            print(tell(picture), file=self._stream, flush=True)

    def key(self):
        return ""


def choose(as_json):
    """With --json standard output has the last line alone."""
    if as_json:
        return Lines(sys.stderr)
    if sys.stdin.isatty() and sys.stdout.isatty():
        return Terminal()
    return Lines(sys.stdout)
