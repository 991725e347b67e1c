"""Running a Terraform command in a unit, or in all units of a folder in the order of their dependencies."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import FAILED, Failure
from tools.livetree.bootstrap import ensure_backend
from tools.livetree.command_line import CommandLine
from tools.livetree.evaluation import Outputs, evaluate_with_outputs, merged_outputs, mock_outputs
from tools.livetree.programs import Interrupted, Programs, Streams
from tools.livetree.state import States, backend_of, unreachable
from tools.livetree.tree import Tree
from tools.livetree.units import Hook, Unit
from tools.livetree.workfolder import WorkFolder
from tools.toolchain import check_for_emulator, terraform_environment

STAND_IN: Final = "tools/livetree/bin/terragrunt"
INTERRUPTED: Final = 130

# The commands for which inputs matter; the others look at the state or the configuration alone.
_NEED_INPUTS: Final = frozenset({"apply", "destroy", "plan", "refresh"})
_COLOURED: Final = _NEED_INPUTS | {"output", "show", "validate"}
_CHANGE: Final = frozenset({"apply", "destroy"})
_DATA: Final = frozenset({"output", "show", "state"})
_CHANGES_PLANNED: Final = 2

_RESULT: Final = re.compile(r"^(Plan: .*|No changes\..*|(?:Apply|Destroy) complete!.*|Success! .*)$", re.MULTILINE)
_ESCAPE: Final = re.compile(r"\x1b\[[0-9;]*m")
_LOCKED: Final = "Error acquiring the state lock"
_LOCK_FIELD: Final = re.compile(r"^[\s│]*(ID|Who|Created):\s+(\S.*?)\s*$", re.MULTILINE)


@dataclass
class Outcome:
    """What became of a unit. `text` is for people, `data` what Terraform answered on standard output."""

    unit: Unit
    status: int = 0
    text: str = ""
    data: str = ""
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def failed(self) -> bool:
        return self.failure is not None


class Run:
    """One command line, carried out. `execute` returns the exit status."""

    def __init__(self, line: CommandLine, tree: Tree) -> None:
        self.line = line
        self.tree = tree
        self.states = States()
        self.programs = Programs()

    def execute(self) -> int:
        """Raises Failure for what is wrong with the run as a whole; what units say is printed."""
        check_for_emulator(self.tree.terraform)
        self._ensure_backends()
        with self.programs.ended_by_signals():
            if self.line.all_units:
                return self._all_units()
            return self._one_unit(self.tree.units[0])

    def _ensure_backends(self) -> None:
        backends = {(backend_of(unit).bucket, backend_of(unit).dynamodb_table): unit for unit in self.tree.units}
        for unit in backends.values():
            backend = backend_of(unit)
            if not self.line.bootstrap:
                self.states.check_bucket(backend.bucket, backend.region, unit.environment)
                continue
            try:
                for made in ensure_backend(backend):
                    _note(f"bootstrap: {made}")
            except (ClientError, BotoCoreError) as error:
                raise unreachable(f"the state bucket {backend.bucket}", error) from error

    def _one_unit(self, unit: Unit) -> int:
        outcome = UnitRun(self, unit, "shown").execute()
        if outcome.failure is None:
            return outcome.status
        _note(str(outcome.failure))
        return INTERRUPTED if self.programs.interrupted else FAILED

    def _all_units(self) -> int:
        streams: Streams = "apart" if self.line.command in _DATA else "together"
        before = self.tree.order(reverse=self.line.command == "destroy")
        sorter = TopologicalSorter(before)
        sorter.prepare()
        outcomes: list[Outcome] = []
        running: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(self.line.parallelism) as pool:
            while True:
                running |= {pool.submit(UnitRun(self, unit, streams).execute) for unit in sorter.get_ready()}
                if not running:
                    break
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for outcome in (future.result() for future in ready):
                    outcomes.append(outcome)
                    self._report(outcome, len(outcomes))
                    # What depends on a unit that failed is never released.
                    if not outcome.failed:
                        sorter.done(outcome.unit)
        return self._conclude(outcomes)

    def _report(self, outcome: Outcome, number: int) -> None:
        result = _RESULT.findall(_ESCAPE.sub("", outcome.text))
        said = "failed" if outcome.failed else result[-1].rstrip(".") if result else "done"
        _note(f"[{number}/{len(self.tree.units)}] {outcome.unit.name}: {said} ({outcome.seconds:.1f} s)")
        if not outcome.failed:
            self._show(outcome)

    def _show(self, outcome: Outcome) -> None:
        if outcome.text.strip():
            # Where Terraform's answer is data, nothing else may be on standard output.
            stream = sys.stderr if self.line.command in _DATA else sys.stdout
            print(f"\n──── {outcome.unit.name}\n{outcome.text.rstrip()}\n", file=stream, flush=True)
        sys.stdout.write(outcome.data)
        sys.stdout.flush()

    def _conclude(self, outcomes: Iterable[Outcome]) -> int:
        """Show the failures last, with the command to go on. Returns the exit status of the run."""
        by_unit = {outcome.unit: outcome for outcome in outcomes}
        failed = [outcome for outcome in by_unit.values() if outcome.failed]
        for outcome in failed:
            self._show(outcome)
            _note(str(outcome.failure))
        not_run = [unit for unit in self.tree.units if unit not in by_unit]
        done = len(by_unit) - len(failed)
        _note(f"{self.line.command}: {done} of {len(self.tree.units)} units done, {len(failed)} failed")
        if not_run:
            _note(f"not run, as they wait for what failed: {', '.join(unit.name for unit in not_run)}")
        if self.programs.interrupted:
            return INTERRUPTED
        if failed:
            return FAILED
        return max((outcome.status for outcome in by_unit.values()), default=0)


class UnitRun:
    """One command in one unit. A failure ends up in the outcome, never as an exception."""

    def __init__(self, run: Run, unit: Unit, streams: Streams) -> None:
        self.line = run.line
        self.tree = run.tree
        self.states = run.states
        self.programs = run.programs
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
        # Not so Terragrunt, which then fails for want of the outputs of what is gone already.
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
        """The environment of Terraform and hooks: as with Terragrunt all of this process's, also a TF_VAR_*."""
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
                failure = failure or self._hook_failure(name, command, f"ended with status {finished.status}")
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
            lock = dict(_LOCK_FIELD.findall(_ESCAPE.sub("", said)))
            return Failure(
                f"the state of {self.unit.name} is locked by {lock.get('Who', 'another run')} "
                f"since {lock.get('Created', 'an unknown time')}",
                where=f"lock table {backend_of(self.unit).dynamodb_table}",
                do="wait until that run has ended; if it was killed, release its lock: "
                f"`{STAND_IN} force-unlock --working-dir {self.unit.name} -force {lock.get('ID', '<id>')}`",
            )
        return Failure(f"{command} failed", where=self.unit.name, do=self._again())

    def _again(self) -> str:
        words = [self.line.command, "--working-dir", self.unit.name, *self.line.arguments]
        return f"mend what it says, then `{STAND_IN} {' '.join(words)}`"

    def _say(self, text: str) -> None:
        if not text.strip():
            return
        if self.streams == "shown":
            _note(text.rstrip())
        else:
            self.outcome.text += f"{text.rstrip()}\n"


def dependency_outputs(tree: Tree, states: States, unit: Unit, command: str) -> tuple[dict[str, Outputs], list[str]]:
    """What a unit's dependencies put out, by the names that it gives them, and sentences about what is mocked of it.

    Mocks stand in where a dependency was never applied, or lacks outputs that they have, and the command is one that
    they are for; for a dependency that was never applied `render` shows them always, as Terragrunt does. Raises Failure
    where they may not.
    """
    configuration = unit.configuration()
    outputs, mocked = {}, []
    for name, other in tree.dependencies(unit):
        found = states.outputs(other)
        dependency = configuration.dependencies[name]
        allowed = dependency.mock_outputs_allowed_terraform_commands
        if found is None:
            if dependency.mock_outputs is None or command not in {"render", *allowed}:
                raise Failure(
                    f"{unit.name} needs the outputs of {other.name}, which is not applied, "
                    f"and mock outputs are not for {command}",
                    where=unit.name,
                    do=f"apply {other.name} first, or both with `{STAND_IN} run-all apply` in a folder above them",
                )
            found = mock_outputs(dependency)
            mocked.append(f"{other.name} is not applied: its mock outputs stand in")
        elif command in allowed:
            found, lacking = merged_outputs(dependency, found)
            if lacking:
                mocked.append(f"{other.name} does not put out {', '.join(lacking)} yet: its mock outputs stand in")
        outputs[name] = found
    return outputs, mocked


_PRINTING: Final = threading.Lock()


def _note(text: str) -> None:
    with _PRINTING:
        sys.stdout.flush()
        print(text, file=sys.stderr, flush=True)
