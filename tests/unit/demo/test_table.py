"""The demonstration's table fits a terminal, and does not pass the waiting of a burst for the time of an event."""

from __future__ import annotations

from typing import Any

from tools.demo.account import Latency, Outcome
from tools.demo.cli import table

OUTCOMES = {"sent": 100_271} | dict.fromkeys(Outcome, 100_000)


def result(alone: list[float], burst: list[float]) -> dict[str, Any]:
    return {**OUTCOMES, "latency_ms": Latency(alone, burst).report()}


def test_a_table_of_four_systems_fits_80_columns() -> None:
    systems = {name: result([310.2], [8200.0] * 200) for name in ("payment-events", "webhooks", "csv-upload")}
    systems["transaction-files"] = result([900.0], []) | {"large_file": {"rows": 100_000, "seconds": 120.5}}
    lines = list(table(systems))
    assert max(map(len, lines)) <= 80
    assert "unaccounted" in "".join(lines)


def test_one_event_alone_and_a_burst_are_named_apart() -> None:
    lines = list(table({"payment-events": result([300.0, 310.0, 900.0], [8000.0, 9000.0])}))
    assert [line.split() for line in lines[-4:-1]] == [
        ["one", "event", "alone,", "p50", "310", "ms"],
        ["in", "a", "burst,", "p50", "8.0", "s"],
        ["in", "a", "burst,", "p99", "9.0", "s"],
    ]
    assert "a burst is 2 events" in lines[-1]


def test_a_system_that_let_nothing_through_has_no_times() -> None:
    assert Latency([], []).report() == {"alone_p50": None, "burst": 0, "burst_p50": None, "burst_p99": None}
    assert list(table({"webhooks": result([], [])}))[-2].split()[-1] == "-"
