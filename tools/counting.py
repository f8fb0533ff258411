"""Single test cases out of what test programs write.

Every function returns a list of Case. A program that crashed in the middle
of a case leaves that case failed.
"""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass
class Case:
    name: str
    outcome: str
    output: str = ""


CMOCKA_RUN = re.compile(r"^\[ RUN +\] (.+)")
CMOCKA_END = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (.+)")
CMOCKA_OUTCOMES = {"OK": PASSED, "FAILED": FAILED, "SKIPPED": SKIPPED}
TAP_LINE = re.compile(r"^(not )?ok\b(?: \d+)?(?: - )?(.*)$")
NODE_TOTAL = re.compile(r"^(?:#|ℹ) (pass|fail|cancelled|skipped|todo) (\d+)$")
NODE_OUTCOMES = {
    "pass": PASSED,
    "fail": FAILED,
    "cancelled": FAILED,
    "skipped": SKIPPED,
    "todo": SKIPPED,
}
UNITTEST_TOTAL = re.compile(r"^Ran (\d+) tests? in ")


def cmocka(text):
    cases = []
    current = None
    for line in text.splitlines():
        if started := CMOCKA_RUN.match(line):
            current = Case(started[1], FAILED)
            cases.append(current)
        elif current and (ended := CMOCKA_END.match(line)):
            if ended[2] == current.name:
                current.outcome = CMOCKA_OUTCOMES[ended[1]]
                current = None
    return cases


def node(text):
    cases = []
    for line in text.splitlines():
        if total := NODE_TOTAL.match(line):
            outcome = NODE_OUTCOMES[total[1]]
            cases += [Case(total[1], outcome) for _ in range(int(total[2]))]
    return cases


def tap(text):
    cases = []
    for line in text.splitlines():
        if not (match := TAP_LINE.match(line)):
            continue
        name, _, directive = match[2].partition(" # ")
        outcome = FAILED if match[1] else PASSED
        if directive.upper().startswith("SKIP"):
            outcome = SKIPPED
        cases.append(Case(name, outcome))
    return cases


def unittest(text):
    cases = []
    for line in text.splitlines():
        if total := UNITTEST_TOTAL.match(line):
            cases += [Case("unittest", PASSED) for _ in range(int(total[1]))]
    failures = re.findall(r"^(?:FAIL|ERROR): (\S+)", text, re.MULTILINE)
    for case, name in zip(cases, failures):
        case.name, case.outcome = name, FAILED
    return cases


def program(name, outcome, text):
    """The cases of one program; `outcome` is what its exit status says."""
    cases = cmocka(text) or node(text) or tap(text) or unittest(text)
    if not cases:
        return [Case(name, outcome, text)]
    for case in cases:
        case.name = f"{name}: {case.name}"
    if outcome == FAILED:
        if all(case.outcome != FAILED for case in cases):
            cases.append(Case(f"{name}: exit status", FAILED))
        next(c for c in cases if c.outcome == FAILED).output = text
    return cases


def junit(path):
    cases = []
    for element in ElementTree.parse(path).iter("testcase"):
        name = f'{element.get("classname", "")}::{element.get("name")}'
        case = Case(name.removeprefix("::"), PASSED)
        for child in element:
            if child.tag in ("failure", "error"):
                case.outcome = FAILED
                case.output += f'{child.get("message")}\n{child.text or ""}\n'
            elif child.tag == "skipped" and case.outcome == PASSED:
                case.outcome = SKIPPED
        cases.append(case)
    return cases
