"""The mutants of `catalogue.yaml`: forbidden changes of the modules, and the rule that must catch each.

An entry says what is `broken`, the row that it is `forbidden_by`, the rule that must catch it (`caught_by`), and the
edit. In `file` (below `modules/`), `by` replaces `text`; without `by`, the text is removed. The text must occur exactly
once in the file. With `list_with` instead of `text`, `by` replaces the whole list that contains this item, so the
entry stays right when the list grows. A mutant can have several `edits`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from policies.hcl import syntax
from policies.rule import judge_all
from policies.worlds.configuration import Configuration, of_tree

CATALOGUE: Final = Path(__file__).parent / "catalogue.yaml"

Finding = tuple[str, str, str]
"""(id of a rule, root module, address)."""


class AnchorFault(Exception):
    """The text of a mutant does not occur exactly once in its file: the module changed, and the catalogue did not."""


@dataclass(frozen=True)
class Edit:
    """In `file`, `by` replaces `text`; with `whole_list`, it replaces the list around the text, brackets included."""

    file: str
    text: str
    by: str
    whole_list: bool = False

    def apply(self, modules: Path) -> None:
        """Edit the file in a copy of the modules. Raises AnchorFault."""
        path = modules / self.file
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        if content.count(self.text) != 1:
            raise AnchorFault(f"{self.text!r} occurs {content.count(self.text)} times in modules/{self.file}")
        start = content.index(self.text)
        end = start + len(self.text)
        if self.whole_list:
            start, end = self._list_around(content, start, end)
        path.write_text(content[:start] + self.by + content[end:], encoding="utf-8")

    def _list_around(self, content: str, start: int, end: int) -> syntax.Span:
        """The place of the innermost list that holds the text."""
        try:
            body = syntax.parse(content).body
        except syntax.SyntaxFault as fault:
            raise AnchorFault(f"modules/{self.file}, {fault}") from None
        lists = (node.span for node in syntax.expressions(body) if isinstance(node, syntax.TupleOf | syntax.For))
        around = [(first, last) for first, last in lists if first < start and end < last and content[first] == "["]
        if not around:
            raise AnchorFault(f"{self.text!r} is in no list of modules/{self.file}")
        return max(around)


@dataclass(frozen=True)
class Mutant:
    broken: str
    forbidden_by: str
    caught_by: str
    edits: tuple[Edit, ...]

    def apply(self, modules: Path) -> None:
        """Break a copy of the modules. Raises AnchorFault."""
        for edit in self.edits:
            try:
                edit.apply(modules)
            except AnchorFault as fault:
                raise AnchorFault(f"{self.broken}: {fault}") from None


def mutants(catalogue: Path = CATALOGUE) -> list[Mutant]:
    return [_mutant(entry) for entry in yaml.safe_load(catalogue.read_text(encoding="utf-8"))]


def _mutant(entry: Mapping[str, Any]) -> Mutant:
    edits = entry.get("edits", [entry])
    return Mutant(
        broken=entry["broken"],
        forbidden_by=entry["forbidden_by"],
        caught_by=entry["caught_by"],
        edits=tuple(
            Edit(
                edit["file"],
                edit["list_with"] if "list_with" in edit else edit["text"],
                edit.get("by", ""),
                whole_list="list_with" in edit,
            )
            for edit in edits
        ),
    )


def findings(configuration: Configuration) -> set[Finding]:
    """What our rules find in a configuration, including what they cannot decide."""
    return {
        (rule.id, resource.root.rpartition("/modules/")[2], resource.address)
        for rule, resource, verdict in judge_all(configuration)
        if verdict.problems or verdict.undecided
    }


def judged(modules: Path, scratch: Path, found: list[Mutant]) -> Iterator[tuple[Mutant, set[Finding]]]:
    """Each mutant with the findings that it adds to those of the unchanged modules. Raises AnchorFault."""
    copy = scratch / "modules"
    shutil.copytree(modules, copy, ignore=shutil.ignore_patterns(".terraform*"))
    before = findings(of_tree(str(copy)))
    for mutant in found:
        files = {copy / edit.file for edit in mutant.edits}
        kept = {file: file.read_text(encoding="utf-8") for file in files if file.exists()}
        try:
            mutant.apply(copy)
            yield mutant, findings(of_tree(str(copy))) - before
        finally:
            for file, text in kept.items():
                file.write_text(text, encoding="utf-8")
