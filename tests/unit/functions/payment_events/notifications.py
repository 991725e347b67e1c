"""Canonical notifications for tests: small, valid, and changed where a test says so."""

from __future__ import annotations

import json
from typing import Any

from functions.payment_events.logic.workflow import Notification

RECEIVED_AT = "2025-03-01T12:00:00.000Z"


def canonical(event_id: str = "e1", **changes: Any) -> dict[str, Any]:
    return {
        "schema": "payment-event/1",
        "event_id": event_id,
        "type": "captured",
        "amount_minor": 1025,
        "currency": "EUR",
        "occurred_at": "2025-03-01T11:00:00Z",
    } | changes


def adyen(*references: str, **changes: Any) -> dict[str, Any]:
    """A notification with an authorisation for each reference; `bad...` ones have no currency that exists."""
    items = [
        {
            "amount": {"currency": "XQX" if reference.startswith("bad") else "EUR", "value": 1000},
            "eventCode": "AUTHORISATION",
            "eventDate": "2025-03-01T11:00:00Z",
            "pspReference": reference,
            "success": "true",
        }
        | changes
        for reference in references
    ]
    return {"live": "false", "notificationItems": [{"NotificationRequestItem": item} for item in items]}


def notification(document: object, correlation_id: str = "m1", received_at: str = RECEIVED_AT) -> Notification:
    payload = document if isinstance(document, str) else json.dumps(document)
    return Notification(correlation_id, received_at, payload)
