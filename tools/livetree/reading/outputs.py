"""The outputs that a unit reads from another: real ones, mock ones, and mocks for outputs that do not exist yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tools.livetree.reading.subset import Dependency


@dataclass(frozen=True)
class Outputs:
    """A unit's outputs, by name: their values, and their types as a state holds them ("dynamic" where unknown)."""

    values: Mapping[str, Any]
    types: Mapping[str, Any]


def mock_outputs(dependency: Dependency) -> Outputs:
    """A dependency's mock outputs, as an expression that Terraform evaluates would have them."""
    mocks = dependency.mock_outputs or {}
    return Outputs(mocks, dict.fromkeys(mocks, "dynamic"))


def merged_outputs(dependency: Dependency, real: Outputs) -> tuple[Outputs, list[str]]:
    """The outputs of an applied unit with mocks for the outputs that it does not have yet, and the names of the mocked
    ones: ["table.stream"].

    They are merged as by Terragrunt: "shallow" looks at whole outputs, "deep_map_only" also into objects but not into
    lists. A real value always stays.
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
    """`depth` counts the levels that are merged; None means all."""
    values = dict(real)
    for name, mocks in mock.items() if depth != 0 else ():
        if name not in real:
            values[name] = mocks
            mocked.append(path + name)
        elif isinstance(mocks, dict) and isinstance(real[name], dict):
            values[name] = _merged(mocks, real[name], depth and depth - 1, f"{path}{name}.", mocked)
    return values
