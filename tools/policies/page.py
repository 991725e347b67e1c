"""The table of rules in docs/policies.md, made from the rules."""

from __future__ import annotations

from typing import Final

from policies.rule import Rule, all_rules
from tools.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "policies.md"
BEGIN: Final = "<!-- BEGIN RULES -->"
END: Final = "<!-- END RULES -->"


def render() -> str:
    """The page with the table of rules as they are. Raises ValueError when its markers are gone."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"{PAGE} lacks {BEGIN} ... {END}")
    rows = "\n".join(_row(rule) for rule in all_rules())
    return f"{before}{BEGIN}\n| id | what | why | how to fix |\n| --- | --- | --- | --- |\n{rows}\n{END}{after}"


def _row(rule: Rule) -> str:
    where = "" if "hcl" in rule.forms else " (plans only)"
    cells = (rule.id, rule.name + where, rule.why, rule.fix)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
