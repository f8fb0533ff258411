"""What no template may be without: a function for each rule.

Each takes all templates (file name -> template) and gives a sentence for each
place that breaks the rule. `mutations.py` breaks each.
"""

from rules import access, deployment, edge, encryption, secrets, signals, tasks, whole  # noqa: F401
from rules.registry import RULES

__all__ = ["RULES"]
