"""What became of an event is told from the back of the system."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tools.demo.account import Back, Outcome, SentEvent, totals

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENT = SentEvent("message-1", "stripe:evt_1", AT)


def item(status: str, correlation_id: str = "message-1", **more: object) -> dict[str, object]:
    return {"status": status, "correlation_id": correlation_id, "at": (AT + timedelta(seconds=2)).isoformat(), **more}


@pytest.mark.parametrize(
    ("back", "outcome"),
    [
        pytest.param(Back({("stripe:evt_1", "event-enricher"): item("ENRICHED")}), Outcome.PROCESSED, id="enriched"),
        pytest.param(
            Back({("stripe:evt_1", "event-validator"): item("REJECTED")}, {"message-1"}),
            Outcome.REJECTED,
            id="recorded as rejected, and its letter is there",
        ),
        pytest.param(
            Back({("stripe:evt_1", "event-trigger"): item("REJECTED")}, {"message-1"}),
            Outcome.REJECTED,
            id="rejected at the front",
        ),
        pytest.param(
            Back({("stripe:evt_1", "event-validator"): item("REJECTED")}),
            Outcome.UNACCOUNTED,
            id="recorded as rejected, but no letter",
        ),
        pytest.param(
            Back({("delivery:message-1", "event-validator"): item("DUPLICATE", duplicate_of=["stripe:evt_1"])}),
            Outcome.DUPLICATE,
            id="a second delivery",
        ),
        pytest.param(
            Back({("delivery:message-1", "event-validator"): item("DUPLICATE", duplicate_of=["stripe:evt_2"])}),
            Outcome.UNACCOUNTED,
            id="another event of the delivery was the duplicate",
        ),
        pytest.param(
            Back({("stripe:evt_1", "event-validator"): item("ACCEPTED")}, {"message-1"}),
            Outcome.DEAD_LETTERED,
            id="accepted, then dead-lettered",
        ),
        pytest.param(
            Back({("stripe:evt_1", "event-validator"): item("ACCEPTED")}), Outcome.UNACCOUNTED, id="stuck on the way"
        ),
        pytest.param(
            Back({("stripe:evt_1", "event-enricher"): item("ENRICHED", "message-0")}),
            Outcome.UNACCOUNTED,
            id="what stands there belongs to another delivery",
        ),
    ],
)
def test_an_event_is_judged_by_what_stands_in_table_and_queues(back: Back, outcome: Outcome) -> None:
    assert back.outcome(EVENT) is outcome


def test_totals_name_every_outcome() -> None:
    assert totals([Back().outcome(EVENT)]) == {
        Outcome.PROCESSED: 0,
        Outcome.REJECTED: 0,
        Outcome.DUPLICATE: 0,
        Outcome.CONFLICT: 0,
        Outcome.DEAD_LETTERED: 0,
        Outcome.UNACCOUNTED: 1,
    }


def test_latency_runs_from_sending_to_the_last_record() -> None:
    assert Back({("stripe:evt_1", "event-enricher"): item("ENRICHED")}).latency_ms(EVENT) == 2000
    assert Back().latency_ms(EVENT) is None
