"""The events that the code can log are those of chatd(8), with their levels."""

import re

from conftest import ROOT

# Calls that log, and which of their arguments is the event.
LOGGING = {
    "chat__log_write": 1,
    "chat__log_begin": 2,
    "chat__log_begin_always": 2,
    "chat__server_log_failure": 0,
    "chat__core_log": 1,
    "log_problems": 2,
    "log_change": 4,
    "log_export": 1,
}
# These pass on what they are called with.
PASSED_ON = {"event", "const char *event"}
# The log's own, and one that is called by address alone.
ARE_NOT_CALLED = {"begin", "write_core_log"}


def arguments_of(code, start):
    """What stands between the parentheses that open at `start`, split."""
    depth, quoted, parts, begin = 0, False, [], start + 1
    for at in range(start, len(code)):
        character = code[at]
        if character == '"' and code[at - 1] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        if depth == 0 or (depth == 1 and character == ","):
            parts.append(" ".join(code[begin:at].split()))
            begin = at + 1
        if depth == 0:
            return parts
    raise AssertionError("a call that does not end")


def events_of(expression, place):
    if expression in PASSED_ON:
        return set()
    names = set(re.findall(r'"(\w+)"', expression))
    assert names, f"{place}: the event is no fixed word: {expression}"
    return names


def events_in_code():
    found = set()
    for path in (ROOT / "server").rglob("*.c"):
        code = path.read_text()
        for match in re.finditer(rf"\b({'|'.join(LOGGING)})\(", code):
            arguments = arguments_of(code, match.end() - 1)
            event = arguments[LOGGING[match[1]]]
            found |= events_of(event, f"{path.name}: {match[0]}")
    return found


def test_all_calls_that_log_are_looked_at():
    named = set()
    for path in (ROOT / "server").rglob("*.[ch]"):
        named |= set(
            re.findall(r"(\w+)\([^();]*\bconst char \*event\b", path.read_text())
        )
    assert named - ARE_NOT_CALLED == set(LOGGING)


def documented():
    text = (ROOT / "man/chatd.8.scd").read_text()
    section = text[text.index("\n# LOG") : text.index("\n# SIGNALS")]
    return re.findall(r"^\|  _(\w+)_\n:  (.+)$", section, re.MULTILINE)


def test_every_event_is_documented():
    names = [name for name, _ in documented()]
    assert names == sorted(set(names))
    assert events_in_code() == set(names)


def test_levels_are_levels():
    for name, levels in documented():
        known = {"error", "warning", "info", "debug"}
        assert set(levels.split(", ")) <= known, name
