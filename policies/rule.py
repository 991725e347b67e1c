"""What a rule is, and where all of them are."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from policies.model import Resource, Undecidable, World

FORMS: Final = frozenset({"hcl", "plan"})
FIXTURES: Final = Path(__file__).parent / "fixtures"
"""A folder for each rule, of the same name as its file."""


class RuleFault(Exception):
    """The rules themselves are not in order; the message says which and why."""


@dataclass(frozen=True)
class Verdict:
    """What a rule says about a resource. No problem and not undecided: it passes."""

    problems: tuple[str, ...] = ()
    undecided: str = ""
    """Why it cannot be decided."""


@dataclass(frozen=True)
class Rule:
    """`name` states the good state, `fix` how to get there; `why` (the docstring of the function) cites the source."""

    id: str
    name: str
    resources: tuple[str, ...]
    fix: str
    why: str
    problems: Callable[[Resource], Iterable[str]]
    forms: frozenset[str] = FORMS

    @property
    def stem(self) -> str:
        """The name of its file, and of the folder of its fixtures."""
        return self.problems.__name__

    def judge(self, resource: Resource) -> Verdict:
        try:
            return Verdict(tuple(self.problems(resource)))
        except Undecidable as fault:
            return Verdict(undecided=str(fault))


def rule(
    id_: str, name: str, *resources: str, fix: str, forms: Iterable[str] = FORMS
) -> Callable[[Callable[[Resource], Iterable[str]]], Rule]:
    """Make a rule of a function from a resource to its problems. The function's docstring is the rule's source."""

    def make(problems: Callable[[Resource], Iterable[str]]) -> Rule:
        return Rule(id_, name, resources, fix, " ".join((problems.__doc__ or "").split()), problems, frozenset(forms))

    return make


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule in `policies/rules`, by number. Raises RuleFault for one that is incomplete or takes another's id."""
    found: dict[str, Rule] = {}
    for file in sorted((Path(__file__).parent / "rules").glob("*.py")):
        if file.stem.startswith("_"):
            continue
        module = importlib.import_module(f"policies.rules.{file.stem}")
        rules = [value for value in vars(module).values() if isinstance(value, Rule)]
        if len(rules) != 1:
            raise RuleFault(f"policies/rules/{file.name} holds {len(rules)} rules: put one in each file")
        made = rules[0]
        if not re.fullmatch(r"CKV_FEP_[1-9]\d*", made.id):
            raise RuleFault(f"policies/rules/{file.name}: the id {made.id!r} is not CKV_FEP_<n>")
        if made.id in found:
            raise RuleFault(f"policies/rules/{file.name}: the id {made.id} is taken by {found[made.id].name!r}")
        if not (made.name and made.fix and made.why and made.resources):
            raise RuleFault(f"policies/rules/{file.name}: a rule needs a name, resources, a fix and a docstring")
        found[made.id] = made
    return tuple(sorted(found.values(), key=lambda one: int(one.id.rpartition("_")[2])))


def judge_all(world: World) -> Iterator[tuple[Rule, Resource, Verdict]]:
    """Every rule on every resource that it is about, in this world's form."""
    for one in all_rules():
        if world.form in one.forms:
            for resource in world.of(*one.resources):
                yield one, resource, one.judge(resource)
