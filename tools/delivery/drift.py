"""Drift: where what is deployed is not what the configuration says, by unit, resource and attribute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tools.delivery.changes import Change, UnitPlan
from tools.errors import Failure

_DEPLOYED = {
    "create": "is missing",
    "change": "is another",
    "replace": "is another, and an apply would replace it",
    "destroy": "is there, and nothing in the configuration asks for it",
}


def report(environment: str, plans: Sequence[UnitPlan]) -> str:
    """The drift of an environment in Markdown; empty where there is none.

    A unit that cannot be planned is told too: nobody knows whether it has drifted.
    """
    lines = [line for plan in sorted(plans, key=lambda plan: plan.unit) for line in _of_unit(plan)]
    if not lines:
        return ""
    return "\n".join(
        [
            f"What is deployed in {environment} is not what the configuration says.",
            "",
            *lines,
            "",
            f"`pipelines env plan --summary --env {environment}` shows what an apply would do about it. Where what is "
            "deployed is right, change the configuration.",
            "",
        ]
    )


def unknown(environment: str, failure: Failure) -> str:
    """What is said, in Markdown, where nothing could be compared: nobody knows whether there is drift."""
    return f"Nobody knows whether {environment} has drifted: it could not be compared.\n\n```text\n{failure}\n```\n"


def _of_unit(plan: UnitPlan) -> Iterator[str]:
    if plan.problem is not None:
        yield f"- `{plan.unit}` could not be planned: {' '.join(plan.problem.split())[:500]}"
    for change in plan.changes:
        yield f"- `{plan.unit}` `{change.address}` {_DEPLOYED[change.action]}"
        yield from (f"  - {line}" for line in _attributes(change))


def _attributes(change: Change) -> Iterator[str]:
    for attribute in change.attributes:
        is_, should = ("not set" if value is None else value[:80] for value in (attribute.before, attribute.after))
        text = f"{attribute.path}: is {is_}, should be {should}".replace("`", "'")
        yield f"`{' '.join(text.split())}`"
