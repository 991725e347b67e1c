"""The demonstration's notifications are what their names say, judged by the functions' own logic."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.validation import judge_age
from tools.demo.notifications import Notification, Notifications

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def make() -> Notifications:
    return Notifications("0f3a", NOW)


def verdicts(notification: Notification) -> list[tuple[str | None, bool]]:
    """For each event of a notification its id, and whether it is accepted."""
    readings = [
        judge_age(reading, NOW.isoformat(), timedelta(days=30)) for reading in read_notification(notification.text)
    ]
    return [(reading.event_id, not reading.faults) for reading in readings]


def test_valid_ones_are_accepted_under_the_ids_that_they_are_sent_with(make: Notifications) -> None:
    for notification in [*make.valid(40), make.adyen(3)]:
        assert verdicts(notification) == [(event_id, True) for event_id in notification.event_ids], notification.text


def test_each_invalid_one_is_rejected_under_its_id(make: Notifications) -> None:
    for notification in make.invalid():
        assert verdicts(notification) == [(notification.event_ids[0], False)], notification.text


def test_a_bad_item_stands_beside_a_good_one(make: Notifications) -> None:
    assert [accepted for _, accepted in verdicts(make.adyen_with_a_bad_item())] == [True, False]


def test_what_is_no_event_has_no_identity(make: Notifications) -> None:
    for notification in make.unidentifiable():
        assert verdicts(notification) == [(None, False)]


def test_the_large_one_is_as_large_as_a_message_may_be_and_valid_otherwise(make: Notifications) -> None:
    notification = make.too_large()
    assert len(notification.text.encode()) == 262_144
    assert verdicts(notification) == [(notification.event_ids[0], True)]


def test_two_runs_share_no_event() -> None:
    def ids(run: str) -> set[str]:
        return {event_id for notification in Notifications(run, NOW).valid(40) for event_id in notification.event_ids}

    assert ids("one").isdisjoint(ids("two"))
    assert len(ids("one")) == 40
    assert json.loads(Notifications("one", NOW).stripe().text)["object"] == "event"


def test_of_each_provider_some_events_count_towards_the_amounts(make: Notifications) -> None:
    counting = {
        notification.provider
        for notification in make.valid(80)
        for reading in read_notification(notification.text)
        if reading.payment is not None and reading.payment.counts
    }
    assert counting == {"stripe", "adyen", "paypal", "canonical"}
