"""What became of each event, by the audit table and the dead-letter queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tools.measures import percentile


class Outcome(StrEnum):
    PROCESSED = "processed"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    DEAD_LETTERED = "dead_lettered"
    UNACCOUNTED = "unaccounted"


@dataclass(frozen=True)
class SentEvent:
    """One event of one notification: the SNS message that carried it, and when it was sent."""

    message_id: str
    event_id: str
    at: datetime


@dataclass
class Back:
    """The back of the system: audit items by (event id, stage), and the correlation ids that have a dead letter."""

    items: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)

    def outcome(self, event: SentEvent) -> Outcome:
        """A rejection counts when it is recorded and its letter is in a queue; one without the other is a loss."""
        enriched = self._item(event, event.event_id, "event-enricher")
        if enriched and enriched["status"] == "ENRICHED":
            return Outcome.PROCESSED
        duplicate = self._item(event, f"delivery:{event.message_id}", "event-validator")
        if duplicate and event.event_id in duplicate["duplicate_of"]:
            return Outcome.DUPLICATE
        if event.message_id not in self.letters:
            return Outcome.UNACCOUNTED
        for stage in ("event-trigger", "event-validator"):
            item = self._item(event, event.event_id, stage)
            if item and item["status"] == "REJECTED":
                return Outcome.REJECTED
        return Outcome.DEAD_LETTERED

    def latency_ms(self, event: SentEvent) -> float | None:
        """From sending to the enricher's record, for a processed event."""
        item = self._item(event, event.event_id, "event-enricher")
        if not item or item["status"] != "ENRICHED":
            return None
        return (datetime.fromisoformat(item["at"]) - event.at).total_seconds() * 1000

    def _item(self, event: SentEvent, event_id: str, stage: str) -> Mapping[str, Any] | None:
        item = self.items.get((event_id, stage))
        return item if item and item["correlation_id"] == event.message_id else None


def totals(outcomes: Iterable[Outcome]) -> dict[Outcome, int]:
    """How many events came to each outcome; every outcome is named."""
    counted = Counter(outcomes)
    return {outcome: counted[outcome] for outcome in Outcome}


@dataclass(frozen=True)
class Latency:
    """How long events took, in milliseconds: those that were sent one by one, each when the one before was through, and
    those of a burst, which wait for each other.
    """

    alone: Sequence[float]
    burst: Sequence[float]

    def report(self) -> dict[str, int | None]:
        """{"alone_p50": x, "burst": how many, "burst_p50": x, "burst_p99": x}; None where none came through."""

        def of(values: Sequence[float], share: float) -> int | None:
            return round(percentile(values, share)) if values else None

        return {
            "alone_p50": of(self.alone, 0.5),
            "burst": len(self.burst),
            "burst_p50": of(self.burst, 0.5),
            "burst_p99": of(self.burst, 0.99),
        }
