"""docs/policies.md and docs/policies/ say of each rule what the rule and its fixtures say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from policies.rule import Rule, RuleFault, all_rules
from tools.errors import Failure
from tools.policies import pages
from tools.project import ROOT

RULES = {rule.id: rule for rule in all_rules()}


def test_the_table_lists_every_rule_as_it_is() -> None:
    assert "\n".join(pages.summary()) in pages.TABLE.read_text(), "run `make docs`"


def test_the_table_names_every_rule_once() -> None:
    text = pages.TABLE.read_text()
    assert [text.count(f"| [{id_}](policies/{id_}.md) |") for id_ in RULES] == [1] * len(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_has_its_page(rule: Rule) -> None:
    assert (ROOT / rule.page).read_text() == "\n".join(pages.page(rule)), "run `make docs`"


@pytest.mark.parametrize("rule", [rule for rule in RULES.values() if "hcl" in rule.forms], ids=lambda rule: rule.id)
def test_a_page_says_what_the_rule_says_about_the_example_to_avoid(rule: Rule) -> None:
    page = pages.page(rule)
    said = page[page.index("The rule says:") : page.index("## Prefer")]
    assert [line for line in said if line.startswith("- ")] != []


EXAMPLES = """
locals {
  rotated = true
}

resource "aws_kms_key" "fail_first" {}

resource "aws_kms_alias" "of_the_first" {
  target_key_id = aws_kms_key.fail_first.id
}

resource "aws_kms_key" "pass_first" {
  enable_key_rotation = local.rotated
}

resource "aws_kms_key" "pass_second" {
  enable_key_rotation = true
}
"""


@pytest.fixture
def fixture(tmp_path: Path) -> Path:
    """The `main.tf` of the fixtures of CKV_FEP_1."""
    file = tmp_path / RULES["CKV_FEP_1"].stem / "main.tf"
    file.parent.mkdir()
    file.write_text(EXAMPLES)
    return file


def test_an_example_comes_with_what_it_needs_and_without_the_other_examples(fixture: Path, tmp_path: Path) -> None:
    text = "\n".join(pages.page(RULES["CKV_FEP_1"], tmp_path))
    avoid, prefer = text.partition("## Avoid")[2].split("## Prefer")
    assert "fail_first" in avoid
    assert "of_the_first" in avoid
    assert "local" not in avoid
    assert "rotated = true" in prefer
    assert "pass_first" in prefer
    assert "pass_second" not in prefer


@pytest.mark.parametrize("outcome", ["fail", "pass"])
def test_a_rule_without_a_fixture_of_either_kind_is_refused(outcome: str, fixture: Path, tmp_path: Path) -> None:
    fixture.write_text(EXAMPLES.replace(f'"{outcome}_', '"other_'))
    with pytest.raises(Failure, match=f"CKV_FEP_1 has no fixture that must {outcome}") as refused:
        pages.page(RULES["CKV_FEP_1"], tmp_path)
    assert f"begins with {outcome}_" in str(refused.value.do)


def test_a_page_that_belongs_to_no_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "CKV_FEP_1.md").touch()
    (tmp_path / "CKV_FEP_999.md").touch()
    with pytest.raises(Failure, match="no rule has the id CKV_FEP_999"):
        pages.summary(tmp_path)


def test_a_rule_that_is_wrong_in_itself_is_refused_with_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> tuple[Rule, ...]:
        raise RuleFault("policies/rules/broken.py holds 0 rules")

    monkeypatch.setattr(pages, "all_rules", broken)
    with pytest.raises(Failure, match=r"policies/rules/broken\.py holds 0 rules"):
        pages.summary()


def test_a_rule_for_a_row_that_does_not_exist_is_refused_with_its_file() -> None:
    rule = dataclasses.replace(next(iter(RULES.values())), rows=("PLT-00",))
    with pytest.raises(Failure, match="names PLT-00, which the specification does not have") as refused:
        pages.page(rule)
    assert rule.stem in str(refused.value.where)
