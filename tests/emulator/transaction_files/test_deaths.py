"""Functions that die, and services that fail: nothing is lost, and nothing is there twice.

It happens at the first, a middle and the last call of each kind, before the call has its effect, and after it.

The unit tests let a function die at every call, against stores in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
import pytest

from functions.transaction_files.logic.arrivals import Arrival
from tests.emulator.transaction_files.stores import Stores, World, dies, is_unavailable, loses_the_answer
from tests.unit.functions.transaction_files.test_processing import FILES, RECORDS
from tools.emulator import control

CASES = [("a.csv", False), ("lines.json", False), ("a.csv", True), ("array.json", False), ("object.json", False)]
# A file in parts of one batch, and one that is cut for several functions.
PARTS: list[dict[str, int]] = [{"batches": 1}, {"segment_bytes": 9_000}]


@pytest.fixture(scope="module")
def stores(emulator: control.Emulator | None) -> Stores:
    if emulator is None:
        pytest.skip("calls of this process are made to fail, which is the same on an account")
    return Stores(emulator)


@pytest.fixture(scope="module")
def undisturbed(stores: Stores) -> Callable[..., tuple[Arrival, object, list[str]]]:
    """A file, what it leaves where nothing fails, and the calls that this takes."""
    known: dict[tuple[str, bool, str], tuple[Arrival, object, list[str]]] = {}

    def look(name: str, compressed: bool, settings: dict[str, int]) -> tuple[Arrival, object, list[str]]:
        key = (name, compressed, str(settings))
        if key not in known:
            arrival = stores.upload(name, FILES[name], compressed=compressed)
            world = stores.world(**settings)
            stores.wire.calls = []
            world.run(arrival)
            calls = [*stores.wire.calls]
            assert_complete(world, arrival)
            known[key] = arrival, world.result(arrival), calls
        return known[key]

    return look


def assert_complete(world: World, arrival: Arrival) -> None:
    counts, complete = world.counts(arrival)
    assert complete
    assert sum(counts.values()) == RECORDS
    assert counts["stored"] == len(world.items("transactions"))
    assert counts["conflicts"] + counts["rejected"] == len(world.items("errors"))
    assert all(counts.values()), counts


def first_middle_and_last(calls: list[str]) -> list[int]:
    """The numbers of these calls, among those of the same kind."""
    of_a_kind = [[number for number, other in enumerate(calls, 1) if other == kind] for kind in {*calls}]
    return sorted({one for numbers in of_a_kind for one in (numbers[0], numbers[len(numbers) // 2], numbers[-1])})


def check(
    stores: Stores,
    undisturbed: Callable[..., tuple[Arrival, object, list[str]]],
    fault: Callable[[], Any],
    name: str,
    compressed: bool,
    settings: dict[str, int],
) -> None:
    arrival, expected, calls = undisturbed(name, compressed, settings)
    for number in first_middle_and_last(calls):
        for after in (False, True):
            world = stores.world(**settings)
            with stores.wire.failing(fault, number, after=after):
                world.run(arrival)
            when = f"{fault.__name__} {'after' if after else 'before'} call {number}, {calls[number - 1]}"
            assert world.result(arrival) == expected, when
            assert len(stores.wire.calls) >= number, when


@pytest.mark.requirement("TXF-12", "TXF-13", "TXF-31")
@pytest.mark.parametrize(("name", "compressed"), CASES)
def test_a_function_that_dies_at_any_call_loses_nothing_and_doubles_nothing(
    stores: Stores, undisturbed: Callable[..., Any], name: str, compressed: bool
) -> None:
    check(stores, undisturbed, dies, name, compressed, {})


@pytest.mark.requirement("TXF-13", "TXF-14", "TXF-16")
@pytest.mark.parametrize("settings", PARTS)
def test_so_does_one_that_works_on_a_part_of_a_file(
    stores: Stores, undisturbed: Callable[..., Any], settings: dict[str, int]
) -> None:
    check(stores, undisturbed, dies, "a.csv", False, settings)


@pytest.mark.requirement("TXF-12", "TXF-13")
@pytest.mark.parametrize("fault", [is_unavailable, loses_the_answer])
def test_a_service_that_fails_once_at_any_call_changes_nothing(
    stores: Stores,
    undisturbed: Callable[..., Any],
    fault: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    check(stores, undisturbed, fault, "a.csv", False, {})
