"""Adyen's webhooks for tests: a standard webhook with one item, and a transfer of a platform."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from functions.payment_events.logic.formats.adyen_events import EITHER, EVENTS

_MINUTES: Iterator[int] = count(0)


def notification(code: str, reference: str = "PSP1", *, value: Any = 10000, **changes: Any) -> dict[str, Any]:
    minute = next(_MINUTES)
    item = {
        "additionalData": {}, "amount": {"currency": "EUR", "value": value}, "eventCode": code,
        "eventDate": f"2025-03-01T{10 + minute // 60 % 12:02}:{minute % 60:02}:00+01:00",
        "merchantAccountCode": "ShopCOM", "paymentMethod": "visa", "pspReference": reference, "reason": "",
        "success": "true",
    }  # fmt: skip
    return {"live": "true", "notificationItems": [{"NotificationRequestItem": item | changes}]}


def dispute(code: str, status: str | None = None, **changes: Any) -> dict[str, Any]:
    details = {"chargebackReasonCode": "10.4"} | ({"disputeStatus": status} if status else {})
    return notification(code, "DISPUTE1", originalReference="PSP1", additionalData=details, **changes)


def transfer(status: str, sequence: int = 1, *, event: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """`event` is the newest event of the transfer; left out, one of its accounting that moves no money."""
    events = [{"status": "received", "type": "accounting"}, {"status": status, "type": "accounting"} | (event or {})]
    data = {
        "id": "TRANSFER1", "status": status, "sequenceNumber": sequence, "category": "bank", "direction": "outgoing",
        "type": "bankTransfer", "amount": {"currency": "EUR", "value": 10000},
        "balanceAccount": {"id": "BA1"}, "creationDate": "2025-03-01T10:00:00+01:00",
        "events": events,
    }  # fmt: skip
    name = "balancePlatform.transfer.created" if sequence == 1 else "balancePlatform.transfer.updated"
    return {"type": name, "environment": "live", "timestamp": "2025-03-01T10:00:00+01:00", "data": data | changes}


def booked(number: int) -> dict[str, Any]:
    """An event of a transfer that changes the balance."""
    return {"transactionId": f"EVJN{number}EUR"}


def notifications() -> Iterator[dict[str, Any]]:
    """One valid notification of each event."""
    for code in EVENTS:
        yield notification(code, originalReference="PSP0")
    for code in sorted(EITHER):
        yield notification(code, additionalData={"modification.action": "refund", "shopperReference": "shopper-1"})
    yield transfer("received")
    yield transfer("booked", 3, event=booked(3))
