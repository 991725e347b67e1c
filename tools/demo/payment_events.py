"""Real input through payment-events: valid, invalid, repeated, and while something is broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final

from tools.demo.account import Back, Latency, Outcome, SentEvent, totals
from tools.demo.notifications import Notification, Notifications
from tools.demo.progress import CONCURRENCY, say
from tools.operations.payment_events import PaymentEvents
from tools.waiting import until, until_settled

ALONE: Final = 5
VALID: Final = 200
DUPLICATES: Final = 12


class PaymentEventsDemonstration:
    """Sends everything, and finds out from the back end of the system what became of it."""

    def __init__(self, system: PaymentEvents) -> None:
        now = datetime.now(UTC)
        self._system = system
        self._make = Notifications(f"{int(now.timestamp()):x}", now)
        self._sent: list[SentEvent] = []

    def run(self) -> dict[str, Any]:
        """Send everything. Returns {"sent": n, "processed": n, ..., "latency_ms": {"alone_p50": x, ...}}."""
        self._warm_up()
        say(f"{ALONE} notifications one by one")
        alone = self._one_by_one(ALONE)
        say(f"{VALID} valid notifications of Stripe, Adyen, PayPal and the canonical format, {CONCURRENCY} at a time")
        valid = list(self._make.valid(VALID))
        burst = self._send(valid)
        self._await(burst)
        say("requests of several items, one of them wrong; invalid events; texts that are no event; 256 KiB")
        self._send(
            [
                self._make.adyen(3),
                self._make.adyen_with_a_bad_item(),
                *self._make.invalid(),
                *self._make.unidentifiable(),
                self._make.too_large(),
            ]
        )
        say(f"{DUPLICATES} events a second time")
        self._send(valid[:DUPLICATES])
        say("a transient failure: event-processor takes no invocation until one was refused, then it works again")
        since = datetime.now(UTC)
        with self._system.switched_off("event-processor") as name:
            transient = self._send(self._make.valid(6))
            self._await_throttle(name, since)
        self._await(transient)
        say("a permanent failure: event-enricher takes no invocation until the dead letters are there")
        with self._system.switched_off("event-enricher"):
            self._await(self._send(self._make.valid(3)))
        say("waiting until every event is accounted for")
        back = self._await(self._sent)
        took = [[latency for event in events if (latency := back.latency_ms(event))] for events in (alone, burst)]
        return {
            "sent": len(self._sent),
            **{outcome.value: number for outcome, number in totals(map(back.outcome, self._sent)).items()},
            "latency_ms": Latency(*took).report(),
        }

    def unaccounted(self) -> list[str]:
        """The events that are nowhere, a line each."""
        back = self._look()
        return [
            f"{event.event_id}, sent {event.at.isoformat()} as message {event.message_id}"
            for event in self._sent
            if back.outcome(event) is Outcome.UNACCOUNTED
        ]

    def _warm_up(self) -> None:
        say("warming up: one notification of each format")
        self._one_by_one(4)

    def _one_by_one(self, number: int) -> list[SentEvent]:
        """Send valid notifications, each when the one before was through."""
        sent = []
        for notification in self._make.valid(number):
            sent += self._send([notification])
            self._await(sent)
        return sent

    def _send(self, notifications: Iterable[Notification]) -> list[SentEvent]:
        with ThreadPoolExecutor(CONCURRENCY) as pool:
            sent = list(chain.from_iterable(pool.map(self._send_one, notifications)))
        self._sent += sent
        return sent

    def _send_one(self, notification: Notification) -> list[SentEvent]:
        at = datetime.now(UTC)
        message_id = self._system.publish(notification.text)
        ids = notification.event_ids or (f"unidentified:{message_id}",)
        return [SentEvent(message_id, event_id, at) for event_id in ids]

    def _look(self) -> Back:
        items: dict[tuple[str, str], Mapping[str, Any]] = {
            (item["event_id"], item["stage"]): item for item in self._system.items()
        }
        letters = {letter.correlation_id for letter in self._system.letters()}
        return Back(items, {correlation_id for correlation_id in letters if correlation_id})

    def _await(self, events: list[SentEvent]) -> Back:
        """Look until all events are accounted for, or nothing has changed for a long time."""
        return until_settled(
            self._look,
            lambda back: not totals(map(back.outcome, events))[Outcome.UNACCOUNTED],
            lambda back: len(back.items) + len(back.letters),
        )

    def _await_throttle(self, function: str, since: datetime) -> None:
        metrics = self._system.client("cloudwatch")

        def throttles() -> float:
            points = metrics.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="Throttles",
                Dimensions=[{"Name": "FunctionName", "Value": function}],
                StartTime=since.replace(second=0, microsecond=0),
                EndTime=datetime.now(UTC),
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            return float(sum(point["Sum"] for point in points))

        until(throttles)
