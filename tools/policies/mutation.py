"""Break the modules and the live tree in every way that the catalogues list or that can be made from the modules, one
at a time, and check that a rule catches each break, and that none objects to a harmless change.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from policies.mutations.generated import equivalent, generated
from policies.mutations.mutants import EQUIVALENT, HARMLESS, AnchorFault, Bench, Mutant, mutants
from policies.mutations.planted import coverage, planted
from policies.worlds.configuration import of_tree
from tools.errors import Failure
from tools.livetree.layout import LIVE
from tools.measures import table
from tools.policies.live import ROOT_FILE, live_faults
from tools.project import ROOT

PROCESSES = 2
MODULES = ROOT / "modules"


@dataclass(frozen=True)
class Score:
    caught: int
    survived: tuple[str, ...]
    equivalent: int = 0
    """Mutants that change nothing: `policies/mutations/equivalent.yaml` says why."""

    def __str__(self) -> str:
        total = self.caught + len(self.survived)
        said = f"policies: {self.caught} of {total} mutants caught ({100 * self.caught // total} %)"
        return f"{said}, {self.equivalent} more change nothing" if self.equivalent else said


def score(found: list[Mutant] | None = None) -> Score:
    """Judge mutants, in two processes: these, or all that are written and generated. Raises Failure when a catalogue
    does not fit the modules any more.
    """
    wanted = found
    same = equivalent() if wanted is None else {}
    if wanted is None:
        wanted = [*mutants(), *generated(MODULES), *planted(of_tree(str(MODULES)))]
    with ProcessPoolExecutor(PROCESSES) as pool:
        parts = pool.map(_survivors, (wanted[at::PROCESSES] for at in range(PROCESSES)))
        survived = {mutant.broken: mutant for part in parts for mutant in part}
    wrong = [_said(mutant) for name, mutant in survived.items() if name not in same]
    wrong += [
        f"{name} is equivalent, says {EQUIVALENT.name}, but it is caught or does not exist"
        for name in same
        if name not in survived
    ]
    return Score(len(wanted) - len(survived), tuple(wrong), len(same))


def _said(mutant: Mutant) -> str:
    return f"{mutant.broken} ({mutant.forbidden_by}) is not caught by {mutant.caught_by or 'any rule'}"


def _survivors(found: list[Mutant]) -> list[Mutant]:
    survived = []
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(MODULES, Path(scratch))
        live = LiveTree(Path(scratch) / "tree")
        try:
            for mutant in found:
                if not (live.caught(mutant) if mutant.live else bench.caught(mutant)):
                    survived.append(mutant)
        except AnchorFault as fault:
            raise Failure(
                str(fault),
                where="policies/mutations",
                do="update the text of the mutant to what the module says now",
            ) from None
    return survived


def objections() -> list[str]:
    """The harmless changes that a rule objects to, with the rules, in two processes. Raises Failure like `score`."""
    wanted = mutants([HARMLESS])
    with ProcessPoolExecutor(PROCESSES) as pool:
        parts = pool.map(_objections, (wanted[at::PROCESSES] for at in range(PROCESSES)))
        return sorted(said for part in parts for said in part)


def _objections(changes: list[Mutant]) -> list[str]:
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(MODULES, Path(scratch))
        try:
            found = {one.broken: sorted({id_ for id_, _, _ in bench.added(one)}) for one in changes}
        except AnchorFault as fault:
            raise Failure(str(fault), where=HARMLESS.name, do="update the text of the change") from None
    return [f"{name} is harmless, and {', '.join(ids)} objects" for name, ids in found.items() if ids]


class LiveTree:
    """A copy of the live tree and the root configuration that is broken and made again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def caught(self, mutant: Mutant) -> bool:
        """Whether the check of the live tree objects to a mutant. Raises AnchorFault."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        shutil.copytree(ROOT / LIVE, self.folder / LIVE, ignore=shutil.ignore_patterns(".terragrunt-cache"))
        shutil.copy(ROOT / ROOT_FILE, self.folder)
        mutant.apply(self.folder)
        return bool(live_faults(self.folder))


def _by_system(counts: Mapping[tuple[str, str], int]) -> list[list[str]]:
    """The counts by (id, system) as rows: a rule a row, a system a column, "-" where a rule has nothing to judge."""
    names = sorted({system for _, system in counts})
    ids = sorted({id_ for id_, _ in counts}, key=lambda id_: int(id_.rpartition("_")[2]))
    return [["mutants", *names], *([id_, *(str(counts.get((id_, name), "-")) for name in names)] for id_ in ids)]


def check_mutants() -> int:
    """Print how many mutants break each rule in each system, what survived, the harmless changes that a rule objects
    to, and the score. Returns 1 for what survived or was objected to.
    """
    configuration = of_tree(str(MODULES))
    print("\n".join(table(_by_system(coverage(configuration, MODULES, [*mutants(), *planted(configuration)])), left=0)))
    found = score()
    objected = objections()
    for said in [*found.survived, *objected]:
        print(said)
    print(f"{found}; {len(mutants([HARMLESS])) - len(objected)} harmless changes pass")
    return 1 if found.survived or objected else 0
