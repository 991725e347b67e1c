"""Whoever adds up `net_minor` of a payment's events gets what the provider's balance shows, before fees."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Payment, Reading
from tests.unit.functions.payment_events.lifecycles import adyen, paypal, stripe
from tests.unit.functions.payment_events.lifecycles.lifecycle import Lifecycle, Step

LIFECYCLES = [
    pytest.param(each, id=f"{module.__name__.rpartition('.')[2]}: {each.name}")
    for module in (adyen, paypal, stripe)
    for each in module.LIFECYCLES
]


def readings_of(step: Step) -> list[Reading]:
    return read_notification(json.dumps(step.notification))


def payments(step: Step) -> list[Payment]:
    readings = readings_of(step)
    assert [reading.faults for reading in readings] == [[]] * len(readings), step.what
    return [reading.payment for reading in readings if reading.payment is not None]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_each_movement_of_money_in_the_life_of_a_payment_counts_once(lifecycle: Lifecycle) -> None:
    told = [[(f"{each.type}/{each.operation}", each.net_minor) for each in payments(step)] for step in lifecycle.steps]
    assert told == [[(step.what, step.net)] for step in lifecycle.steps]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_no_event_of_a_payment_is_taken_for_another(lifecycle: Lifecycle) -> None:
    identifiers = [reading.event_id for step in lifecycle.steps for reading in readings_of(step)]
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("lifecycle", LIFECYCLES)
def test_the_nets_of_a_payments_events_come_to_what_the_balance_shows(lifecycle: Lifecycle) -> None:
    balance: Counter[tuple[str | None, str]] = Counter()
    for step in lifecycle.steps:
        for payment in payments(step):
            balance[payment.payment_reference, payment.currency] += payment.net_minor
    assert {key: net for key, net in balance.items() if net} == {
        key: net for key, net in lifecycle.balance.items() if net
    }
