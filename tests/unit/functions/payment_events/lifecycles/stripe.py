"""Lives of payments at Stripe (https://docs.stripe.com/api/events/types)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.unit.functions.payment_events.lifecycles.lifecycle import Lifecycle, Step

_NUMBERS: Iterator[int] = count(1)


def event(name: str, subject: dict[str, Any], **before: Any) -> dict[str, Any]:
    """An event around its object; `before` are its previous attributes."""
    number = next(_NUMBERS)
    data = {"object": subject} | ({"previous_attributes": before} if before else {})
    return {
        "id": f"evt_{number}", "object": "event", "type": name, "created": 1740823200 + number, "livemode": True,
        "data": data,
    }  # fmt: skip


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1", "object": "charge", "amount": 2000, "amount_captured": 2000, "amount_refunded": 0,
        "captured": True, "currency": "eur", "payment_intent": "pi_1", "status": "succeeded",
    } | changes  # fmt: skip


def intent(status: str, **changes: Any) -> dict[str, Any]:
    received = 2000 if status == "succeeded" else 0
    return {
        "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_capturable": 0, "amount_received": received,
        "currency": "eur", "payment_method_types": ["card"], "status": status,
    } | changes  # fmt: skip


LIFECYCLES = [
    Lifecycle(
        "a card payment",
        [
            Step(event("payment_intent.created", intent("requires_payment_method")), "pending/authorisation"),
            Step(event("charge.succeeded", charge()), "captured/capture", 2000),
            Step(event("payment_intent.succeeded", intent("succeeded")), "captured/capture"),
        ],
        {("pi_1", "EUR"): 2000},
    ),
]
