"""The stand-in held to the real Terragrunt: to each that TERRAGRUNT_BINARIES names, else to the one on the PATH."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.emulator.conftest import Environment
from tests.emulator.livetree.conftest import REAL, Account
from tests.unit.livetree.trees import DATA, SERVICE_UNIT
from tools.deploy import terragrunt
from tools.deploy.target import Target
from tools.deploy.terragrunt import STAND_IN
from tools.emulator import control
from tools.livetree import layout
from tools.project import ROOT

UNITS = [Path(str(place)) for place in layout.units()]

pytestmark = [pytest.mark.requirement("PLT-17"), pytest.mark.parametrize("real", REAL)]


MOCKING: dict[str, Any] = {
    "mock_outputs": None,
    "mock_outputs_allowed_terraform_commands": None,
    "mock_outputs_merge_strategy_with_state": "no_merge",
}


def essence(rendering: dict[str, Any]) -> dict[str, Any]:
    """What of a rendering decides what is deployed, how and where; the real ones differ in the rest."""
    hook = ("commands", "execute", "working_dir")
    return {
        "dependency": {
            name: [one["config_path"], *(one[field] or default for field, default in MOCKING.items())]
            for name, one in (rendering.get("dependency") or {}).items()
        },
        "generate": {
            name: [one[field] for field in ("path", "contents", "if_exists", "disable_signature")]
            for name, one in (rendering["generate"] or {}).items()
        },
        "hooks": {
            f"{kind} {name}": [*(one[field] for field in hook), bool(one["run_on_error"]), one["if"] is not False]
            for kind in ("before_hook", "after_hook")
            for name, one in rendering["terraform"][kind].items()
        },
        "inputs": rendering["inputs"],
        "remote_state": {field: rendering["remote_state"][field] for field in ("backend", "config", "generate")},
        "source": rendering["terraform"]["source"],
    }


def rendered(binary: Path, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    answer = subprocess.run(
        [str(binary), "render", "--json"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return essence(json.loads(answer.stdout))


@pytest.mark.parametrize("environment", layout.environments())
def test_every_unit_of_the_live_tree_is_rendered_as_terragrunt_renders_it(
    real: Path, environment: str, emulator: control.Emulator | None
) -> None:
    variables = terragrunt.environment(Target(environment, emulator).variables(), unattended=True)
    units = [unit for unit in UNITS if unit.parts[1] == environment]
    assert units
    for unit in units:
        assert rendered(STAND_IN, ROOT / unit, variables) == rendered(real, ROOT / unit, variables), unit


def test_the_applied_live_tree_has_no_changes_for_terragrunt(real: Path, dev: Environment) -> None:
    for binary in (real, STAND_IN):
        answer = subprocess.run(
            [str(binary), "run", "--all", "plan", "--", "-detailed-exitcode"],
            cwd=terragrunt.folder("dev"),
            env=terragrunt.environment(dev.target.variables(), unattended=True),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, (binary, answer.stdout[-3000:], answer.stderr[-3000:])


@pytest.mark.parametrize("first", ["stand-in", "terragrunt"])
def test_what_one_applies_the_other_plans_without_changes_and_destroys(
    real: Path, account: Account, first: str
) -> None:
    applies, plans = (STAND_IN, real) if first == "stand-in" else (real, STAND_IN)
    applied = account.run("run", "--all", "apply", binary=applies)
    assert applied.returncode == 0, applied.stderr
    assert account.states() == {f"dev/us-east-1/payments/{unit}/terraform.tfstate" for unit in ("data", "service")}
    planned = account.run("run", "--all", "plan", "--", "-detailed-exitcode", binary=plans)
    assert planned.returncode == 0, planned.stderr
    for unit in (DATA, SERVICE_UNIT):
        folder = account.tree.root / unit
        assert rendered(applies, folder, account.environment) == rendered(plans, folder, account.environment)
    destroyed = account.run("run", "--all", "destroy", binary=plans)
    assert destroyed.returncode == 0, destroyed.stderr
    assert account.locks() == []


@pytest.mark.requirement("PLT-15")
def test_both_plan_with_mocks_what_an_applied_unit_does_not_put_out_yet_and_refuse_to_apply_with_them(
    real: Path, account: Account
) -> None:
    tree, service = account.tree, "modules/systems/payments/service/main.tf"
    assert account.run("run", "--all", "apply").returncode == 0
    mocks = "table: {name: mock, stream: new, weights: [0]}\nnew: [1]\n"
    tree.write("modules/systems/payments/data/mock_outputs.yaml", mocks)
    tree.replace(service, "weights = list(number) })", "stream = string, weights = list(number) }), new = list(number)")
    tree.append(service, 'output "seen" {\n  value = [var.data.table.name, var.data.table.stream, var.data.new]\n}\n')
    folder = tree.root / SERVICE_UNIT
    for binary in (real, STAND_IN):
        planned = account.run("plan", "-no-color", folder=folder, binary=binary)
        assert planned.returncode == 0, (binary, planned.stderr)
        shown = " ".join(re.sub(r"^.* STDOUT terraform: ?", "", planned.stdout, flags=re.MULTILINE).split())
        assert 'seen = [ + "kept-dev", + "new", + [ + 1, ], ]' in shown, planned.stdout
        assert account.run("validate", folder=folder, binary=binary).returncode == 0
        assert account.run("apply", "-auto-approve", folder=folder, binary=binary).returncode == 1


def test_both_refuse_to_apply_a_unit_on_mocks(real: Path, account: Account) -> None:
    for binary in (real, STAND_IN):
        answer = account.run("apply", "-auto-approve", folder=account.tree.root / SERVICE_UNIT, binary=binary)
        assert answer.returncode == 1, (binary, answer.stdout, answer.stderr)
    assert account.states() == set()


def test_both_go_on_after_an_error_that_is_to_be_ignored(real: Path, account: Account) -> None:
    hook = 'before_hook "no" {\n    commands = ["plan"]\n    execute  = ["sh", "-c", "echo not today >&2; exit 1"]\n  }'
    ignore = 'ignore "no" {\n    ignorable_errors = [".*%s.*"]\n    message          = "it is late"\n  }'
    account.tree.replace("terragrunt.hcl", "terraform {\n", f"terraform {{\n  {hook}\n")
    account.tree.append("terragrunt.hcl", f"errors {{\n  {ignore % 'not today'}\n}}\n")
    for binary in (real, STAND_IN):
        answer = account.run("run", "--all", "plan", binary=binary)
        assert (answer.returncode, "it is late" in answer.stdout + answer.stderr) == (0, True), (binary, answer.stderr)
    account.tree.replace("terragrunt.hcl", ".*not today.*", ".*tomorrow.*")
    for binary in (real, STAND_IN):
        assert account.run("run", "--all", "plan", binary=binary).returncode == 1, binary


def test_both_take_a_unit_after_those_that_it_only_comes_after(real: Path, account: Account) -> None:
    account.tree.write("live/_units/service.hcl", 'dependencies {\n  paths = ["../data"]\n}\n')
    account.tree.write("modules/systems/payments/service/main.tf", 'resource "terraform_data" "this" {\n}\n')
    note = f'execute  = ["sh", "-c", "echo ${{local.unit}} >> {account.tree.root}/notes"]'
    hook = f'before_hook "note" {{\n    commands = ["apply", "destroy"]\n    {note}\n  }}'
    account.tree.replace("terragrunt.hcl", "terraform {\n", f"terraform {{\n  {hook}\n")
    for binary in (real, STAND_IN):
        for command in ("apply", "destroy"):
            answer = account.run("run", "--all", command, binary=binary)
            assert answer.returncode == 0, (binary, answer.stderr)
        notes = account.tree.root / "notes"
        assert notes.read_text().split() == ["data", "service", "service", "data"], binary
        notes.unlink()


@pytest.mark.parametrize("difference", ["deep merge", "overriding", "escapes"])
def test_both_merge_and_escape_alike(real: Path, account: Account, difference: str) -> None:
    tree = account.tree
    match difference:
        case "deep merge":
            tree.replace(DATA / "terragrunt.hcl", 'data.hcl"\n', 'data.hcl"\n  merge_strategy = "deep"\n')
            tree.write("live/_units/data.hcl", 'inputs = { context = { list = [1], x = { a = 1 } }, other = ["a"] }\n')
            tree.append(
                DATA / "terragrunt.hcl", 'inputs = { context = { list = [2], x = { b = 2 } }, other = ["b"] }\n'
            )
        case "overriding":
            hook = '  before_hook "%s" {\n    commands = ["plan"]\n    execute = ["%s"]\n  }\n'
            depends = 'dependency "x" {\n  config_path = "../service"\n  mock_outputs = { by = "%s", %s = 1 }\n%s}\n'
            tree.replace("terragrunt.hcl", "terraform {\n", "terraform {\n" + hook % ("a", "1") + hook % ("b", "2"))
            tree.write("live/_units/service.hcl", "")
            tree.write("modules/systems/payments/service/main.tf", "")
            tree.write("live/_units/data.hcl", "inputs = { a = 1, b = 1 }\n" + depends % ("kind", "a", ""))
            tree.append("live/_units/data.hcl", "terraform {\n" + hook % ("a", "3") + hook % ("c", "4") + "}\n")
            own = depends % ("own", "b", '  mock_outputs_allowed_terraform_commands = ["plan"]\n')
            tree.append(DATA / "terragrunt.hcl", "inputs = { b = dependency.x.outputs.by }\n" + own)
        case "escapes":
            tree.append(
                DATA / "terragrunt.hcl",
                'generate "x" {\n  path = "x"\n  if_exists = "skip"\n  contents = <<-EOT\n'
                '    $${a} %%{b} \\n "c" ${get_env("HOME")} %{if true}é%{endif}\n  EOT\n}\n'
                'inputs = { a = "$${a} \\"b\\" \\\\ ${upper("c")}", b = null == null, c = 1e3 }\n',
            )
    folder = tree.root / DATA
    assert rendered(STAND_IN, folder, account.environment) == rendered(real, folder, account.environment)
