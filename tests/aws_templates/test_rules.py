"""The rules hold, and each sees what breaks it."""

import copy

import pytest
import templates as reader
from mutations import GONE, MUTATIONS
from rules import RULES


@pytest.fixture(scope="module")
def templates():
    return reader.load()


def step(node, key):
    return node[int(key)] if isinstance(node, list) else node[key]


def mutate(templates, file, path, value):
    changed = copy.deepcopy(templates)
    *way, last = path.split("/")
    node = changed[file]
    for key in way:
        node = step(node, key)
    if isinstance(node, list):
        last = int(last)
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    assert changed != templates, "it was so already"
    return changed


@pytest.mark.parametrize("name", RULES)
def test_the_templates_keep(name, templates):
    assert list(RULES[name](templates)) == []


@pytest.mark.parametrize(
    "file, path, value, name",
    MUTATIONS,
    ids=[f"{name}-{number}" for number, (*_, name) in enumerate(MUTATIONS)],
)
def test_a_breach_is_seen(file, path, value, name, templates):
    assert list(RULES[name](mutate(templates, file, path, value)))


def test_each_rule_has_a_breach():
    assert {name for *_, name in MUTATIONS} == set(RULES)
