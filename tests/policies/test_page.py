"""docs/policies.md says of each rule what the rule says."""

from __future__ import annotations

from policies.rule import all_rules
from tools.policies import page


def test_the_page_lists_every_rule_as_it_is() -> None:
    assert "\n".join(page.render()) in page.PAGE.read_text(), "run `make docs`"


def test_the_page_names_every_rule_once() -> None:
    text = page.PAGE.read_text()
    assert [text.count(f"| {rule.id} |") for rule in all_rules()] == [1] * len(all_rules())
