"""Break the modules in every way that the catalogue lists, one at a time, and check that a rule catches each break."""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from policies.mutations.mutants import AnchorFault, Bench, Mutant, mutants
from tools.errors import Failure
from tools.project import ROOT

PROCESSES = 2


@dataclass(frozen=True)
class Score:
    caught: int
    survived: tuple[str, ...]

    def __str__(self) -> str:
        total = self.caught + len(self.survived)
        return f"policies: {self.caught} of {total} mutants caught ({100 * self.caught // total} %)"


def score(found: list[Mutant] | None = None) -> Score:
    """Judge all mutants, in two processes. Raises Failure when the catalogue does not fit the modules any more."""
    wanted = mutants() if found is None else found
    with ProcessPoolExecutor(PROCESSES) as pool:
        survived = [
            name for part in pool.map(_survivors, (wanted[at::PROCESSES] for at in range(PROCESSES))) for name in part
        ]
    return Score(len(wanted) - len(survived), tuple(survived))


def _survivors(found: list[Mutant]) -> list[str]:
    survived = []
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(ROOT / "modules", Path(scratch))
        try:
            for mutant in found:
                if not bench.caught(mutant):
                    survived.append(f"{mutant.broken} ({mutant.forbidden_by}) is not caught by {mutant.caught_by}")
        except AnchorFault as fault:
            raise Failure(
                str(fault),
                where="policies/mutations",
                do="update the text of the mutant to what the module says now",
            ) from None
    return survived


def check_mutants() -> int:
    """Print the mutants that survived and the score. Returns 1 if any survived."""
    found = score()
    for survivor in found.survived:
        print(survivor)
    print(found)
    return 1 if found.survived else 0
