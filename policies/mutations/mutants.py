"""The mutants of the catalogues in this folder: forbidden changes of the modules, and the rule that must catch each.

An entry says what is `broken`, the row that it is `forbidden_by`, the rule that must catch it (`caught_by`), and the
edit. In `file` (below `modules/`), `by` replaces `text`; without `by`, the text is removed. The text must occur exactly
once in the file. With `list_with` instead of `text`, `by` replaces the whole list that contains this item, so the
entry stays right when the list grows. `add` adds a text to the end of the file, or is all of a new one. A file that
begins with `/` is below the repository's root. A mutant can have several `edits`.

`harmless.yaml` has the same entries without a rule: changes that no rule may object to.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Container, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from policies.hcl import syntax
from policies.rule import all_rules
from policies.worlds.configuration import Configuration, ConfigurationFault, Folder, of_tree

HARMLESS: Final = Path(__file__).parent / "harmless.yaml"
EQUIVALENT: Final = Path(__file__).parent / "equivalent.yaml"
CATALOGUES: Final = tuple(sorted(set(Path(__file__).parent.glob("*.yaml")) - {HARMLESS, EQUIVALENT}))
LIVE: Final = "the live tree"
"""What catches a mutant of `live/` or the root configuration: `tools/policies/live.py`."""
BROAD: Final = frozenset({"CKV_FEP_41", "CKV_FEP_42", "CKV_FEP_44"})
"""Rules that find most of what is broken."""
UNREAD: Final = "a file that cannot be read"
"""What catches a mutant that is no configuration any more."""

Finding = tuple[str, str, str]
"""(id of a rule, root module, address)."""


class AnchorFault(Exception):
    """The text of a mutant does not occur exactly once in its file: the module changed, and the catalogue did not."""


@dataclass(frozen=True)
class Edit:
    """In `file`, `by` replaces `text`; with `whole_list`, it replaces the list around the text, brackets included.

    Without a text, `by` is added to the end of the file, which may be a new one.
    """

    file: str
    text: str
    by: str
    whole_list: bool = False

    def apply(self, modules: Path) -> None:
        """Edit the file in a copy of the modules. Raises AnchorFault."""
        path = modules / self.file.lstrip("/")
        content = path.read_text(encoding="utf-8") if path.exists() else ""
        if not self.text:
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{content}\n{self.by}", encoding="utf-8")
            return
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

    @property
    def live(self) -> bool:
        """Whether it breaks the live tree and not the modules."""
        return self.caught_by == LIVE

    def apply(self, modules: Path) -> None:
        """Break a copy of the modules. Raises AnchorFault."""
        for edit in self.edits:
            try:
                edit.apply(modules)
            except AnchorFault as fault:
                raise AnchorFault(f"{self.broken}: {fault}") from None


def mutants(catalogues: Iterable[Path] = CATALOGUES) -> list[Mutant]:
    return [_mutant(entry) for file in catalogues for entry in yaml.safe_load(file.read_text(encoding="utf-8"))]


def _mutant(entry: Mapping[str, Any]) -> Mutant:
    return Mutant(
        broken=entry.get("broken") or entry["harmless"],
        forbidden_by=entry.get("forbidden_by", ""),
        caught_by=entry.get("caught_by", ""),
        edits=tuple(_edit(edit) for edit in entry.get("edits", [entry])),
    )


def _edit(edit: Mapping[str, Any]) -> Edit:
    if "add" in edit:
        return Edit(edit["file"], "", edit["add"])
    text = edit["list_with"] if "list_with" in edit else edit["text"]
    return Edit(edit["file"], text, edit.get("by", ""), whole_list="list_with" in edit)


def findings(configuration: Configuration, only: str = "", first: Container[str] = ()) -> Iterator[Finding]:
    """What our rules find in a configuration, including what they cannot decide. Those that find most come first, and
    the resources of the folders `first` before the others.
    """
    rules = [rule for rule in all_rules() if configuration.form in rule.forms and only in ("", rule.id)]
    rules.sort(key=lambda one: one.id not in BROAD)
    for early in (True, False) if first else (False,):
        for rule in rules:
            for resource in configuration.of(*rule.resources):
                if (os.path.dirname(resource.file) in first) is early:
                    verdict = rule.judge(resource)
                    if verdict.problems or verdict.undecided:
                        yield rule.id, resource.root.rpartition("/modules/")[2], resource.address


def reach(configuration: Configuration) -> dict[str, set[str]]:
    """The systems that each folder is part of."""
    found: dict[str, set[str]] = {}
    for root in configuration.roots:
        for path in configuration.below(root):
            found.setdefault(path, set()).add(Path(root).parent.name)
    return found


class Bench:
    """A copy of the modules that is broken and mended again. Folders that stay as they are are read once, and only the
    systems that an edit reaches are judged.
    """

    def __init__(self, modules: Path, scratch: Path) -> None:
        self.modules = Path(os.path.realpath(scratch)) / "modules"
        shutil.copytree(modules, self.modules, ignore=shutil.ignore_patterns(".terraform*"))
        whole = of_tree(str(self.modules))
        self.read = dict(whole.folders)
        self.reach = reach(whole)
        self.units: dict[str, list[str]] = {}
        for root in whole.roots:
            self.units.setdefault(Path(root).parent.name, []).append(root)
        self.before = {system: set(findings(self.configuration(system))) for system in self.units}

    def configuration(self, system: str, more: Iterable[str] = ()) -> Configuration:
        """The units of a system, and those of these folders that are units of it, too."""
        new = [folder for folder in more if self._system_of(folder) == system]
        return Configuration([*self.units[system], *new], self.folder)

    def _system_of(self, folder: str) -> str:
        """The system that a folder is a new unit of; empty for any other folder."""
        path = Path(folder)
        is_unit = path.parent.parent == self.modules / "systems" and path.parent.name in self.units
        return path.parent.name if is_unit and folder not in self.reach else ""

    def folder(self, path: str) -> Folder:
        if path not in self.read:
            self.read[path] = Folder.read(path)
        return self.read[path]

    def added(self, mutant: Mutant) -> Generator[Finding]:
        """The findings that a mutant adds, system by system, small ones first: those of the rule that must catch it, or
        all where it names none. Raises AnchorFault.
        """
        files = {self.modules / edit.file for edit in mutant.edits}
        kept = {file: file.read_text(encoding="utf-8") if file.exists() else None for file in files}
        folders = {str(file.parent) for file in files}
        try:
            mutant.apply(self.modules)
            for folder in folders:
                self.read.pop(folder, None)
            for system in self._reached(folders):
                try:
                    configuration = self.configuration(system, folders)
                except ConfigurationFault as fault:
                    yield UNREAD, system, str(fault)
                    continue
                for found in findings(configuration, mutant.caught_by, folders):
                    if found not in self.before[system]:
                        yield found
                for root, said in configuration.faults.items():
                    yield UNREAD, root, said
        finally:
            for file, text in kept.items():
                if text is None:
                    file.unlink(missing_ok=True)
                else:
                    file.write_text(text, encoding="utf-8")
            for folder in folders:
                self.read.pop(folder, None)

    def _reached(self, folders: set[str]) -> list[str]:
        found = set[str]()
        for folder in folders:
            new = self._system_of(folder)
            found |= {new} if new else self.reach.get(folder, set(self.units))
        return sorted(found, key=lambda system: (len(self.units[system]), system))

    def caught(self, mutant: Mutant) -> bool:
        """Whether the rule that must catch a mutant does so in one of the systems, or any rule where it names none.

        Raises AnchorFault.
        """
        with closing(self.added(mutant)) as found:
            return any(id_ != UNREAD and mutant.caught_by in ("", id_) for id_, _, _ in found)
