"""Plans of modules without network, emulator or account, with as few starts of the provider as possible.

Most of a plan's time goes into starting the provider, so all calls that are needed go into one generated root. A
variable's validation needs no provider: Terraform plans a module's `variables.tf` alone in 0.05 s.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tftest

from tests.plan.inventory import Planned
from tests.plan.offline import StepFunctions
from tools import process_environment
from tools.project import ROOT
from tools.toolchain import terraform, terraform_environment

# Lines in which Terraform quotes the configuration and its values. They are not the module's message.
_QUOTED = re.compile(r"^\s*(├|│|\d+:)")


class Refused(Exception):
    """Terraform refused to plan; the text is what it said, unwrapped into one line."""


@dataclass(frozen=True)
class Call:
    """A call of a module, such as `modules/queue`: its arguments as HCL, or a whole example of its README."""

    module: str
    name: str
    arguments: str = ""
    example: str | None = None

    @property
    def label(self) -> str:
        return f"{self.module.removeprefix('modules/').replace('/', '-')}--{self.name}"

    @property
    def block(self) -> str:
        """The call as HCL, with an output that has all outputs of the module."""
        source = self.module if self.example is None else f"modules/example-of-{self.label}"
        return f"""
module "{self.label}" {{
  source = "./{source}"
{self.arguments}
}}

output "{self.label}" {{
  value     = module.{self.label}
  sensitive = true
}}
"""


class Workspace:
    """Scratch folders of one test session, and the plans that were made in them."""

    def __init__(self, folder: Path, repository: Path = ROOT) -> None:
        self._folder = folder
        self._repository = repository
        self._binary = terraform()
        self._step_functions = StepFunctions()
        # The user's profile or endpoint must not reach a plan, which has to be the same everywhere.
        self._environment = terraform_environment(process_environment.inherited(identity=False))
        self._plans: dict[Call, Planned | Refused] = {}
        self._values: dict[str, dict[str, Any]] = {}
        self._refusals: dict[tuple[str, str], str | None] = {}
        self._folders = 0

    def close(self) -> None:
        self._step_functions.close()

    def plan(self, call: Call, companions: Iterable[Call] = ()) -> Planned:
        """The plan of a call. Companions are planned in the same run, because they will be needed too.

        Raises Refused.
        """
        if call not in self._plans:
            self._plan([each for each in dict.fromkeys([call, *companions]) if each not in self._plans])
        answer = self._plans[call]
        if isinstance(answer, Refused):
            raise answer
        return answer

    def _plan(self, calls: Sequence[Call]) -> None:
        """Plan calls together. If one fails, the whole run fails. Then the calls that the message names are planned one
        by one, and the others together. If it names none, each half is planned by itself.
        """
        try:
            self._plans.update(self._run(calls))
        except Refused as refusal:
            if len(calls) == 1:
                self._plans[calls[0]] = refusal
                return
            named = [call for call in calls if call.label in str(refusal)]
            others = [call for call in calls if call not in named]
            middle = len(calls) // 2
            parts = [*([call] for call in named), others] if named else [calls[:middle], calls[middle:]]
            for part in parts:
                if part:
                    self._plan(part)

    def _run(self, calls: Sequence[Call]) -> dict[Call, Planned]:
        root = self._new_folder()
        shutil.copytree(
            self._repository / "modules", root / "modules", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*")
        )
        for call in calls:
            if call.example is not None:
                folder = root / "modules" / f"example-of-{call.label}"
                folder.mkdir()
                (folder / "main.tf").write_text(call.example)
        (root / "main.tf").write_text(self._step_functions.provider + "".join(call.block for call in calls))
        test = self._tftest(root)
        try:
            test.setup(backend=False)
            plan = test.plan(output=True, refresh=False)
        except tftest.TerraformTestError as error:
            raise Refused(_message(error)) from None
        return {
            call: Planned.of(
                plan.modules.get(f"module.{call.label}", {}), plan.output_changes[call.label]["after"] or {}
            )
            for call in calls
        }

    def refusal(self, module: str, values: Mapping[str, Any]) -> str | None:
        """What Terraform says against values of a module's variables, in one line; None when it plans them."""
        key = (module, json.dumps(values, sort_keys=True))
        if key not in self._refusals:
            self._refusals[key] = self._ask(module, values)
        return self._refusals[key]

    def _ask(self, module: str, values: Mapping[str, Any]) -> str | None:
        folder = self._folder / "variables" / module
        if not folder.exists():
            folder.mkdir(parents=True)
            shutil.copy(self._repository / module / "variables.tf", folder)
        (folder / "case.tfvars.json").write_text(json.dumps(values))
        try:
            self._tftest(folder).plan(tf_var_file="case.tfvars.json")
        except tftest.TerraformTestError as error:
            return _message(error)
        # The validations accept it. Preconditions are in resources and outputs, so they need the provider.
        text = "\n".join(f"  {name} = {json.dumps(value)}" for name, value in values.items())
        try:
            self.plan(Call(module, "refused", text.replace("${", "$${").replace("%{", "%%{")))
        except Refused as refusal:
            return str(refusal)
        return None

    def values(self, tfvars: str) -> dict[str, Any]:
        """The values in the text of a tfvars file, read by Terraform itself."""
        if tfvars in self._values:
            return self._values[tfvars]
        folder = self._new_folder()
        (folder / "main.tf").write_text('output "values" {\n  value = {\n' + tfvars + "\n  }\n}\n")
        self._values[tfvars] = dict(self._tftest(folder).plan(output=True).outputs["values"])
        return self._values[tfvars]

    def _new_folder(self) -> Path:
        self._folders += 1
        folder = self._folder / f"root-{self._folders}"
        folder.mkdir(parents=True)
        return folder

    def _tftest(self, folder: Path) -> tftest.TerraformTest:
        test = tftest.TerraformTest(str(folder), binary=self._binary)
        test.env = self._environment
        return test


def merge(base: Any, changes: Any) -> Any:
    """`base` with `changes`: mappings are merged key by key at every depth, everything else is replaced."""
    if not (isinstance(base, Mapping) and isinstance(changes, Mapping)):
        return changes
    return {**base, **{key: merge(base.get(key), value) for key, value in changes.items()}}


def _message(error: tftest.TerraformTestError) -> str:
    lines = str(error.cmd_error or error).splitlines()
    return " ".join(" ".join(line for line in lines if not _QUOTED.match(line)).split())
