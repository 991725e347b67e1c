from __future__ import annotations

import os
from typing import Any

import pytest

from tests.unit.livetree.trees import DATA, SERVICE_UNIT, LiveTree
from tools.errors import Failure
from tools.livetree.reading.evaluation import evaluate_with_outputs
from tools.livetree.reading.outputs import Outputs
from tools.livetree.reading.tree import Tree
from tools.livetree.reading.units import Unit
from tools.livetree.standin.dependencies import dependency_outputs
from tools.livetree.state import States


class Applied(States):
    """States of which some are applied: their outputs by the unit's last folder."""

    def __init__(self, outputs: dict[str, Outputs]) -> None:
        super().__init__()
        self._outputs = outputs

    def outputs(self, unit: Unit) -> Outputs | None:
        return self._outputs.get(unit.folder.name)


def inputs_of(tree: LiveTree, states: States, command: str) -> dict[str, Any]:
    live = Tree([tree.root / SERVICE_UNIT], os.environ)
    service = live.units[0]
    outputs, _ = dependency_outputs(live, states, service, command)
    evaluate_with_outputs(live.terraform, {service: outputs})
    return service.configuration().inputs


@pytest.mark.requirement("PLT-15")
def test_mocks_stand_in_for_a_plan(tree: LiveTree) -> None:
    assert inputs_of(tree, Applied({}), "plan")["data"] == {"table": {"name": "mock", "weights": [0]}}


NEW_MOCKS = "table: {name: mock, stream: {arn: new}, weights: [0]}\nnew: true\n"
REAL = Outputs(
    {"table": {"name": "", "weights": [], "gone": None}},
    {"table": ["object", {"name": "string", "weights": ["list", "number"], "gone": "dynamic"}]},
)


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize(
    ("strategy", "seen"),
    [
        ("no_merge", REAL.values),
        ("shallow", {**REAL.values, "new": True}),
        ("deep_map_only", {"table": {**REAL.values["table"], "stream": {"arn": "new"}}, "new": True}),
    ],
)
def test_mocks_stand_in_for_what_an_applied_unit_does_not_put_out_yet_in_a_plan_alone(
    tree: LiveTree, strategy: str, seen: dict[str, Any]
) -> None:
    tree.replace("live/_units/service.hcl", "deep_map_only", strategy)
    tree.write("modules/systems/payments/data/mock_outputs.yaml", NEW_MOCKS)
    applied = Applied({"data": REAL})
    assert inputs_of(tree, applied, "plan")["data"] == seen
    for command in ("apply", "destroy", "refresh", "render"):
        assert inputs_of(tree, applied, command)["data"] == REAL.values


def test_what_is_mocked_of_an_applied_unit_is_said(tree: LiveTree) -> None:
    tree.write("modules/systems/payments/data/mock_outputs.yaml", NEW_MOCKS)
    live = Tree([tree.root / SERVICE_UNIT], os.environ)
    _, said = dependency_outputs(live, Applied({"data": REAL}), live.units[0], "plan")
    assert said == [f"{DATA} has no output new, table.stream yet: its mock is used"]


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize("command", ["apply", "destroy", "refresh"])
def test_mocks_never_reach_a_command_that_they_are_not_for(tree: LiveTree, command: str) -> None:
    with pytest.raises(Failure) as raised:
        inputs_of(tree, Applied({}), command)
    assert f"which is not applied, and mock outputs are not for {command}" in raised.value.problem
    assert "apply live/dev/us-east-1/payments/data first" in str(raised.value.do)


def test_a_dependency_without_mocks_has_to_be_applied_for_a_plan(tree: LiveTree) -> None:
    tree.replace("live/_units/service.hcl", 'yamldecode(file("${local.data}/mock_outputs.yaml"))', "null")
    with pytest.raises(Failure, match="mock outputs are not for plan"):
        inputs_of(tree, Applied({}), "plan")


def test_real_outputs_keep_the_types_of_the_state(tree: LiveTree) -> None:
    tree.append(SERVICE_UNIT / "terragrunt.hcl", "inputs = { first = tolist(dependency.data.outputs.names)[0] }\n")
    outputs = Outputs(
        {"names": ["b", "a"], "odd": {"a-b": 1, "c.d": None}, "pair": [1, "x"]},
        {
            "names": ["set", "string"],
            "odd": ["object", {"a-b": "number", "c.d": "dynamic"}],
            "pair": ["tuple", ["number", "string"]],
        },
    )
    inputs = inputs_of(tree, Applied({"data": outputs}), "apply")
    assert inputs["first"] == "a"
    assert inputs["data"]["odd"] == {"a-b": 1, "c.d": None}
    assert inputs["data"]["pair"] == [1, "x"]
