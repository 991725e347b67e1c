"""The verdicts of the rules on a plan, for people: each rule with each resource, the verdict and the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from policies.model import Resource
from policies.rule import Rule, Verdict
from tools.docs.generated import table
from tools.project import BUILD

FOLDER = BUILD / "policies"
PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


@dataclass(frozen=True)
class Row:
    """The verdict of one rule on one resource."""

    rule: Rule
    address: str
    verdict: str
    """`passed`, `failed` or `skipped`."""
    reason: str
    """What decided (the plan or the source), what is wrong, or why it is skipped."""


def row(rule: Rule, resource: Resource, verdict: Verdict | None, decided: str) -> Row:
    """`verdict` is None where the resource skips the rule."""
    if verdict is None:
        return Row(rule, resource.address, SKIPPED, resource.skipped[rule.id])
    if verdict.problems:
        return Row(rule, resource.address, FAILED, "; ".join(verdict.problems))
    if verdict.undecided:
        return Row(rule, resource.address, FAILED, f"cannot be decided: {verdict.undecided}")
    return Row(rule, resource.address, PASSED, f"by its {decided}")


def terminal(rows: Sequence[Row]) -> Iterator[str]:
    """Each rule with its verdicts, then what failed with the reason and the fix."""
    for rule, found in _by_rule(rows):
        count = Counter(one.verdict for one in found)
        said = ", ".join(f"{count[verdict]} {verdict}" for verdict in (FAILED, SKIPPED, PASSED) if count[verdict])
        yield f"{rule.id:<11} {said:<36} {rule.name}"
    for one in rows:
        if one.verdict == FAILED:
            yield f"\n{one.rule.id}: {one.rule.name}\n  where: {one.address}\n  {one.reason}"
            yield f"  do: {one.rule.fix} See {one.rule.page}."


def markdown(rows: Sequence[Row], environment: str) -> str:
    """A page: a table of rules with their verdicts, and below, for each rule, a table of its resources."""
    lines = [f"# Policies on the plan of {environment}", ""]
    count = Counter(one.verdict for one in rows)
    lines += [", ".join(f"{count[verdict]} {verdict}" for verdict in (PASSED, SKIPPED, FAILED)) + ".", ""]
    summary = []
    for rule, found in _by_rule(rows):
        of_rule = Counter(one.verdict for one in found)
        numbers = (str(of_rule[verdict]) for verdict in (PASSED, SKIPPED, FAILED))
        summary.append((f"[{rule.id}](#{rule.id.lower()})", rule.name, *numbers))
    lines += [*table(("rule", "what it asks", PASSED, SKIPPED, FAILED), summary), ""]
    for rule, found in _by_rule(rows):
        lines += [f"## {rule.id}", "", f"{rule.name}.", ""]
        lines += table(
            ("resource", "verdict", "reason"), ((f"`{one.address}`", one.verdict, _cell(one.reason)) for one in found)
        )
        lines.append("")
    return "\n".join(lines)


def write(rows: Sequence[Row], environment: str, folder: Path = FOLDER) -> Path:
    """Write the page of an environment. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{environment}.md"
    path.write_text(markdown(rows, environment), encoding="utf-8")
    return path


def _cell(said: str) -> str:
    return said.replace("|", "\\|").replace("\n", " ")


def _by_rule(rows: Iterable[Row]) -> list[tuple[Rule, list[Row]]]:
    found: dict[str, tuple[Rule, list[Row]]] = {}
    for one in rows:
        found.setdefault(one.rule.id, (one.rule, []))[1].append(one)
    return sorted(found.values(), key=lambda pair: int(pair[0].id.rpartition("_")[2]))
