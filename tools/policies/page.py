"""The table of rules in docs/policies.md, made from the rules."""

from __future__ import annotations

from typing import Final

from policies.rule import Rule, all_rules
from tools.docs.generated import table
from tools.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "policies.md"


def render() -> list[str]:
    """The table of rules as they are."""
    return table(("id", "what", "why", "how to fix"), map(_row, all_rules()))


def _row(rule: Rule) -> tuple[str, ...]:
    where = "" if "hcl" in rule.forms else " (plans only)"
    return rule.id, rule.name + where, rule.why, rule.fix
