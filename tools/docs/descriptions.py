"""What `docs check` asks of the descriptions in modules: every input, field and output has one, and it is short."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from tools.docs import tables
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.reading.source import Source
from tools.project import display

LONGEST: Final = 160


def require(modules: Iterable[Path]) -> None:
    """Raise Failure with every place where a description is empty or longer than `LONGEST` characters."""
    found = [fault for module in modules for fault in faults(module)]
    if found:
        raise Failure(
            "; ".join(what for what, _ in found),
            where="; ".join(where for _, where in found),
            do="say what a value is, with its unit or domain: of an input or output in `description`, of a field in a "
            f"comment at the end of its line; above {LONGEST} characters, let each field say a part",
            status=WRONG_INPUT,
        )


def faults(module: Path) -> Iterator[tuple[str, str]]:
    """(what is wrong, file and line) of each description of a module that is empty or too long."""
    variables, outputs = module / "variables.tf", module / "outputs.tf"
    for row in tables.shown(module):
        yield from _fault(row.name, row.description, f"{display(variables)}, line {row.line}")
    lines = {block.labels[0]: block.line for block in syntax.read(outputs).body.named("output")}
    for name, description, _ in tables.outputs(Source.read(outputs)):
        yield from _fault(f"output {name}", description, f"{display(outputs)}, line {lines[name]}")


def _fault(name: str, description: str, where: str) -> Iterator[tuple[str, str]]:
    if not description.strip():
        yield f"{name} has no description", where
    elif len(description) > LONGEST:
        yield f"the description of {name} has {len(description)} characters", where
