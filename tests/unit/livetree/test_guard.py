"""What a unit refuses before AWS is asked anything; the rest is told by tests on the emulator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.livetree.trees import DATA, SERVICE_UNIT, LiveTree
from tools.errors import Failure
from tools.livetree import guard
from tools.livetree.state import States

STATES = ("states", "us-east-1", "alias/states")


def refusal(tree: LiveTree, command: str, *arguments: str) -> Failure:
    with pytest.raises(Failure) as raised:
        guard.check(tree.root / DATA, command, arguments, STATES)
    return raised.value


@pytest.fixture
def kept(tree: LiveTree) -> LiveTree:
    tree.append("live/dev/environment.yaml", "destroyable: false\n")
    return tree


@pytest.mark.requirement("PLT-13")
@pytest.mark.parametrize(
    "words", ["destroy", "destroy -auto-approve", "plan -destroy", "plan -out=x -destroy=true", "apply --destroy"]
)
def test_what_is_not_destroyable_is_refused_with_the_way_to_lift_that(kept: LiveTree, words: str) -> None:
    failure = refusal(kept, *words.split())
    assert failure.problem == f"dev is not destroyable, and {DATA} is left as it is"
    assert failure.where == "live/dev/environment.yaml, destroyable"
    assert "set `destroyable: true` there" in str(failure.do)


@pytest.mark.parametrize("variable", ["TF_CLI_ARGS", "TF_CLI_ARGS_plan"])
def test_arguments_in_the_environment_count_as_well(
    kept: LiveTree, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "-refresh=false -destroy")
    assert "is not destroyable" in refusal(kept, "plan").problem


@pytest.mark.parametrize("words", ["plan", "plan -destroy=false", "output -json", "state list", "validate"])
def test_what_destroys_nothing_is_not_refused(kept: LiveTree, words: str) -> None:
    command, *arguments = words.split()
    guard.check(kept.root / DATA, command, arguments, STATES)


@pytest.mark.requirement("PLT-10")
def test_a_unit_that_the_other_program_initialised_is_told_how_to_be_initialised(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tree.write(DATA / ".terraform.lock.hcl", 'provider "registry.terraform.io/hashicorp/aws" {\n}\n')
    monkeypatch.setenv("TG_CTX_TF_PATH", "/opt/bin/tofu")
    failure = refusal(tree, "plan")
    assert failure.problem == f"{DATA} was last initialised with another program than OpenTofu"
    assert "`terragrunt run --all init`" in str(failure.do)
    monkeypatch.setenv("TG_CTX_TF_PATH", "terraform")
    guard.check(tree.root / DATA, "plan", [], STATES)
    lock.write_text('provider "registry.opentofu.org/hashicorp/aws" {\n}\n')
    assert "than Terraform" in refusal(tree, "plan").problem


@pytest.mark.requirement("PLT-16")
def test_wrong_settings_are_refused_before_every_command(tree: LiveTree) -> None:
    tree.append("live/dev/environment.yaml", "log_retention_days: 31\n")
    assert "log_retention_days is 31" in refusal(tree, "output").problem


HELD = {"type": "aws_dynamodb_table", "module": "module.order_table", "name": "this"}


@pytest.mark.parametrize(
    ("in_state", "setting", "refused"),
    [
        ("orders-dev", "", False),
        ("orders-dev-at-20261128T090000Z", "orders-dev: orders-dev-at-20261128T090000Z", False),
        ("orders-dev", "orders-dev: orders-dev-at-20261128T090000Z", True),
        ("orders-dev-at-20261128T090000Z", "", True),
    ],
)
def test_an_apply_that_would_replace_a_table_by_a_restored_one_is_refused(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch, in_state: str, setting: str, refused: bool
) -> None:
    tree.append("live/dev/environment.yaml", f"restored_tables: {{us-east-1: {{{setting}}}}}\n")
    state = {"resources": [HELD | {"instances": [{"attributes": {"name": in_state}}]}]}
    monkeypatch.setattr(States, "read", lambda *_: state)
    if not refused:
        guard.check(tree.root / DATA, "apply", [], STATES)
        return
    failure = refusal(tree, "apply")
    assert f"an apply would delete these: {in_state} (" in failure.problem
    assert "restore payments --adopt --env dev" in str(failure.do)


def state_of(*packages: str, api: bool = True) -> dict[str, Any]:
    functions = [
        {"type": "aws_lambda_function", "instances": [{"attributes": {"package_type": package}}]}
        for package in packages
    ]
    return {"resources": [*functions, *([{"type": "aws_api_gateway_deployment", "instances": []}] if api else [])]}


@pytest.mark.requirement("CSV-20", "PLT-16")
@pytest.mark.parametrize(
    ("state", "wanted", "refused"),
    [
        ({}, "image", False),
        (state_of("Zip", "Zip"), "zip", False),
        (state_of("Zip", "Zip"), "image", True),
        (state_of("Image", "Zip"), "image", True),  # an apply that failed half-way
        (state_of("Image"), "zip", True),
        (state_of("Zip", api=False), "image", False),
    ],
)
def test_an_apply_that_would_replace_a_function_behind_an_api_by_one_of_its_name_is_refused(
    tree: LiveTree, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], wanted: str, refused: bool
) -> None:
    monkeypatch.setenv("TF_VAR_context", json.dumps({"packaging": wanted}))
    monkeypatch.setattr(States, "read", lambda *_: state)
    monkeypatch.setattr(States, "is_applied", lambda *_: True)
    if not refused:
        guard.check(tree.root / SERVICE_UNIT, "apply", [], STATES)
        return
    with pytest.raises(Failure, match=f"the settings say {wanted}") as raised:
        guard.check(tree.root / SERVICE_UNIT, "apply", [], STATES)
    assert raised.value.where == "live/dev/environment.yaml, packaging"
    assert f"destroy {SERVICE_UNIT}, which holds no data" in str(raised.value.do)
