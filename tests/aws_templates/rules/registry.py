"""The rules by name; each is a function with @rule."""

from templates import named

RULES = {}


def rule(function):
    RULES[function.__name__] = function
    return function


def attributes(given, key="LoadBalancerAttributes"):
    return named(given.get(key, []), "Key")
