"""Runs a Terraform command in one unit, with the hooks and inputs of its configuration."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tools.colours import without_colours
from tools.errors import Failure
from tools.livetree.reading.evaluation import evaluate_with_outputs
from tools.livetree.reading.subset import Hook
from tools.livetree.reading.tree import Tree
from tools.livetree.reading.units import Unit
from tools.livetree.standin.command_line import CommandLine
from tools.livetree.standin.dependencies import dependency_outputs
from tools.livetree.standin.programs import Interrupted, Programs, Streams
from tools.livetree.standin.terminal import STAND_IN, note
from tools.livetree.standin.workfolder import WorkFolder
from tools.livetree.state import States, backend_of
from tools.toolchain import terraform_environment

# The commands for which inputs matter; the others look at the state or the configuration alone.
_NEED_INPUTS: Final = frozenset({"apply", "destroy", "import", "plan", "refresh"})
_COLOURED: Final = _NEED_INPUTS | {"output", "show", "validate"}
_CHANGE: Final = frozenset({"apply", "destroy"})
_CHANGES_PLANNED: Final = 2

_LOCKED: Final = "Error acquiring the state lock"
_LOCK_FIELD: Final = re.compile(r"^[\s│]*(ID|Who|Created):\s+(\S.*?)\s*$", re.MULTILINE)


@dataclass
class Outcome:
    """The result of a unit. `text` is for people, `data` is what Terraform printed on standard output."""

    unit: Unit
    status: int = 0
    text: str = ""
    data: str = ""
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        return self.failure is not None


class UnitRun:
    """One command in one unit. A failure is part of the outcome, never an exception."""

    def __init__(
        self, line: CommandLine, tree: Tree, states: States, programs: Programs, unit: Unit, streams: Streams
    ) -> None:
        self.line = line
        self.tree = tree
        self.states = states
        self.programs = programs
        self.unit = unit
        self.streams: Streams = streams
        self.outcome = Outcome(unit)

    def execute(self) -> Outcome:
        started = time.monotonic()
        try:
            self._execute()
        except Failure as failure:
            self._fail(failure)
        except Interrupted:
            self.outcome.failure = Failure(
                f"{self.line.command} was interrupted", where=self.unit.name, do=self._again()
            )
        self.outcome.seconds = time.monotonic() - started
        return self.outcome

    def _fail(self, failure: Failure) -> None:
        said = f"{failure}\n{self.outcome.text}"
        for ignored in self.unit.configuration().ignored.values():
            if any(re.search(pattern, said) for pattern in ignored.ignorable_errors):
                self._say(f"ignored: {ignored.message}")
                return
        self.outcome.failure = failure

    def _execute(self) -> None:
        command = self.line.command
        # Terragrunt fails here: the outputs of what is already gone are missing.
        if command == "destroy" and not self.states.holds_resources(self.unit):
            self._say("No changes. There is nothing to destroy.")
            return
        if command in _NEED_INPUTS:
            outputs, mocked = dependency_outputs(self.tree, self.states, self.unit, command)
            for sentence in mocked:
                self._say(sentence)
            evaluate_with_outputs(self.tree.terraform, {self.unit: outputs})
        self.work = WorkFolder(self.unit, self.tree.terraform)
        self.work.prepare()
        self.variables = self._variables()
        if command == "init":
            self._with_hooks("init", ["-input=false", *self.line.arguments], self.streams)
            self.work.mark_initialised()
            return
        if not self.work.is_initialised():
            self._with_hooks("init", ["-input=false", "-no-color", "-reconfigure"], "apart")
            self.work.mark_initialised()
        self._with_hooks(command, self._arguments(), self.streams)

    def _variables(self) -> dict[str, str]:
        """The environment of Terraform and hooks: as with Terragrunt this process's, with the inputs as TF_VAR_*."""
        inputs = {
            f"TF_VAR_{name}": value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in self.unit.configuration().inputs.items()
        }
        automation = {"TF_IN_AUTOMATION": "1"} if self.line.all_units else {}
        return automation | inputs | terraform_environment(os.environ)

    def _arguments(self) -> list[str]:
        command, given = self.line.command, list(self.line.arguments)
        unattended = self.line.all_units or not self.line.interactive
        added = []
        if command in _NEED_INPUTS and unattended and not any(word.startswith("-input") for word in given):
            added.append("-input=false")
        saved_plan = bool(given) and not given[-1].startswith("-")
        if command in _CHANGE and self.line.all_units and "-auto-approve" not in given and not saved_plan:
            added.append("-auto-approve")
        # Terraform writes colours into files, too.
        if self.line.all_units and not sys.stdout.isatty() and "-no-color" not in given and command in _COLOURED:
            added.append("-no-color")
        return [*added, *given]

    def _with_hooks(self, command: str, arguments: list[str], streams: Streams) -> None:
        configuration = self.unit.configuration()
        self._hooks(configuration.before_hooks, command, None)
        failure = self._terraform(command, arguments, streams)
        self._hooks(configuration.after_hooks, command, failure)

    def _hooks(self, hooks: Mapping[str, Hook], command: str, failure: Failure | None) -> None:
        """Run hooks in the order in which they are declared; raises the first failure, theirs or the one given."""
        for name, hook in hooks.items():
            if command not in hook.commands or not hook.if_ or (failure and not hook.run_on_error):
                continue
            context = {"TG_CTX_TF_PATH": self.tree.terraform, "TG_CTX_COMMAND": command, "TG_CTX_HOOK_NAME": name}
            folder = self.work.path / (hook.working_dir or "")
            try:
                finished = self.programs.run(hook.execute, folder, self.variables | context, "together")
            except OSError as error:
                failure = failure or self._hook_failure(name, command, f"cannot be started: {error}")
                continue
            self._say(finished.output)
            if finished.status:
                failure = failure or self._hook_failure(name, command, f"failed with status {finished.status}")
        if failure:
            raise failure

    def _hook_failure(self, name: str, command: str, how: str) -> Failure:
        return Failure(f"the hook {name} of {command} {how}", where=self.unit.name, do=self._again())

    def _terraform(self, command: str, arguments: list[str], streams: Streams) -> Failure | None:
        finished = self.programs.run(
            [self.tree.terraform, command, *arguments], self.work.path, self.variables, streams
        )
        auto_init = command == "init" != self.line.command
        said = finished.errors if streams != "together" else finished.output
        if streams == "together":
            self.outcome.text += finished.output
        elif streams == "apart" and not auto_init:
            self.outcome.data += finished.output
            self.outcome.text += finished.errors
        if finished.status == 0:
            return None
        if finished.status == _CHANGES_PLANNED and command == "plan" and "-detailed-exitcode" in arguments:
            self.outcome.status = _CHANGES_PLANNED
            return None
        if auto_init:
            self._say(finished.output + finished.errors)
        return self._explained(command, said)

    def _explained(self, command: str, said: str) -> Failure:
        if self.programs.interrupted:
            raise Interrupted
        if _LOCKED in said:
            lock = dict(_LOCK_FIELD.findall(without_colours(said)))
            return Failure(
                f"the state of {self.unit.name} is locked by {lock.get('Who', 'another run')} "
                f"since {lock.get('Created', 'an unknown time')}",
                where=f"lock table {backend_of(self.unit).dynamodb_table}",
                do="wait until that run has finished; if it was killed, release its lock: "
                f"`{STAND_IN} force-unlock --working-dir {self.unit.name} -force {lock.get('ID', '<id>')}`",
            )
        return Failure(f"{command} failed", where=self.unit.name, do=self._again())

    def _again(self) -> str:
        words = [self.line.command, "--working-dir", self.unit.name, *self.line.arguments]
        return f"fix what it says, then `{STAND_IN} {' '.join(words)}`"

    def _say(self, text: str) -> None:
        if not text.strip():
            return
        if self.streams == "shown":
            note(text.rstrip())
        else:
            self.outcome.text += f"{text.rstrip()}\n"
