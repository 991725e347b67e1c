"""What a plan of one unit changes, read from Terraform's JSON.

The form of the JSON: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Action = Literal["create", "change", "replace", "destroy"]
ACTIONS: Final[tuple[Action, ...]] = ("create", "change", "replace", "destroy")

_ACTION: Final[Mapping[frozenset[str], Action]] = {
    frozenset({"create"}): "create",
    frozenset({"update"}): "change",
    frozenset({"create", "delete"}): "replace",
    frozenset({"delete"}): "destroy",
}
KNOWN_LATER: Final = "(known after the apply)"
SENSITIVE: Final = "(sensitive)"
_SHOWN: Final = 60


@dataclass(frozen=True)
class Attribute:
    """An attribute that changes: its path ("replica[0].region_name"), and the texts of both values, None where it is
    not set. A sensitive value is never in the text.
    """

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        return f"{self.path}: {self._shown(self.before)} -> {self._shown(self.after)}"

    @staticmethod
    def _shown(value: str | None) -> str:
        if value is None:
            return "not set"
        return value if len(value) <= _SHOWN else f"{value[: _SHOWN - 3]}..."


@dataclass(frozen=True)
class Change:
    """What a plan does to one resource. `before` and `after` are its values, null where Terraform knows none."""

    address: str
    type: str
    action: Action
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)
    values_before: Mapping[str, str] = field(default_factory=dict)
    values_after: Mapping[str, str] = field(default_factory=dict)
    """The values by path, as texts; those that are sensitive, or known later, say that instead."""
    attributes: tuple[Attribute, ...] = ()
    """Those that differ. For a create and a destroy there are none."""
    because: tuple[str, ...] = ()
    """The paths of the attributes for which a resource is replaced."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Change | None:
        """The change of an entry of `resource_changes`; None where the resource stays as it is, or is only read."""
        change = document["change"]
        action = _ACTION.get(frozenset(change["actions"]))
        if document.get("mode") != "managed" or action is None:
            return None
        deposed = f" (a copy that an earlier replacement left, {document['deposed']})" if "deposed" in document else ""
        before, after, unknown = change["before"] or {}, change["after"] or {}, change.get("after_unknown") or {}
        old, new = _before_and_after(change)
        return cls(
            address=document["address"] + deposed,
            type=document["type"],
            action=action,
            before=before,
            after=after,
            unknown=unknown if isinstance(unknown, Mapping) else {},
            values_before={path: _text(value) for path, value in old.items()},
            values_after={path: _text(value) for path, value in new.items()},
            attributes=tuple(_differences(old, new)) if action in ("change", "replace") else (),
            because=tuple(_path(steps) for steps in change.get("replace_paths") or []),
        )

    def becomes(self, name: str) -> Any:
        """The value that a top-level attribute will have: None where it has none, KNOWN_LATER where nobody knows."""
        return KNOWN_LATER if self.unknown.get(name) is True else self.after.get(name)


@dataclass(frozen=True)
class UnitPlan:
    """The plan of a unit ("us-east-1/webhooks/data"). `problem` says why there is none."""

    unit: str
    changes: tuple[Change, ...] = ()
    outputs: tuple[str, ...] = ()
    """The names of the outputs that change."""
    problem: str | None = None
    account: str = ""
    """The account that the unit is deployed to ("111111111111"); empty where the plan does not say."""

    @classmethod
    def of(cls, unit: str, document: Mapping[str, Any]) -> UnitPlan:
        """Read the output of `terraform show -json`."""
        context = (document.get("variables") or {}).get("context", {}).get("value") or {}
        found = (Change.of(entry) for entry in document.get("resource_changes", []))
        outputs = (document.get("output_changes") or {}).items()
        return cls(
            unit,
            changes=tuple(change for change in found if change),
            outputs=tuple(sorted(name for name, change in outputs if change["actions"] != ["no-op"])),
            account=str(context.get("account_id") or ""),
        )

    def count(self, action: Action) -> int:
        return sum(change.action == action for change in self.changes)


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """(path, text) of everything in a value that is no object and no list."""
    for path, leaf in _leaves(value, None):
        yield path, _text(leaf)


def _before_and_after(change: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    before = dict(_leaves(change["before"], change.get("before_sensitive")))
    after = dict(_leaves(change["after"], change.get("after_sensitive")))
    after |= {path: KNOWN_LATER for path, value in _leaves(change.get("after_unknown"), None) if value is True}
    return before, after


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Attribute]:
    # What is inside of a value that is not known as a whole is not told by itself.
    whole = tuple(path + step for path, value in after.items() if value == KNOWN_LATER for step in "[.")
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new and not path.startswith(whole):
            yield Attribute(path, None if old is None else _text(old), None if new is None else _text(new))


def _leaves(value: Any, sensitive: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of everything that is no object and no list. `sensitive` has the form of the value, with true in
    the place of what is sensitive.
    """
    if sensitive is True:
        yield path, _Sensitive(value)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            step = f"{path}.{name}" if path else name
            yield from _leaves(inner, sensitive.get(name) if isinstance(sensitive, Mapping) else None, step)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            known = isinstance(sensitive, list) and number < len(sensitive)
            yield from _leaves(inner, sensitive[number] if known else None, f"{path}[{number}]")
    elif value is not None:
        yield path, value


@dataclass(frozen=True)
class _Sensitive:
    """A value that may be compared and not shown."""

    value: Any = field(repr=False)


def _text(value: Any) -> str:
    if isinstance(value, _Sensitive):
        return SENSITIVE
    return value if isinstance(value, str) else json.dumps(value)


def _path(steps: list[str | int]) -> str:
    """["replica", 0, "region_name"] is replica[0].region_name."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")
