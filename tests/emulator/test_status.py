"""`status` counts by the index, within a time, and never reads a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulator.conftest import System
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notifications
from tools.waiting import wait_for


@contextmanager
def without_scans(dynamodb: Any) -> Iterator[None]:
    """A block in which reading a whole table fails."""

    def refuse(**_: object) -> None:
        raise AssertionError("a whole table is read")

    dynamodb.meta.events.register("before-call.dynamodb.Scan", refuse)
    try:
        yield
    finally:
        dynamodb.meta.events.unregister("before-call.dynamodb.Scan", refuse)


def test_events_are_counted_by_stage_and_status_since_a_time(payment_events: System, make: Notifications) -> None:
    system, began = payment_events.deployed, datetime.now(UTC)
    notification = make.canonical()
    system.publish(notification.text)
    payment_events.enriched(notification.event_ids[0])
    with without_scans(payment_events.client("dynamodb")):
        counted = wait_for(
            lambda: found if (found := system.standing(began))["event-enricher", "ENRICHED"] else None, "the index"
        )
        assert {kind for kind, _ in counted} >= {"event-trigger", "event-validator", "event-processor"}
        assert system.standing(datetime.now(UTC) + timedelta(minutes=1)) == {}


def test_webhooks_are_counted_by_type_and_status_and_move_with_their_status(webhooks: WebhookSystem) -> None:
    system, began = webhooks.deployed, datetime.now(UTC)
    event = webhooks.event("dispute")
    assert webhooks.post(event).status == 200
    with without_scans(webhooks.client("dynamodb")):
        counted = system.standing(began)
        assert counted["dispute", "HANDED_OVER"] >= 1
        assert system.standing(datetime.now(UTC) + timedelta(minutes=1)) == {}
        handed_over = system.of_status("HANDED_OVER", began.isoformat(), "9999")
        assert event["event_id"] in {item["event_id"] for item in handed_over}
        received = system.of_status("RECEIVED", began.isoformat(), "9999")
        assert event["event_id"] not in {item["event_id"] for item in received}
