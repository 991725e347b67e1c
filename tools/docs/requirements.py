"""The requirement catalogue, the tests that prove its rows, and the page that says which proves which (PLT-42)."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tools import process_environment
from tools.errors import WRONG_INPUT, Failure
from tools.project import ROOT

SPECIFICATION: Final = ROOT / "docs" / "spec"
PROGRESS: Final = SPECIFICATION / "progress.yaml"
PAGE: Final = ROOT / "docs" / "requirements.md"

_ROW: Final = re.compile(r"^\|\s*(?P<id>[A-Z]{3}-\d{2})\s*\|(?P<text>.*)\|\s*$")


@dataclass(frozen=True)
class Requirement:
    """A row of the catalogue; `system` is the name of the file that holds it, such as `payment-events`."""

    id: str
    system: str
    text: str


@dataclass(frozen=True)
class Progress:
    """Which systems are in place, and what is outstanding of single rows (id -> what is missing)."""

    in_place: tuple[str, ...]
    outstanding: Mapping[str, str]


def catalogue(folder: Path = SPECIFICATION) -> dict[str, Requirement]:
    """All rows of the specification's tables by id, in the order of the files and their rows.

    Raises Failure when an id occurs twice: a test that names it would prove either.
    """
    rows: dict[str, Requirement] = {}
    for page in sorted(folder.glob("*.md")):
        for number, line in enumerate(page.read_text().splitlines(), start=1):
            found = _ROW.match(line)
            if not found:
                continue
            row = Requirement(found["id"], page.stem, found["text"].strip())
            if row.id in rows:
                raise Failure(
                    f"{row.id} stands in the catalogue twice: in {rows[row.id].system} and in {row.system}",
                    where=f"{page}, line {number}",
                    do="give one of them a number of its own",
                    status=WRONG_INPUT,
                )
            rows[row.id] = row
    return rows


def progress(rows: Mapping[str, Requirement], path: Path = PROGRESS) -> Progress:
    """Read what is in place; raises Failure for a system or a row that the catalogue does not have."""
    content = yaml.safe_load(path.read_text())
    read = Progress(tuple(content["in_place"]), dict(content["outstanding"]))
    systems = {row.system for row in rows.values()}
    unknown = [name for name in read.in_place if name not in systems]
    unknown += [name for name in read.outstanding if name not in rows]
    if unknown:
        raise Failure(
            f"{', '.join(unknown)}: not in the catalogue",
            where=str(path),
            do=f"take ids of rows in docs/spec, and systems out of {', '.join(sorted(systems))}",
            status=WRONG_INPUT,
        )
    return read


@functools.cache
def collect() -> dict[str, list[str]]:
    """Ask pytest which test names which rows: {"EVT-07": ["tests/unit/test_money.py::test_...", ...]}.

    A parametrised test counts once. Raises Failure when a test cannot be collected, or names a row that is not there.
    """
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "requirements.json"
        command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
        run = subprocess.run(
            [*command, f"--requirements-to={answer}", "tests"],
            cwd=ROOT,
            env=process_environment.inherited(),
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode or not answer.exists():
            tail = [line for line in (run.stdout + run.stderr).splitlines() if line.startswith(("ERROR", "E "))]
            raise Failure(
                f"the tests cannot be collected: {'; '.join(tail[:3]) or run.stderr[-300:]}",
                where="tests/",
                do="run `.venv/bin/pytest --collect-only -q` and fix what it names",
            )
        proofs: dict[str, list[str]] = json.loads(answer.read_text())
        return proofs


def unproved(
    rows: Mapping[str, Requirement], proofs: Mapping[str, Sequence[str]], progress: Progress
) -> list[Requirement]:
    """Rows of the systems in place that no test names, and of which nothing is declared outstanding."""
    return [
        row
        for row in rows.values()
        if row.system in progress.in_place and row.id not in proofs and row.id not in progress.outstanding
    ]


def require() -> None:
    """Raises Failure where a row of a system in place has no test."""
    rows = catalogue()
    if missing := unproved(rows, collect(), progress(rows)):
        raise Failure(
            f"no test names {', '.join(row.id for row in missing)}",
            where="docs/requirements.md",
            do='mark the test that proves the row with `@pytest.mark.requirement("<id>")`, or write it',
        )


def page() -> list[str]:
    """The lines of docs/requirements.md as the catalogue and the tests are now."""
    rows = catalogue()
    return render(rows, collect(), progress(rows))


def render(rows: Mapping[str, Requirement], proofs: Mapping[str, Sequence[str]], progress: Progress) -> list[str]:
    """The lines of the page: for each row of a system in place what it says, and the tests that prove it."""
    lines = [
        "# Requirements and their tests",
        "",
        "Each row of the [specification](spec/README.md) that is in place, with the tests that prove it. A test names",
        "its rows in a `requirement` mark, and its own name says what it shows. Generated by `make docs`.",
        "",
    ]
    for system in progress.in_place:
        lines += [f"## [{system}](spec/{system}.md)", ""]
        for row in rows.values():
            if row.system == system:
                items = _items(proofs.get(row.id, ()), progress.outstanding.get(row.id))
                lines += [f"### {row.id}", "", row.text, "", *(f"- {item}" for item in items), ""]
    to_come = sorted({row.system for row in rows.values()} - set(progress.in_place))
    if to_come:
        lines += [f"Not in place yet: {', '.join(f'[{name}](spec/{name}.md)' for name in to_come)}.", ""]
    return lines


def _items(tests: Sequence[str], outstanding: str | None) -> list[str]:
    """One item for each file of tests, and one for what is outstanding."""
    by_file: dict[str, list[str]] = {}
    for test in tests:
        file, _, name = test.partition("::")
        by_file.setdefault(file, []).append(_sentence(name))
    items = [f"[{file}](../{file}): {' '.join(sentences)}" for file, sentences in by_file.items()]
    if outstanding:
        items.append(f"*Outstanding: {outstanding}.*")
    return items or ["**No test.**"]


def _sentence(name: str) -> str:
    """`TestQueue::test_a_repeat_is_a_duplicate` reads "A repeat is a duplicate."."""
    words = name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}."
