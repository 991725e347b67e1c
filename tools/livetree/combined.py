"""One plan for all units of an environment: every composition is called from one generated root, offline.

Starting the provider takes most of the time of a small plan. Here all units of a region with the same provider settings
share one provider process, dependencies are mocked, and AWS is never asked: a whole environment takes seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from tools import process_environment
from tools.errors import Failure
from tools.livetree import layout
from tools.livetree.reading.evaluation import evaluate_with_outputs
from tools.livetree.reading.outputs import Outputs, mock_outputs
from tools.livetree.reading.source import Source
from tools.livetree.reading.tree import Tree, discover
from tools.livetree.reading.units import Unit
from tools.project import ROOT
from tools.toolchain import terraform_environment

# These keep the provider from asking AWS who it is. With them it cannot check `allowed_account_ids`.
_OFFLINE: Final = """\
  access_key                  = "offline"
  secret_key                  = "offline"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true"""
_ACCOUNTS: Final = "allowed_account_ids"


def plan_environment(environment: str, root: Path = ROOT) -> dict[str, Any]:
    """Plan all units of an environment as for AWS, on an empty account. Returns `terraform show -json`, parsed.

    A unit's resources are in the module `module_name(unit)`, as "us-east-1_payment-events_service". Every call makes a
    new plan. Raises Failure for whatever the live tree or Terraform refuses.
    """
    tree = Tree(discover(layout.folder(environment, root)), _without_emulator(), ("plan",))
    evaluate_with_outputs(tree.terraform, {unit: _mocked(unit) for unit in tree.units})
    _run_hooks(tree.units)
    (root / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"plan-{environment}-", dir=root / "build") as folder:
        return _plan(tree, Path(folder))


def module_name(unit: Unit) -> str:
    """The module of the combined plan that holds a unit: region, system and unit, joined by underscores."""
    return "_".join(unit.folder.parts[-3:])


def _mocked(unit: Unit) -> dict[str, Outputs]:
    """The mock outputs of a unit's dependencies, by name. Raises Failure for a dependency without mock outputs."""
    outputs = {}
    for name, dependency in unit.configuration().dependencies.items():
        if dependency.mock_outputs is None:
            raise Failure(
                f"{unit.name} depends on {name} and has no mock_outputs for it",
                where=f"{unit.name}/terragrunt.hcl, and the files that it includes",
                do="add mock_outputs to the dependency",
            )
        outputs[name] = mock_outputs(dependency)
    return outputs


def _without_emulator() -> dict[str, str]:
    inherited = process_environment.inherited()
    return {name: value for name, value in inherited.items() if not name.startswith("AWS_ENDPOINT_URL")}


def _run_hooks(units: list[Unit]) -> None:
    """Run the hooks that come before a plan, each distinct command once."""
    wanted: dict[tuple[str, ...], Unit] = {}
    for unit in units:
        for name, hook in unit.configuration().before_hooks.items():
            # The hook `unit` asks for states, which do not exist here. The tree has checked the settings.
            if "plan" in hook.commands and hook.if_ and name != "unit":
                wanted.setdefault(tuple(hook.execute), unit)
    for command, unit in wanted.items():
        finished = subprocess.run(
            command, cwd=unit.folder, env=_without_emulator(), capture_output=True, text=True, check=False
        )
        if finished.returncode:
            raise Failure(
                f"a hook failed with status {finished.returncode}: {' '.join(command)}",
                where=unit.name,
                do=f"fix what it says:\n{(finished.stderr or finished.stdout).strip()}",
                status=finished.returncode,
            )


def _plan(tree: Tree, folder: Path) -> dict[str, Any]:
    aliases: dict[str, str] = {}
    settings: dict[str, None] = {}
    modules: dict[str, Any] = {}
    for unit in tree.units:
        configuration = unit.configuration()
        provider, terraform = _generated(unit)
        settings |= dict.fromkeys(terraform)
        source = Path(os.path.normpath(configuration.source or unit.folder))
        declared = _variables(source)
        modules[module_name(unit)] = {
            "source": os.path.relpath(source, folder),
            "providers": {"aws": "aws." + aliases.setdefault(provider, f"settings_{len(aliases)}")},
            **{name: _literal(value) for name, value in configuration.inputs.items() if name in declared},
        }
    providers = [f'provider "aws" {{\n  alias = "{alias}"\n{text}\n}}' for text, alias in aliases.items()]
    (folder / "providers.tf").write_text("\n\n".join([*settings, *providers, ""]), encoding="utf-8")
    (folder / "main.tf.json").write_text(json.dumps({"module": modules}, indent=2), encoding="utf-8")
    _terraform(tree, folder, "init", "-backend=false", "-input=false", "-no-color")
    _terraform(tree, folder, "plan", "-refresh=false", "-lock=false", "-input=false", "-no-color", "-out=plan")
    plan: dict[str, Any] = json.loads(_terraform(tree, folder, "show", "-json", "plan"))
    return plan


def _generated(unit: Unit) -> tuple[str, list[str]]:
    """From the files that a unit generates: the inside of its AWS provider, for offline use, and `terraform` blocks."""
    providers, terraform = [], []
    for name, file in unit.configuration().generated.items():
        source = Source(Path(f"generate {name} of {unit.name}"), file.contents)
        for block in source.body.blocks:
            if block.kind == "terraform":
                terraform.append(source.text[slice(*block.span)])
            elif block.kind == "provider" and block.labels == ("aws",):
                places = block.body.places.items()
                inside = [(place.name, place.value[1]) for name, place in places if name != _ACCOUNTS]
                inside += [part.span for part in block.body.blocks]
                texts = [f"  {source.text[start:end]}" for start, end in sorted(inside)]
                providers.append("\n".join([*texts, _OFFLINE]))
    if len(providers) != 1:
        raise Failure(
            f"{unit.name} generates {len(providers)} AWS providers; a plan of the whole environment needs one",
            where=f"{unit.name}/terragrunt.hcl, and the files that it includes",
            do="generate one provider block in the root configuration",
        )
    return providers[0], terraform


def _variables(module: Path) -> set[str]:
    """The names of a module's variables. Unlike TF_VAR_*, a module call may not set any other name."""
    return {block.labels[0] for path in module.glob("*.tf") for block in Source.read(path).body.named("variable")}


def _literal(value: Any) -> Any:
    """A value for Terraform's JSON syntax, where text is a template."""
    if isinstance(value, dict):
        return {_literal(key): _literal(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_literal(one) for one in value]
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value


def _terraform(tree: Tree, folder: Path, *arguments: str) -> str:
    environment = terraform_environment(process_environment.inherited(identity=False))
    finished = subprocess.run(
        [tree.terraform, *arguments],
        cwd=folder,
        env=environment | {"TF_IN_AUTOMATION": "1", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise Failure(
            f"terraform {arguments[0]} of all units together failed",
            where=str(folder.relative_to(tree.repository)),
            do=f"fix what it says:\n{finished.stderr.strip()}",
        )
    return finished.stdout
