"""Behind the webhooks' API: does nothing, and logs a line."""

from __future__ import annotations

from typing import Any


def handler(_event: dict[str, Any], _context: object) -> dict[str, Any]:
    print("{}")
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}
