"""The demonstration: what it counts, what it shows, and a short one."""

import json
import os
import pty
import re
import subprocess

import pytest
from stack import COMMANDS, ROOT, SECONDS
from demo import plan, view
from demo.tally import Tally, percentile

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def heard(tally, text, names, now):
    for name in names:
        tally.seen(name, text, now)


# ---- what it counts ----


def test_what_all_have_seen_is_complete():
    tally = Tally(["a", "b"])
    tally.said("a", "a-1", 1.0)
    heard(tally, "a-1", "ab", 1.5)
    assert tally.is_complete()
    assert tally.missing() == set()
    assert tally.milliseconds(0.99) == 500


def test_what_one_has_not_seen_is_lost():
    tally = Tally(["a", "b"])
    tally.said("a", "a-1", 1.0)
    heard(tally, "a-1", "a", 1.5)
    assert not tally.is_complete()
    assert tally.missing() == {"a-1"}


def test_what_one_has_seen_twice_is_doubled():
    tally = Tally(["a"])
    tally.said("a", "a-1", 1.0)
    heard(tally, "a-1", "aa", 1.5)
    heard(tally, "of a stranger", "aa", 1.5)
    assert tally.duplicated == 1
    assert tally.delivered == 1


def test_the_log_is_checked():
    tally = Tally(["a"])
    for text in ("a-1", "a-2"):
        tally.said("a", text, 1.0)
    assert tally.check_log(["a-1", "a-2", "other"]) == (set(), 0)
    assert tally.check_log(["a-1", "a-1"]) == ({"a-2"}, 1)


def test_percentiles():
    assert percentile([], 0.99) == 0
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile(range(1000), 0.99) == 990


# ---- what it does, and when ----


def test_the_plan_fills_the_time():
    steps = plan.demonstration(240, "plain")
    assert [step.at for step in steps] == [0, 60, 120, 180]
    assert [step.weights for step in steps] == [(90, 10), (50, 50), (10, 90), None]
    assert plan.current(steps, 0) == 0
    assert plan.current(steps, 130) == 2


def test_the_variants():
    assert any(step.replace for step in plan.demonstration(240, "replace"))
    assert plan.demonstration(240, "rollback")[3].weights == (100, 0)


def test_a_soak_goes_through_all_weights():
    steps = plan.soak(3600, 60)
    assert len(steps) == 60
    assert {(0, 100), (100, 0), (50, 50)} <= {step.weights for step in steps}


# ---- what it shows ----


def picture():
    return view.Picture(
        elapsed=75,
        seconds=240,
        steps=plan.demonstration(240, "replace"),
        step=1,
        weights=(50, 50),
        served=(900, 300),
        shares=[None, *[number / 100 for number in range(100)]],
        sent=1500,
        delivered=9000,
        rates=[20.0] * 100,
        p50_ms=12,
        p99_ms=48,
        latencies=list(range(100)),
        connections=3,
        clients=[("terminal-direct", "terminal, direct", 250, 1500)] * 6,
    )


@pytest.mark.parametrize("height", [1, 16, 24, 60])
@pytest.mark.parametrize("width", [20, 60, 80, 200])
def test_the_picture_fits(width, height):
    lines = [ANSI.sub("", line) for line in view.draw(picture(), width, height)]
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_the_picture_says_it_all():
    text = ANSI.sub("", "\n".join(view.draw(picture(), 100, 40)))
    for word in ("01:15 of 04:00", "shift to 50/50", "75 %", "1,500 sent", "p99 48 ms"):
        assert word in text
    assert "roll back" in text


def test_what_went_wrong_stands_out():
    wrong = picture()
    wrong.lost = 3
    text = "\n".join(view.draw(wrong, 100, 40))
    assert view.paint("lost 3", view.BOLD, view.RED) in text
    assert "lost 3" in view.tell(wrong)


def test_nothing_served_is_no_division():
    assert view.draw(view.Picture(), 100, 40)
    assert view.tell(view.Picture())


# ---- a short one ----


def command(stack, *words):
    python = ROOT / ".venv/bin/python"
    return [python, "-m", "demo", "--state", stack.state, "--build", stack.build, *words]


ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{COMMANDS}:{COMMANDS.parent}"}


def check_result(line):
    result = json.loads(line)
    assert list(result) == [
        *("sent", "lost", "duplicated", "disconnects", "blue", "green", "p99_ms")
    ]
    assert (result["lost"], result["duplicated"], result["disconnects"]) == (0, 0, 0)
    return result


def test_a_short_demonstration(stack):
    ended = subprocess.run(
        command(stack, "--json", "--seconds", "6", "--rate", "10"),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    result = check_result(ended.stdout)
    assert result["sent"] >= 20
    assert result["blue"] > 0
    assert result["green"] > 0
    assert stack.status()["up"]  # it was before


def test_a_deployment_that_is_there(stack):
    """Not as the stack of this machine: by an address and by commands."""
    stack.do("shift", "0", "100")
    url = stack.status()["addresses"]["clients"]
    ended = subprocess.run(
        [
            *(ROOT / ".venv/bin/python", "-m", "demo", "--build", stack.build),
            *("--aws", url, "--commands", COMMANDS),
            *("--json", "--seconds", "6", "--rate", "10"),
        ],
        env={**ENVIRONMENT, "CHAT_AWS_LOCAL": str(stack.state)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    result = check_result(ended.stdout)
    assert result["blue"] > 0
    assert result["green"] > 0
    status = stack.status()
    assert status["up"]
    assert status["weights"] == {"blue": 10, "green": 90}


def read_on(descriptor, text, until):
    """What the terminal was written; to the end for until None."""
    while until is None or until not in text:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux: nobody has it open any more
            break
        text += piece.decode(errors="replace")
    return text


def test_keys_shift_and_end(stack):
    """On a terminal: r rolls back, q ends."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(stack, "--rate", "10", "--seconds", "60"),
        env={**ENVIRONMENT, "COLUMNS": "100", "LINES": "40"},
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    text = read_on(ours, "", "show 90/10")
    os.write(ours, b"r")
    text = read_on(ours, text, "by hand")
    os.write(ours, b"q")
    text = read_on(ours, text, None)
    os.close(ours)
    assert process.wait(SECONDS) == 0, text[-2000:]
    _, gives_back_the_screen, left = text.rpartition("\x1b[?1049l")
    assert gives_back_the_screen
    *picture, result = left.strip().splitlines()
    assert "served in all" in "".join(picture)
    assert "roll back" not in picture[-1], "no keys any more"
    check_result(result)
    assert stack.status()["weights"] == {"blue": 100, "green": 0}


def test_the_page_of_deploying(stack, tmp_path):
    """The blocks of docs/deploy.md that are for the local stack, as they are."""
    page = (ROOT / "docs/deploy.md").read_text()
    scripts = re.findall(r"^```sh\n# local stack\n(.*?)^```", page, re.M | re.S)
    assert len(scripts) == 2
    (tmp_path / "build").symlink_to(stack.build)
    (tmp_path / "dev").write_text(
        f'#!/bin/sh\nshift\nexec {ROOT}/.venv/bin/python -m demo "$@"'
        f" --build {stack.build} --commands {COMMANDS}\n"
    )
    (tmp_path / "dev").chmod(0o755)
    clients = stack.status()["addresses"]["clients"]
    for script in scripts:
        ended = subprocess.run(
            ["sh", "-ec", script],
            cwd=tmp_path,
            env={
                **ENVIRONMENT,
                "CLIENTS": clients,
                "CHAT_AWS_LOCAL": str(stack.state),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    check_result(ended.stdout.splitlines()[-1])
