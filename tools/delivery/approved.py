"""The approved plan: what a plan would do, written down, and a later plan compared with it.

A plan is not applied as the file that Terraform saved: the file holds secrets in clear, and units that depend on others
are planned before those are applied. Instead each unit is planned again when its turn comes, and applied only if the
new plan does nothing that was not approved.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tools.delivery.changes import KNOWN_LATER, Change, texts
from tools.delivery.planning import Planned, Units, scratch
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import Place

# A shorter value of a dependency, such as "dev", also stands in places that have nothing to do with the dependency.
_TELLING: Final = 6
_SHOWN: Final = 5

Record = Mapping[str, Any]
"""A unit's approved plan: {"unit", "commit", "reads", "changes"}; `reads` is what the unit was given by others."""


def record(planned: Planned, commit: str) -> Record:
    """What is written down of a plan. Sensitive values are left out.

    What a unit is given holds in clear what other units call sensitive. Only what stands in a value that changes is
    written down: nothing else is compared, and that value is shown anyway.
    """
    changes = {change.address: _essence(change) for change in planned.plan.changes}
    shown = {text for change in changes.values() for side in ("before", "after") for text in change[side].values()}
    reads = {
        path: value
        for path, value in _reads(planned.document).items()
        if len(value) >= _TELLING and any(value in text for text in shown)
    }
    return {"unit": planned.unit, "commit": commit, "reads": reads, "changes": changes}


def write(folder: Path, plans: Sequence[Planned], commit: str) -> None:
    """Write the plans of some units into a folder, one file a unit, instead of what it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    for planned in plans:
        text = json.dumps(record(planned, commit), indent=1, sort_keys=True)
        (folder / f"{planned.unit.replace('/', '_')}.json").write_text(text, encoding="utf-8")


def read(folder: Path, commit: str) -> dict[str, Record]:
    """The approved plans in a folder by unit.

    Raises Failure where there are none, or where they were made of another commit.
    """
    records = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    if not records:
        raise Failure(
            "there is no approved plan",
            where=str(folder),
            do="name the folder that `pipelines env plan --summary --to <folder>` has written",
            status=WRONG_INPUT,
        )
    for one in records:
        if one["commit"] != commit:
            raise Failure(
                f"the plan of {one['unit']} was approved for commit {one['commit'][:12]}, and this is {commit[:12]}",
                where=str(folder),
                do="make a new plan, and have it approved",
            )
    return {one["unit"]: one for one in records}


def apply(units: Units, folders: Sequence[Path], records: Mapping[str, Record]) -> None:
    """Apply units in the order of their folders, each only if its plan is the approved one.

    A unit without changes is left alone, so an apply that stopped half-way can be repeated. Raises Failure for a unit
    that was not planned, and for one whose plan does something that was not approved: it and those after it stay as
    they are.
    """
    for folder in folders:
        unit = Place.of(folder).in_environment
        if unit not in records:
            raise Failure(
                f"{unit} has no approved plan",
                where=str(Place.of(folder)),
                do="make a new plan of all units, and have it approved",
            )
    with scratch() as files:
        for number, folder in enumerate(folders, 1):
            unit = Place.of(folder).in_environment
            planned = units.plan(folder, files / f"{number}.plan", lock=True)
            _check(planned, records[unit])
            nothing = not planned.plan.changes and not planned.plan.outputs
            print(f"[{number}/{len(folders)}] {unit}: {'no changes' if nothing else 'as approved'}", flush=True)
            if not nothing:
                units.apply(folder, planned.file)


def _check(planned: Planned, approved: Record) -> None:
    if planned.plan.problem is not None:
        raise Failure(f"{planned.unit} cannot be planned\n{planned.plan.problem}", do="fix it, and make a new plan")
    beyond = list(differences(approved, planned))
    if beyond:
        raise Failure(
            f"the approved plan of {planned.unit} is stale: an apply would do what it does not say",
            where="\n         ".join(beyond[:_SHOWN]),
            do="make a new plan, and have it approved; nothing of this unit was applied",
        )


def differences(approved: Record, planned: Planned) -> Iterator[str]:
    """What a plan does that was not approved, one line each; none where it does the same or less.

    Values that the unit is given by other units may have become others since: an approved value agrees with one that
    has the new ones in their places. What was known only after the apply agrees with any value.
    """
    agrees = _Agreement(approved["reads"], _reads(planned.document))
    for change in planned.plan.changes:
        was, now = approved["changes"].get(change.address), _essence(change)
        if was is None:
            yield f"{change.action} {change.address} was not approved"
        elif was["action"] != now["action"]:
            yield f"{change.action} {change.address}: a {was['action']} was approved"
        else:
            for side, verb in (("before", "was"), ("after", "becomes")):
                for path in sorted(was[side].keys() | now[side].keys()):
                    if not agrees(was[side], now[side], path):
                        yield f"{change.action} {change.address}: {path} {verb} another value"


class _Agreement:
    """Whether an approved value and a later one are the same, but for what the unit was given by others."""

    def __init__(self, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._became: dict[str, set[str]] = {}
        for path, value in old.items():
            if len(value) >= _TELLING and new.get(path, value) != value:
                self._became.setdefault(value, set()).add(new[path])
        longest_first = sorted(self._became, key=len, reverse=True)
        self._old = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __call__(self, was: Mapping[str, str], now: Mapping[str, str], path: str) -> bool:
        if was.get(path) == now.get(path) or _is_known_later(was, path):
            return True
        if path not in was or path not in now:
            return False
        pattern, end = "", 0
        for found in self._old.finditer(was[path]):
            ways = "|".join(map(re.escape, sorted(self._became[found.group()] | {found.group()})))
            pattern += f"{re.escape(was[path][end : found.start()])}(?:{ways})"
            end = found.end()
        return re.fullmatch(pattern + re.escape(was[path][end:]), now[path]) is not None


def _is_known_later(values: Mapping[str, str], path: str) -> bool:
    """Whether a value, or a whole that it is part of, was known only after the apply."""
    wholes = [path[: cut.start()] for cut in re.finditer(r"[.\[]", path)]
    return any(values.get(whole) == KNOWN_LATER for whole in (path, *wholes))


def _essence(change: Change) -> dict[str, Any]:
    return {"action": change.action, "before": dict(change.values_before), "after": dict(change.values_after)}


def _reads(document: Mapping[str, Any]) -> dict[str, str]:
    """The values that a unit is given by other units, by path: what `variables` holds, without the settings."""
    given = {name: one.get("value") for name, one in (document.get("variables") or {}).items() if name != "context"}
    return dict(texts(given))
