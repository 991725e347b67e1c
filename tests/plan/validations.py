"""The rules of a module for its inputs, and which of them a refusal names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from policies.hcl.syntax import blocks
from tools.livetree.reading.source import Source
from tools.project import ROOT

_KINDS = ("validation", "precondition", "postcondition")
# Terraform names a validation by its first line, and a condition by the line of the condition itself.
_NAMED = (re.compile(r"by the validation rule at (\S+?):(\d+),"), re.compile(r"\bon (\S+) line (\d+)"))


@dataclass(frozen=True)
class Rule:
    """A `validation`, `precondition` or `postcondition` block: its module's file, first and last line."""

    kind: str
    file: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"the {self.kind} at {self.file}:{self.first}"


def rules(module: str, repository: Path = ROOT) -> list[Rule]:
    """All rules in a module's files."""
    return [
        Rule(block.kind, f"{module}/{path.name}", block.line, block.end_line)
        for path in sorted((repository / module).glob("*.tf"))
        for block in blocks(Source.read(path).body)
        if block.kind in _KINDS
    ]


def tripped(message: str, declared: Iterable[Rule]) -> set[Rule]:
    """The rules that Terraform's message names."""
    places = [(file, int(line)) for pattern in _NAMED for file, line in pattern.findall(message)]
    return {
        rule
        for rule in declared
        for file, line in places
        # A validation is planned in a folder with `variables.tf` alone.
        if file in (rule.file, Path(rule.file).name) and rule.first <= line <= rule.last
    }
