"""Outputs that a unit reads of another: real ones, mocked ones, and mocks in the place of what is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.livetree.reading.subset import Dependency


@dataclass(frozen=True)
class Outputs:
    """A unit's outputs, by name: their values, and their types as a state holds them ("any" where it is not known)."""

    values: Mapping[str, Any]
    types: Mapping[str, Any]


def mock_outputs(dependency: Dependency) -> Outputs:
    """A dependency's mock outputs, as an expression that Terraform evaluates would have them."""
    mocks = dependency.mock_outputs or {}
    return Outputs(mocks, dict.fromkeys(mocks, "dynamic"))


def merged_outputs(dependency: Dependency, real: Outputs) -> tuple[Outputs, list[str]]:
    """The outputs of an applied unit, with the mock outputs in the place of what it does not put out yet, and the names
    of that: ["table.stream"].

    As Terragrunt merges: "shallow" looks at whole outputs, "deep_map_only" into objects too, but into no list; what is
    real stays, whatever its value.
    """
    depth = {"no_merge": 0, "shallow": 1}.get(dependency.mock_outputs_merge_strategy_with_state)
    mocked: list[str] = []
    values = _merged(dependency.mock_outputs or {}, real.values, depth, "", mocked)
    types = {
        name: real.types[name] if name in real.types and real.values[name] == value else "dynamic"
        for name, value in values.items()
    }
    return Outputs(values, types), mocked


def _merged(
    mock: Mapping[str, Any], real: Mapping[str, Any], depth: int | None, path: str, mocked: list[str]
) -> dict[str, Any]:
    """`depth` counts the levels that are merged; None means all of them."""
    values = dict(real)
    for name, mocks in mock.items() if depth != 0 else ():
        if name not in real:
            values[name] = mocks
            mocked.append(path + name)
        elif isinstance(mocks, dict) and isinstance(real[name], dict):
            values[name] = _merged(mocks, real[name], depth and depth - 1, f"{path}{name}.", mocked)
    return values
