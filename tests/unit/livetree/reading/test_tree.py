from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.livetree.trees import DATA, SERVICE_UNIT, LiveTree
from tools.errors import Failure
from tools.livetree.reading.tree import Tree, discover


def refusal(tree: LiveTree, *folders: Path) -> Failure:
    with pytest.raises(Failure) as raised:
        Tree([tree.root / folder for folder in folders], os.environ)
    return raised.value


def test_units_are_found_below_a_folder_and_not_in_caches(tree: LiveTree) -> None:
    tree.write(SERVICE_UNIT / ".terragrunt-cache/x/terragrunt.hcl", "")
    assert discover(tree.root / "live") == [tree.root / DATA, tree.root / SERVICE_UNIT]


def test_a_folder_without_units_and_the_root_configuration_are_no_units(tree: LiveTree) -> None:
    with pytest.raises(Failure, match="there are no units here"):
        discover(tree.root / "modules")
    with pytest.raises(Failure, match="is the root configuration, not a unit"):
        discover(tree.root)
    assert "has no terragrunt.hcl" in refusal(tree, Path("live/dev")).problem


def test_units_run_after_what_they_depend_on_and_are_destroyed_before(tree: LiveTree) -> None:
    live = Tree([tree.root / SERVICE_UNIT, tree.root / DATA], os.environ)
    service, data = live.units
    assert live.order() == {service: {data}, data: set()}
    assert live.order(reverse=True) == {service: set(), data: {service}}


def test_a_dependency_outside_the_run_is_read_but_not_run(tree: LiveTree) -> None:
    live = Tree([tree.root / SERVICE_UNIT], os.environ)
    assert live.order() == {live.units[0]: set()}
    assert [(name, unit.folder) for name, unit in live.dependencies(live.units[0])] == [("data", tree.root / DATA)]


@pytest.mark.requirement("PLT-17")
def test_a_dependency_that_is_no_unit_is_named_with_its_line(tree: LiveTree) -> None:
    tree.replace("live/_units/service.hcl", '"../data"', '"../nowhere"')
    failure = refusal(tree, SERVICE_UNIT)
    assert "payments/nowhere is no unit, and live/dev/us-east-1/payments/service depends on it" in failure.problem
    assert str(failure.where).endswith("live/_units/service.hcl, line 7")


@pytest.mark.requirement("PLT-17")
def test_a_circle_of_dependencies_is_named(tree: LiveTree) -> None:
    tree.write("live/_units/data.hcl", 'dependency "service" {\n  config_path = "../service"\n}\n')
    failure = refusal(tree, SERVICE_UNIT)
    units = "payments/data -> live/dev/us-east-1/payments/service -> live/dev/us-east-1/payments/data"
    other = "payments/service -> live/dev/us-east-1/payments/data -> live/dev/us-east-1/payments/service"
    assert "depend on each other in a circle" in failure.problem
    assert units in failure.problem or other in failure.problem


@pytest.mark.requirement("PLT-17")
def test_what_terraform_refuses_is_told_at_its_line_in_the_source(tree: LiveTree) -> None:
    tree.append("live/_units/service.hcl", '\ngenerate "x" {\n  path = [\n    "a",\n    jsondecode("{"),\n  ][0]\n}\n')
    failure = refusal(tree, SERVICE_UNIT)
    assert str(failure.where).endswith("live/_units/service.hcl, line 20")
    assert "jsondecode" in str(failure) or "JSON" in str(failure)


def test_an_unknown_local_is_called_by_its_own_name(tree: LiveTree) -> None:
    tree.append(DATA / "terragrunt.hcl", "inputs = { a = local.nothing }\n")
    failure = refusal(tree, DATA)
    assert '"nothing"' in failure.problem
    assert str(failure.where).endswith(f"{DATA}/terragrunt.hcl, line 8")


@pytest.mark.requirement("PLT-16")
def test_wrong_settings_are_told_before_anything_is_evaluated(tree: LiveTree) -> None:
    tree.replace("live/dev/environment.yaml", 'account_id: "111111111111"\n', "")
    tree.append("terragrunt.hcl", "inputs = {")
    message = str(refusal(tree, SERVICE_UNIT))
    assert message.startswith("error: account_id is missing\n  where: live/dev/environment.yaml")


def test_a_folder_outside_any_repository_is_refused(tmp_path: Path) -> None:
    (tmp_path / "terragrunt.hcl").write_text("")
    with pytest.raises(Failure, match="is in no git repository"):
        discover(tmp_path)
