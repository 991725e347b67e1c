"""What a plan contains, and how it is compared with an inventory (a YAML file)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SECTIONS = ("counts", "values", "outputs")


@dataclass(frozen=True)
class Planned:
    """The plan of one module call.

    Addresses are relative to the call: `aws_sqs_queue.this`, `module.dead_letter.aws_sqs_queue.this`. Values that are
    known only after apply are absent from `resources` (address -> attributes) and `outputs` (name -> value).
    """

    modules: frozenset[str]
    resources: Mapping[str, Mapping[str, Any]]
    types: Mapping[str, str]
    outputs: Mapping[str, Any]

    @classmethod
    def of(cls, module: Mapping[str, Any], outputs: Mapping[str, Any]) -> Planned:
        """Read a module of `planned_values` in the JSON of a plan, with all modules below it."""
        prefix = f"{module['address']}." if module.get("address") else ""
        modules: set[str] = set()
        resources: dict[str, Mapping[str, Any]] = {}
        types: dict[str, str] = {}
        for part in _descend(module):
            if part is not module:
                modules.add(part["address"].removeprefix(prefix))
            for resource in part.get("resources", []):
                if resource["mode"] == "managed":
                    address = resource["address"].removeprefix(prefix)
                    resources[address] = resource.get("values", {})
                    types[address] = resource["type"]
        return cls(frozenset(modules), resources, types, outputs)

    def count(self, what: str) -> int:
        """How many there are of `modules`, `resources`, or a resource type."""
        if what == "modules":
            return len(self.modules)
        return len(self.resources) if what == "resources" else Counter(self.types.values())[what]


def _descend(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield module
    for child in module.get("child_modules", []):
        yield from _descend(child)


@dataclass(frozen=True)
class Difference:
    """A place where the plan is not what the inventory says.

    `path` leads through the inventory to it: ("counts", "resources"), ("values", "aws_sqs_queue.this", "name").
    `planned` is the value that the plan has there, where it is `replaceable`: an inventory can take it as it is.
    """

    path: tuple[str | int, ...]
    message: str
    replaceable: bool = False
    planned: Any = None

    def __str__(self) -> str:
        return self.message


def differences(inventory: Mapping[str, Any], planned: Planned) -> list[Difference]:
    """Every difference between the plan and the inventory; an empty list if there is none.

    `counts` are exact. `values` and `outputs` name what the case is about: the keys of a mapping that the inventory
    names, and every element of a list. Where the plan has JSON as text and the inventory a structure, the text is
    decoded first.
    """
    found = []
    for what, expected in inventory.get("counts", {}).items():
        count = planned.count(what)
        if count != expected:
            message = f"{what}: the plan has {count}, the inventory {expected}"
            found.append(Difference(("counts", what), message, replaceable=True, planned=count))
    for address, attributes in inventory.get("values", {}).items():
        path = ("values", address)
        if address not in planned.resources:
            others = ", ".join(sorted(planned.resources)) or "none"
            found.append(Difference(path, f"{address}: not planned; there are {others}"))
            continue
        found += _subset(attributes, planned.resources[address], address, path)
    for name, expected in inventory.get("outputs", {}).items():
        if name not in planned.outputs:
            found.append(Difference(("outputs", name), f"output {name}: not there, or known only after apply"))
            continue
        found += _subset(expected, planned.outputs[name], f"output {name}", ("outputs", name))
    return found


def _subset(expected: Any, actual: Any, where: str, path: tuple[str | int, ...]) -> list[Difference]:
    """The differences of `actual` from `expected`."""

    def differs(message: str, *, replaceable: bool = False) -> list[Difference]:
        return [Difference(path, f"{where}: {message}", replaceable, actual if replaceable else None)]

    if isinstance(expected, dict | list) and isinstance(actual, str):
        try:
            actual = json.loads(actual)
        except ValueError:
            return differs(f"is the text {actual!r}, which is not JSON")
    if isinstance(expected, dict):
        if not isinstance(actual, Mapping):
            return differs(f"is {actual!r}, not a mapping")
        found = []
        for key, value in expected.items():
            if key in actual:
                found += _subset(value, actual[key], f"{where}.{key}", (*path, key))
            else:
                found.append(Difference((*path, key), f"{where}.{key}: not there, or known only after apply"))
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            plain = isinstance(actual, list) and all(map(_is_scalar, [*expected, *actual]))
            return differs(f"is {actual!r}, not a list of {len(expected)}", replaceable=plain)
        pairs = enumerate(zip(expected, actual, strict=True))
        return [
            difference
            for index, (want, have) in pairs
            for difference in _subset(want, have, f"{where}[{index}]", (*path, index))
        ]
    # True == 1 in Python, but they are different values in a plan.
    if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
        return differs(f"is {actual!r}, not {expected!r}", replaceable=_is_scalar(actual))
    return []


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)
