"""Every way in which the specification forbids to change the modules, and which rule has to catch it.

`catalogue.yaml` is a list of mutants: what is `broken`, the row that it is `forbidden_by`, the rule that must catch it
(`caught_by`), and the edit: in `file` (below `modules/`), `text` becomes `by`, or is cut out. The text must stand in
the file exactly once. A mutant may list several `edits`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from policies.hcl.configuration import Configuration, of_tree
from policies.rule import judge_all

CATALOGUE: Final = Path(__file__).parent / "catalogue.yaml"

Finding = tuple[str, str, str]
"""(id of a rule, root module, address)."""


class AnchorFault(Exception):
    """A mutant's text is not in its file, or not only once: the catalogue has to follow the modules."""


@dataclass(frozen=True)
class Mutant:
    broken: str
    forbidden_by: str
    caught_by: str
    edits: tuple[tuple[str, str, str], ...]
    """(file, text, what replaces it)."""

    def apply(self, modules: Path) -> None:
        """Break a copy of the modules. Raises AnchorFault."""
        for file, old, new in self.edits:
            path = modules / file
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            if text.count(old) != 1:
                raise AnchorFault(f"{self.broken}: {old!r} stands {text.count(old)} times in modules/{file}")
            path.write_text(text.replace(old, new), encoding="utf-8")


def mutants(catalogue: Path = CATALOGUE) -> list[Mutant]:
    return [_mutant(entry) for entry in yaml.safe_load(catalogue.read_text(encoding="utf-8"))]


def _mutant(entry: Mapping[str, Any]) -> Mutant:
    edits = entry.get("edits", [entry])
    return Mutant(
        broken=entry["broken"],
        forbidden_by=entry["forbidden_by"],
        caught_by=entry["caught_by"],
        edits=tuple((edit["file"], edit["text"], edit.get("by", "")) for edit in edits),
    )


def findings(configuration: Configuration) -> set[Finding]:
    """What our rules have to say against a configuration."""
    return {
        (rule.id, resource.root.rpartition("/modules/")[2], resource.address)
        for rule, resource, verdict in judge_all(configuration)
        if verdict.problems or verdict.undecided
    }


def judged(modules: Path, scratch: Path, found: list[Mutant]) -> Iterator[tuple[Mutant, set[Finding]]]:
    """Each mutant with the findings that it adds to those of the modules as they are. Raises AnchorFault."""
    copy = scratch / "modules"
    shutil.copytree(modules, copy, ignore=shutil.ignore_patterns(".terraform*"))
    before = findings(of_tree(str(copy)))
    for mutant in found:
        kept = {
            file: (copy / file).read_text(encoding="utf-8") for file, _, _ in mutant.edits if (copy / file).exists()
        }
        try:
            mutant.apply(copy)
            yield mutant, findings(of_tree(str(copy))) - before
        finally:
            for file, text in kept.items():
                (copy / file).write_text(text, encoding="utf-8")
