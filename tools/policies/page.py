"""The table of rules in docs/policies.md, made from the rules."""

from __future__ import annotations

from typing import Final

from policies.rule import Rule, all_rules
from tools.docs.generated import with_generated
from tools.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "policies.md"
NAME: Final = "RULES"


def render() -> str:
    """The page with the table of rules as they are."""
    head = ["| id | what | why | how to fix |", "| --- | --- | --- | --- |"]
    return with_generated(PAGE, NAME, [*head, *map(_row, all_rules())])


def _row(rule: Rule) -> str:
    where = "" if "hcl" in rule.forms else " (plans only)"
    cells = (rule.id, rule.name + where, rule.why, rule.fix)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
