"""The units of a run: read, evaluated, in the order of their dependencies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tools.errors import WRONG_INPUT, Failure
from tools.livetree import settings
from tools.livetree.layout import LIVE, UNIT_FILE
from tools.livetree.reading.evaluation import evaluate
from tools.livetree.reading.units import Unit
from tools.project import display
from tools.toolchain import terraform

_NOT_WALKED = {".terragrunt-cache", ".terraform", ".git", "build"}


def repository_of(folder: Path) -> Path:
    """The folder of the git repository that holds a folder. Raises Failure when there is none."""
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            return above
    raise Failure(
        f"{folder} is in no git repository, and get_repo_root() needs one",
        where=str(folder),
        do="clone the repository, or name a folder in it",
        status=WRONG_INPUT,
    )


def discover(folder: Path) -> list[Path]:
    """The folders of all units in a folder and below it. Raises Failure when there are none."""
    found = []
    for above, below, files in os.walk(folder):
        below[:] = sorted(set(below) - _NOT_WALKED)
        if UNIT_FILE in files:
            found.append(Path(above))
    if repository_of(folder) in found:
        raise Failure(
            f"{display(folder / UNIT_FILE)} is the root configuration, not a unit",
            where=str(folder),
            do="start in live/<environment> or below it",
            status=WRONG_INPUT,
        )
    if not found:
        raise Failure(
            "there are no units here",
            where=str(folder),
            do="start in live/<environment> or below it",
            status=WRONG_INPUT,
        )
    return found


class Tree:
    """The units that a run needs: those asked for, and those that they depend on.

    What needs no outputs is evaluated when it is read. Raises Failure for wrong settings (all faults at once, before
    anything is evaluated), for syntax outside the subset, for a dependency that is not a unit, and for a cycle.
    """

    def __init__(self, folders: Iterable[Path], environment: Mapping[str, str], command: tuple[str, ...] = ()) -> None:
        wanted = [folder.resolve() for folder in folders]
        self.repository = repository_of(wanted[0])
        self._environment = environment
        self._command = command
        self.terraform = terraform()
        self._units: dict[Path, Unit] = {}
        self._check_settings(wanted)
        self._read(wanted)
        self.units = [self._units[folder] for folder in wanted]
        self._check_for_cycles()

    def dependencies(self, unit: Unit) -> Iterator[tuple[str, Unit]]:
        """The units whose outputs a unit reads, by the names that it gives them."""
        for name, folder in unit.dependencies().items():
            yield name, self._units[folder]

    def comes_after(self, unit: Unit) -> set[Unit]:
        """The units that come before a unit, whether it reads their outputs or not."""
        return {self._units[folder] for folder in unit.comes_after()}

    def order(self, *, reverse: bool = False) -> dict[Unit, set[Unit]]:
        """For each unit of the run, the units of the run that come before it."""
        inside = set(self.units)
        before = {unit: self.comes_after(unit) & inside for unit in self.units}
        if reverse:
            return {unit: {other for other in self.units if unit in before[other]} for unit in self.units}
        return before

    def _check_settings(self, folders: Iterable[Path]) -> None:
        live = self.repository / LIVE
        names = {
            folder.relative_to(live).parts[0] for folder in folders if folder.is_relative_to(live) and folder != live
        }
        if names:
            settings.check(sorted(names), self.repository)

    def _read(self, folders: Iterable[Path]) -> None:
        new = []
        for folder in folders:
            if folder not in self._units:
                tag = f"unit{len(self._units)}"
                self._units[folder] = Unit(self.repository, folder, tag, self._environment, self._command)
                new.append(self._units[folder])
        if not new:
            return
        evaluate(self.terraform, new)
        self._read([folder for unit in new for folder in unit.comes_after()])

    def _check_for_cycles(self) -> None:
        graph = {unit: self.comes_after(unit) for unit in self._units.values()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            names = " -> ".join(unit.name for unit in reversed(error.args[1]))
            raise Failure(
                f"units depend on each other in a circle: {names}",
                where=f"{error.args[1][0].name}/{UNIT_FILE}, and the files that it includes",
                do="remove one of these dependencies",
                status=WRONG_INPUT,
            ) from None
