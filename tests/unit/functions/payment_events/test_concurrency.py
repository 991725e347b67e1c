"""Two deliveries of one event at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.payment_events.logic.audit import AuditTrail, Stage
from functions.payment_events.logic.validation import Decision, Validator
from tests.unit.functions.fakes import FakeQueue, FakeTable
from tests.unit.functions.payment_events.notifications import canonical, notification


@pytest.mark.requirement("EVT-21", "EVT-24")
def test_of_two_deliveries_at_once_one_is_accepted_and_one_is_a_duplicate() -> None:
    """Both reach their first write before either is carried out: only the condition can tell them apart."""
    both = threading.Barrier(2, timeout=10)
    met = threading.local()

    def meet() -> None:
        if not getattr(met, "once", False):
            met.once = True
            both.wait()

    table = FakeTable(before_write=meet)
    validator = Validator(
        AuditTrail(table, Stage.VALIDATOR, "r"), FakeQueue().send, timedelta(days=30), accept_test_events=True
    )

    def deliver(message_id: str) -> Decision:
        return validator.validate(notification(canonical(), message_id))

    with ThreadPoolExecutor(2) as pool:
        decisions = list(pool.map(deliver, ["m1", "m2"]))
    assert sorted(len(decision.accepted) for decision in decisions) == [0, 1]
    assert sorted(len(decision.duplicates) for decision in decisions) == [0, 1]
