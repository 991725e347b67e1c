"""What kind of data each system keeps, as the root configuration tags it."""

from __future__ import annotations

from typing import Final, NoReturn

from policies.hcl.evaluation import EvaluationFault, evaluate
from tools.docs.generated import table
from tools.livetree import layout
from tools.livetree.reading.source import Source
from tools.project import ROOT

PAGE: Final = ROOT / "docs" / "security.md"
_ELSE: Final = {"data": "internal", "compliance": "none"}


def render() -> list[str]:
    """The lines of the table: every system of the live tree, with its two tags."""
    [found] = Source.read(ROOT / "terragrunt.hcl").body.named("locals")
    given = evaluate(found.body.attributes["classifications"], _no_name)
    rows = []
    for system in sorted({place.system for place in layout.units()}):
        tags = given.get(system, _ELSE)
        rows.append((system, f"`{tags['data']}`", f"`{tags['compliance']}`"))
    return table(["system", "DataClassification", "Compliance"], rows)


def _no_name(name: str) -> NoReturn:
    raise EvaluationFault(f"{name} is not a constant")
