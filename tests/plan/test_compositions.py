"""Compositions refuse settings that cannot be: each of their rules, with the words that a person reads."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tests.plan.terraform import Workspace
from tests.plan.validations import rules, tripped
from tools.livetree.tree import Tree, discover
from tools.toolchain import ROOT

COMPOSITIONS = [str(path.parent.relative_to(ROOT)) for path in sorted(ROOT.glob("modules/systems/*/*/variables.tf"))]

# A value of each setting of `context` that none may take, and what the setting's message says.
WRONG: dict[str, tuple[Any, str]] = {
    "account_id": ("1111", 'context.account_id is "1111"'),
    "alarm_email": ("nobody", 'context.alarm_email is "nobody"'),
    "log_retention_days": (31, "context.log_retention_days is 31"),
    "monthly_budget_usd": (0, "context.monthly_budget_usd is 0"),
    "packaging": ("jar", 'context.packaging is "jar"'),
    "region": ("mars", 'context.region is "mars"'),
    "suffix": ("Bad_", 'context.suffix is "Bad_"'),
}


@functools.cache
def inputs() -> dict[str, dict[str, Any]]:
    """What each composition gets in dev: the context, and the mocked outputs of the units that it depends on."""
    values = {}
    for unit in Tree(discover(ROOT / "live" / "dev"), {}).units:
        configuration = unit.configuration()
        mocks = {name: dependency.mock_outputs for name, dependency in configuration.dependencies.items()}
        values["modules/systems/" + "/".join(unit.folder.parts[-2:])] = {**configuration.inputs, **mocks}
    return values


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("composition", COMPOSITIONS)
def test_a_composition_refuses_a_context_that_cannot_be(composition: str, workspace: Workspace) -> None:
    declared = rules(composition)
    seen = set()
    for setting, (value, says) in WRONG.items():
        if f"var.context.{setting}" in (ROOT / composition / "variables.tf").read_text():
            values = inputs()[composition]
            said = workspace.refusal(composition, values | {"context": values["context"] | {setting: value}})
            assert said is not None, f"{setting} = {value} is planned"
            assert says in said
            seen |= tripped(said, declared)
    assert [str(rule) for rule in declared if rule not in seen] == []
