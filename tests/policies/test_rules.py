"""Every rule against its fixtures: resources whose names begin with `pass_` and `fail_`."""

from __future__ import annotations

import pytest

from policies.rule import FIXTURES, all_rules
from policies.worlds.plan import Plan
from tests.policies import checkov_runs
from tools.project import ROOT

Verdicts = dict[str, dict[str, str]]
"""By rule, then by resource: `pass`, `fail`, or why the rule cannot decide."""


def wrong(verdicts: Verdicts) -> list[str]:
    """Verdicts that differ from what the resource's name says."""
    return [
        f"{rule}: {resource} is judged {verdict!r}"
        for rule, found in verdicts.items()
        for resource, verdict in found.items()
        if verdict != resource.partition("_")[0]
    ]


def one_sided(verdicts: Verdicts) -> list[str]:
    """Rules that have not both passed and failed something."""
    return [rule for rule, found in verdicts.items() if set(found.values()) != {"pass", "fail"}]


@pytest.mark.requirement("PLT-31")
def test_checkov_judges_every_fixture_as_its_name_says() -> None:
    rules = {rule.id: rule for rule in all_rules() if "hcl" in rule.forms}
    verdicts: Verdicts = {rule.stem: {} for rule in rules.values()}
    for finding in checkov_runs.verdicts(FIXTURES):
        rule = rules[finding["id"]]
        resource = finding["address"].split(".")[-1]
        if finding["file"].startswith(f"/{rule.stem}/") and resource.startswith(("pass_", "fail_")):
            verdicts[rule.stem][resource] = {"passed": "pass", "failed": "fail"}[finding["result"]]
    assert wrong(verdicts) == []
    assert one_sided(verdicts) == []


@pytest.mark.requirement("PLT-31", "PLT-32")
def test_the_same_rules_judge_the_plan_of_every_fixture_alike(planned_fixtures: Plan) -> None:
    verdicts: Verdicts = {}
    for rule in (rule for rule in all_rules() if "plan" in rule.forms):
        found = verdicts.setdefault(rule.stem, {})
        for resource in planned_fixtures.of(*rule.resources):
            if resource.address.startswith(f"module.{rule.stem}.") and resource.name.startswith(("pass_", "fail_")):
                verdict = rule.judge(resource)
                found[resource.name] = verdict.undecided or ("fail" if verdict.problems else "pass")
    assert wrong(verdicts) == []
    assert one_sided(verdicts) == []


def test_every_fixture_belongs_to_a_rule() -> None:
    assert {path.name for path in FIXTURES.iterdir()} == {rule.stem for rule in all_rules()}


@pytest.mark.requirement("PLT-31")
def test_every_rule_says_how_to_mend_and_which_row_it_stands_for() -> None:
    catalogue = "".join(path.read_text() for path in (ROOT / "docs" / "spec").glob("*.md"))
    for rule in all_rules():
        assert rule.rows, f"{rule.id} names no row of the specification"
        assert all(f"| {row} |" in catalogue for row in rule.rows), f"{rule.id} names {rule.rows}"
        assert rule.fix.endswith("."), rule.id
