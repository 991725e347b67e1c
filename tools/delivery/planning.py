"""Planning units one by one: Terragrunt plans each, and Terraform says as JSON what is in the plan."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.colours import without_colours
from tools.delivery.changes import UnitPlan
from tools.deploy import terragrunt
from tools.deploy.causes import causes, report
from tools.deploy.target import Target
from tools.errors import Failure
from tools.livetree.layout import Place

_SHOWN_OF_A_FAILURE: Final = 15


@dataclass(frozen=True)
class Planned:
    """A unit's plan: what is in it, Terraform's JSON (empty where there is no plan), and the file to apply."""

    unit: str
    plan: UnitPlan
    document: Mapping[str, Any]
    file: Path


class Units:
    """Runs Terragrunt in single units, which asks nothing. `environment` is what Terragrunt runs with."""

    def __init__(self, binary: Path, environment: Mapping[str, str]) -> None:
        self._binary = binary
        self._environment = {**environment, "TG_NON_INTERACTIVE": "true"}

    @classmethod
    def of(cls, target: Target, variables: Mapping[str, str] | None = None) -> Units:
        """Units of an environment, on the emulator or on AWS, with more variables for hooks."""
        on_aws = target.emulator is None
        environment = terragrunt.environment({**target.variables(), **(variables or {})}, unattended=not on_aws)
        return cls(terragrunt.find(for_aws=on_aws).binary, environment)

    def plan(self, folder: Path, file: Path, *, lock: bool) -> Planned:
        """Plan a unit into a file. A plan that fails is a `problem` of the result, never an exception.

        Without `lock` the plan needs no right to write, and another run may change the state meanwhile.
        """
        unit = Place.of(folder).in_environment
        words = ["-input=false", "-no-color", f"-lock={str(lock).lower()}", f"-out={file}"]
        made = self._run(folder, "plan", *words)
        shown = self._run(folder, "show", "-no-color", "-json", str(file)) if made.returncode == 0 else made
        if shown.returncode:
            return Planned(unit, UnitPlan(unit, problem=_problem(shown)), {}, file)
        document = _json(shown.stdout)
        return Planned(unit, UnitPlan.of(unit, document), document, file)

    def plan_all(self, folders: Sequence[Path], to: Path) -> list[Planned]:
        """Plan units into files below a folder, some at a time, without locks. Prints each as it is done."""
        planned = []
        with ThreadPoolExecutor(int(os.environ.get("TG_PARALLELISM") or os.cpu_count() or 1)) as pool:
            running = [pool.submit(self.plan, folder, _file(to, folder), lock=False) for folder in folders]
            for number, done in enumerate(as_completed(running), 1):
                planned.append(done.result())
                print(f"[{number}/{len(folders)}] {_progress(done.result())}", file=sys.stderr, flush=True)
        return sorted(planned, key=lambda each: each.unit)

    def apply(self, folder: Path, file: Path) -> None:
        """Apply a plan that was saved in a file. Raises Failure when that fails."""
        done = self._run(folder, "apply", "-input=false", "-no-color", str(file))
        print(done.stdout, end="", flush=True)
        if done.returncode:
            raise Failure(
                f"the plan of {Place.of(folder)} was not applied\n{_problem(done)}",
                where=str(Place.of(folder)),
                do="fix what it says, then make a new plan",
            )

    def _run(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self._binary), *words],
            cwd=folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for files of plans. They hold values of the state: only their owner can read them, and they go again."""
    with tempfile.TemporaryDirectory(prefix="plans-") as folder:
        yield Path(folder)


def _file(to: Path, folder: Path) -> Path:
    return to / f"{Place.of(folder).in_environment.replace('/', '_')}.plan"


def _progress(planned: Planned) -> str:
    plan = planned.plan
    if plan.problem is not None:
        return f"{plan.unit}: could not be planned"
    return f"{plan.unit}: {len(plan.changes)} changes"


def _problem(failed: subprocess.CompletedProcess[str]) -> str:
    said = without_colours(f"{failed.stdout}\n{failed.stderr}")
    return report(causes(said)) or "\n".join(said.strip().splitlines()[-_SHOWN_OF_A_FAILURE:])


def _json(text: str) -> dict[str, Any]:
    """The object in what a program printed: hooks may have printed lines before it."""
    document: dict[str, Any] = json.loads(next(line for line in text.splitlines() if line.startswith('{"')))
    return document
