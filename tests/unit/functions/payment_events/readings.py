"""A document of a provider, read as the notification that it is."""

from __future__ import annotations

import json
from typing import Any

from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Payment, Reading


def read(document: dict[str, Any]) -> Reading:
    [reading] = read_notification(json.dumps(document))
    return reading


def payment(document: dict[str, Any]) -> Payment:
    reading = read(document)
    assert reading.payment is not None, reading.faults
    return reading.payment


def faults(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in read(document).faults]
