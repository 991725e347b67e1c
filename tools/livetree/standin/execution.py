"""Runs a Terraform command in all units of a folder, in the order of their dependencies, or in one unit."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.colours import without_colours
from tools.errors import FAILED
from tools.livetree.bootstrap import ensure_backend
from tools.livetree.reading.tree import Tree
from tools.livetree.reading.units import Unit
from tools.livetree.standin.command_line import CommandLine
from tools.livetree.standin.programs import Programs, Streams
from tools.livetree.standin.terminal import note
from tools.livetree.standin.unit_run import Outcome, UnitRun
from tools.livetree.state import States, backend_of, unreachable
from tools.toolchain import check_for_emulator

INTERRUPTED: Final = 130

_DATA: Final = frozenset({"output", "show", "state"})

_RESULT: Final = re.compile(r"^(Plan: .*|No changes\..*|(?:Apply|Destroy) complete!.*|Success! .*)$", re.MULTILINE)


class Run:
    """One command line. `execute` carries it out and returns the exit status."""

    def __init__(self, line: CommandLine, tree: Tree) -> None:
        self.line = line
        self.tree = tree
        self.states = States()
        self.programs = Programs()

    def execute(self) -> int:
        """Raises Failure for what is wrong with the run as a whole. What units say is printed."""
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
                    note(f"bootstrap: {made}")
            except (ClientError, BotoCoreError) as error:
                raise unreachable(f"the state bucket {backend.bucket}", error) from error

    def _one_unit(self, unit: Unit) -> int:
        outcome = self._unit_run(unit, "shown").execute()
        if outcome.failure is None:
            return outcome.status
        note(str(outcome.failure))
        return INTERRUPTED if self.programs.interrupted else FAILED

    def _unit_run(self, unit: Unit, streams: Streams) -> UnitRun:
        return UnitRun(self.line, self.tree, self.states, self.programs, unit, streams)

    def _all_units(self) -> int:
        streams: Streams = "apart" if self.line.command in _DATA else "together"
        before = self.tree.order(reverse=self.line.command == "destroy")
        sorter = TopologicalSorter(before)
        sorter.prepare()
        outcomes: list[Outcome] = []
        running: set[Future[Outcome]] = set()
        with ThreadPoolExecutor(self.line.parallelism) as pool:
            while True:
                running |= {pool.submit(self._unit_run(unit, streams).execute) for unit in sorter.get_ready()}
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
        result = _RESULT.findall(without_colours(outcome.text))
        said = "failed" if outcome.failed else result[-1].rstrip(".") if result else "done"
        note(f"[{number}/{len(self.tree.units)}] {outcome.unit.name}: {said} ({outcome.seconds:.1f} s)")
        if not outcome.failed:
            self._show(outcome)

    def _show(self, outcome: Outcome) -> None:
        if outcome.text.strip():
            # Where Terraform prints data, nothing else may be on standard output.
            stream = sys.stderr if self.line.command in _DATA else sys.stdout
            print(f"\n──── {outcome.unit.name}\n{outcome.text.rstrip()}\n", file=stream, flush=True)
        sys.stdout.write(outcome.data)
        sys.stdout.flush()

    def _conclude(self, outcomes: Iterable[Outcome]) -> int:
        """Show the failures last, with the commands to go on. Returns the exit status of the run."""
        by_unit = {outcome.unit: outcome for outcome in outcomes}
        failed = [outcome for outcome in by_unit.values() if outcome.failed]
        for outcome in failed:
            self._show(outcome)
            note(str(outcome.failure))
        not_run = [unit for unit in self.tree.units if unit not in by_unit]
        done = len(by_unit) - len(failed)
        note(f"{self.line.command}: {done} of {len(self.tree.units)} units done, {len(failed)} failed")
        if not_run:
            note(f"not run, because they wait for what failed: {', '.join(unit.name for unit in not_run)}")
        if self.programs.interrupted:
            return INTERRUPTED
        if failed:
            return FAILED
        return max((outcome.status for outcome in by_unit.values()), default=0)
