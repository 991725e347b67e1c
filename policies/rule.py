"""What a rule is, and the list of all rules."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from policies.model import Resource, Undecidable, World

FORMS: Final = frozenset({"hcl", "plan"})
FIXTURES: Final = Path(__file__).parent / "fixtures"
"""A folder for each rule, of the same name as its file."""


class RuleFault(Exception):
    """A rule is wrong in itself. The message says which rule and why."""


@dataclass(frozen=True)
class Verdict:
    """What a rule says about a resource. It passes when there is no problem and the rule could decide."""

    problems: tuple[str, ...] = ()
    undecided: str = ""
    """Why the rule could not decide."""


@dataclass(frozen=True)
class Rule:
    """What configurations must do. Its page in `docs/policies/` is generated from these fields and its fixtures."""

    id: str
    name: str
    """The good state, as a sentence without its full stop."""
    resources: tuple[str, ...]
    rows: tuple[str, ...]
    """The rows of the specification that ask for it."""
    reading: Mapping[str, str]
    """Pages outside the project that explain it: title to URL."""
    fix: str
    why: str
    """What goes wrong without the rule: the docstring of its function."""
    problems: Callable[[Resource], Iterable[str]]
    forms: frozenset[str] = FORMS

    @property
    def stem(self) -> str:
        """The name of its file, and of the folder of its fixtures."""
        return self.problems.__name__

    @property
    def page(self) -> str:
        """The page that explains the rule, from the repository's root."""
        return f"docs/policies/{self.id}.md"

    def judge(self, resource: Resource) -> Verdict:
        try:
            return Verdict(tuple(self.problems(resource)))
        except Undecidable as fault:
            return Verdict(undecided=str(fault))


def rule(
    id_: str,
    name: str,
    *resources: str,
    rows: tuple[str, ...] = (),
    fix: str = "",
    reading: Mapping[str, str] | None = None,
    forms: Iterable[str] = FORMS,
) -> Callable[[Callable[[Resource], Iterable[str]]], Rule]:
    """Make a rule of a function from a resource to its problems. The fields are those of `Rule`."""

    def make(problems: Callable[[Resource], Iterable[str]]) -> Rule:
        why = " ".join((problems.__doc__ or "").split())
        return Rule(id_, name, resources, rows, reading or {}, fix, why, problems, frozenset(forms))

    return make


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule in `policies/rules`, by number. Raises RuleFault for an incomplete one, and for an id used twice."""
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
        if not (made.name and made.resources and made.rows and made.fix and made.why):
            raise RuleFault(f"policies/rules/{file.name}: a rule needs a name, resources, rows, a fix and a docstring")
        found[made.id] = made
    return tuple(sorted(found.values(), key=lambda one: int(one.id.rpartition("_")[2])))


def judge_all(world: World) -> Iterator[tuple[Rule, Resource, Verdict]]:
    """Judge each resource by every rule that is about it, where the rule knows this form of world."""
    for one in all_rules():
        if world.form in one.forms:
            for resource in world.of(*one.resources):
                yield one, resource, one.judge(resource)
