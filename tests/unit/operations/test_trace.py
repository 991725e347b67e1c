"""A trace follows what was asked for and nothing else, and reads as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tools.operations.logs import Window, patterns_of, windows_around
from tools.operations.trace import Entry, Subject, Trace, Verdict, _the_other

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
BATCH = Subject(frozenset({"adyen:A", "adyen:B"}), frozenset({"m-1"}))


def subject(events: set[str], deliveries: set[str]) -> Subject:
    return Subject(frozenset(events), frozenset(deliveries))


@pytest.mark.parametrize(
    ("identifier", "known", "seen", "gained"),
    [
        pytest.param("adyen:A", Subject(), BATCH, subject({"adyen:A"}, {"m-1"}), id="an event, not its neighbours"),
        pytest.param("A", Subject(), BATCH, subject({"adyen:A"}, {"m-1"}), id="the provider's id of an event"),
        pytest.param(
            "m-1", Subject(), BATCH, subject({"adyen:A", "adyen:B"}, {"m-1"}), id="a delivery with its events"
        ),
        pytest.param("C", Subject(), BATCH, Subject(), id="something else"),
        pytest.param("en:A", Subject(), BATCH, Subject(), id="no part of a part"),
        pytest.param(
            "adyen:A",
            subject({"adyen:A"}, {"m-0"}),
            BATCH,
            subject({"adyen:A"}, {"m-1"}),
            id="another delivery of the event",
        ),
        pytest.param(
            "m-0",
            subject({"adyen:A"}, {"m-0"}),
            BATCH,
            Subject(),
            id="not the other deliveries of a delivery's event",
        ),
    ],
)
def test_what_is_asked_for_is_followed_and_nothing_else(
    identifier: str, known: Subject, seen: Subject, gained: Subject
) -> None:
    assert _the_other(identifier, known, seen) == gained


def test_an_execution_is_followed_from_the_delivery_that_started_it() -> None:
    seen = Subject(deliveries=frozenset({"m-1"}), executions=frozenset({"arn:1"}))
    assert _the_other("e", subject({"e"}, {"m-1"}), seen).executions == {"arn:1"}
    assert not _the_other("e", subject({"e"}, {"m-2"}), seen)


def test_times_close_together_are_read_at_once_and_others_apart() -> None:
    minutes = [timedelta(0), timedelta(minutes=20), timedelta(days=3)]
    quarter = timedelta(minutes=15)
    assert windows_around(AT + minute for minute in minutes) == [
        Window(AT - quarter, AT + timedelta(minutes=35)),
        Window(AT + timedelta(days=3) - quarter, AT + timedelta(days=3) + quarter),
    ]


def test_an_id_is_looked_for_as_it_stands_in_json() -> None:
    assert list(patterns_of(["plain", 'with "quotes" and \\'])) == [
        '?"plain" ?"with \\\\\\"quotes\\\\\\" and \\\\\\\\"'
    ]


def test_patterns_keep_to_what_cloudwatch_logs_takes() -> None:
    terms = [f"{number:036}" for number in range(100)]
    patterns = list(patterns_of(terms))
    assert max(map(len, patterns)) <= 1024
    assert sum(pattern.count("?") for pattern in patterns) == 100


def test_a_trace_is_in_order_of_time_fits_a_terminal_and_ends_with_what_it_comes_to() -> None:
    entries = [
        Entry(
            AT + timedelta(seconds=1), "event-validator", "REJECTED in 3 ms " + ", ".join(["amount.value missing"] * 9)
        ),
        Entry(AT, "event-trigger", "FORWARDED in 12 ms"),
        Entry(AT + timedelta(days=1), "log event-trigger", "odd \u202e\x1b[2J text"),
    ]
    command = f"tools/pipelines system redrive payment-events --queue {'event-validator' * 6}"
    verdict = Verdict("e was rejected " * 9, command)
    text = str(Trace("e in payment-events", entries, [verdict], ["logs may be late"]))
    *lines, last = text.splitlines()
    assert max(map(len, lines)) <= 98
    assert last == f"next: {command}"
    assert lines[2:4] == ["2026-11-01 (UTC)", "12:00:00.000  event-trigger      FORWARDED in 12 ms"]
    assert "2026-11-02 (UTC)" in lines
    assert "\x1b" not in text
    assert lines[-2].startswith("verdict: e was rejected")


def test_a_trace_of_nothing_says_so() -> None:
    assert str(Trace("e", [], [], [])).splitlines()[-1] == "verdict: nothing is known about it"
