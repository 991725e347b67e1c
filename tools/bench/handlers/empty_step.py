"""A step of payment-events' workflow, empty: hands on what the next step takes, and logs a line."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    print("{}")
    return {**event, "events": [{"event_id": event["correlation_id"], "index": 0}]}
