"""The rules by name; each is a function with @rule."""

from templates import items, named

RULES = {}


def rule(function):
    RULES[function.__name__] = function
    return function


def attributes(given, key="LoadBalancerAttributes"):
    """Those that are conditional too."""
    return named(items(given.get(key, [])), "Key")
