"""The summary of plans, in Markdown or for a terminal: what to look at first, each unit's counts, each change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Final, Literal

from tools.delivery.attention import TITLES, Finding, findings
from tools.delivery.changes import ACTIONS, Change, UnitPlan
from tools.measures import table

Form = Literal["terminal", "markdown"]

# GitHub takes 65,536 characters in a comment: https://docs.github.com/en/rest/issues/comments; some are left for links.
COMMENT_LIMIT: Final = 60_000
_MOST_FINDINGS: Final = 15
_COLUMNS: Final = ("unit", "create", "change", "replace", "destroy")


def summary(environment: str, plans: Sequence[UnitPlan], form: Form, limit: int | None = None) -> str:
    """The summary of the plans of an environment's units.

    In Markdown with a `limit` of characters, the changes of units are left out where they do not fit, and the text
    says of which; what to look at first and the counts always stay.
    """
    ordered = sorted(plans, key=lambda plan: plan.unit)
    lines = _markdown(environment, ordered, limit) if form == "markdown" else _terminal(environment, ordered)
    return "\n".join(lines) + "\n"


def _markdown(environment: str, plans: list[UnitPlan], limit: int | None) -> Iterator[str]:
    head = [f"## Plan of {environment}", ""]
    for plan in _failed(plans):
        head += [f"**{plan.unit} could not be planned**", "", "```text", plan.problem or "", "```", ""]
    found = findings(plans)
    if found:
        head += ["**Look at this first**", ""]
        for title, group in _by_title(found):
            head += [f"- **{title}**", *(f"  - {_code(each.unit)} {_code(each.address)} {each.what}" for each in group)]
        head.append("")
    changed = _changed(plans)
    if changed:
        head += [f"| {' | '.join(_COLUMNS)} |", "| --- | ---: | ---: | ---: | ---: |"]
        head += [f"| {' | '.join(map(str, _row(plan)))} |" for plan in changed]
        head.append("")
    head += [_unchanged(plans), ""]
    yield from head
    room = None if limit is None else limit - sum(len(line) + 1 for line in head)
    left_out = []
    for plan in changed:
        details = [
            f"<details><summary>{plan.unit}</summary>",
            "",
            *(line for change in plan.changes for line in _told(change, "- ", "  - ", _code)),
            *([f"- outputs: {', '.join(map(_code, plan.outputs))}"] if plan.outputs else []),
            "",
            "</details>",
            "",
        ]
        size = sum(len(line) + 1 for line in details)
        # 200 characters for the sentence that names what was left out.
        if room is not None and size > room - 200:
            left_out.append(plan.unit)
            continue
        room = None if room is None else room - size
        yield from details
    if left_out:
        yield f"The changes of {len(left_out)} units do not fit here; the summary of the job has them."


def _terminal(environment: str, plans: list[UnitPlan]) -> Iterator[str]:
    yield f"plan of {environment}"
    yield ""
    for plan in _failed(plans):
        yield f"{plan.unit} could not be planned:"
        yield from (f"  | {line}" for line in (plan.problem or "").splitlines())
        yield ""
    found = findings(plans)
    if found:
        yield "look at this first"
        for title, group in _by_title(found):
            yield f"  {title}:"
            yield from (f"    {each.unit}: {each.address} {each.what}" for each in group)
        yield ""
    changed = _changed(plans)
    for plan in changed:
        yield plan.unit
        for change in plan.changes:
            yield from _told(change, "  ", "      ", str)
        if plan.outputs:
            yield f"  outputs: {', '.join(plan.outputs)}"
        yield ""
    if changed:
        yield from table([_COLUMNS, *map(_row, changed)])
        yield ""
    yield _unchanged(plans)


def _by_title(found: list[Finding]) -> Iterator[tuple[str, list[Finding]]]:
    for rank, each in groupby(found, key=lambda finding: finding.rank):
        group = list(each)
        more = f" ({len(group) - _MOST_FINDINGS} more than these are in the lists of the units)"
        yield TITLES[rank] + (more if len(group) > _MOST_FINDINGS else ""), group[:_MOST_FINDINGS]


def _told(change: Change, first: str, next_: str, shown: Callable[[str], str]) -> Iterator[str]:
    yield f"{first}{change.action} {shown(change.address)}"
    for attribute in change.attributes:
        forced = ", which replaces it" if attribute.path in change.because else ""
        yield f"{next_}{shown(str(attribute))}{forced}"


def _code(text: str) -> str:
    """Text as code, in which Markdown and mentions mean nothing."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def _row(plan: UnitPlan) -> tuple[object, ...]:
    return (plan.unit, *(plan.count(action) for action in ACTIONS))


def _failed(plans: list[UnitPlan]) -> list[UnitPlan]:
    return [plan for plan in plans if plan.problem is not None]


def _changed(plans: list[UnitPlan]) -> list[UnitPlan]:
    return [plan for plan in plans if plan.changes or plan.outputs]


def _unchanged(plans: list[UnitPlan]) -> str:
    number = len(plans) - len(_changed(plans)) - len(_failed(plans))
    if number == len(plans):
        return "No changes in any unit."
    if not number:
        return "Every unit has changes."
    return f"{number} of {len(plans)} units are without changes."
