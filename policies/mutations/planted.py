"""Breaks of each rule in each system: what the fixtures of the rule get wrong, as one more unit of the system.

A rule that has something to judge in a system must also refuse there what it refuses alone. So each failing resource of
its fixtures is planted in a unit beside the real ones, with the resources that pass around it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from policies.mutations.mutants import Edit, Mutant, reach
from policies.owned import system_of
from policies.rule import FIXTURES, Rule, all_rules
from policies.worlds.configuration import Configuration

UNIT: Final = "planted"


def systems(configuration: Configuration) -> list[str]:
    """The systems of a configuration: the folders above its compositions, in `modules/systems`."""
    folders = {Path(root).parent for root in configuration.roots}
    return sorted(folder.name for folder in folders if folder.parent.name == "systems")


def judged_in(rule: Rule, configuration: Configuration) -> set[str]:
    """The systems in which a rule has something to judge. It cannot apply to another one, which creates nothing of its
    types.
    """
    found = {system_of(resource) for resource in configuration.of(*rule.resources)} if "hcl" in rule.forms else set()
    return found & set(systems(configuration))


def planted(configuration: Configuration) -> Iterator[Mutant]:
    """The mutants of every rule, in each system that it has something to judge in."""
    for rule in all_rules():
        for system in sorted(judged_in(rule, configuration)):
            for name, text in _wrong(rule):
                edit = Edit(f"systems/{system}/{UNIT}/main.tf", "", text)
                yield Mutant(f"{system}: {rule.stem}, {name}", rule.rows[0], rule.id, (edit,))


def _wrong(rule: Rule) -> Iterator[tuple[str, str]]:
    """Each failing resource of the fixtures, with the text of the fixtures without the others that fail."""
    files = [FIXTURES / rule.stem / name for name in ("main.tf", "source.tf")]
    text = "\n".join(syntax.text_of(file) for file in files if file.exists())
    resources = [block for block in syntax.parse(text).body.named("resource") if block.labels[1].startswith("fail_")]
    for one in resources:
        made = text
        for other in reversed(resources):
            name = ".".join(other.labels)
            if other is not one and not re.search(rf"\b{re.escape(name)}\b", text):
                made = made[: other.span[0]] + made[other.span[1] :]
        yield ".".join(one.labels), made


def coverage(configuration: Configuration, modules: Path, mutants: Iterable[Mutant]) -> dict[tuple[str, str], int]:
    """How many of these mutants break a rule in a system, by the rule's id and the system, wherever the rule has
    something to judge. A mutant of a module counts in each system that the module is part of.
    """
    counts = {(rule.id, system): 0 for rule in all_rules() for system in judged_in(rule, configuration)}
    reached = reach(configuration)
    for mutant in mutants:
        found: set[str] = set()
        for edit in mutant.edits:
            folder = Path(edit.file).parent
            found |= (
                {folder.parts[1]} if folder.name == UNIT else reached.get(os.path.realpath(modules / folder), set())
            )
        for system in found:
            if (mutant.caught_by, system) in counts:
                counts[mutant.caught_by, system] += 1
    return counts
