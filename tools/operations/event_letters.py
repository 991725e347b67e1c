"""Dead letters of webhooks: of its router, and of the consumers of its queues."""

from __future__ import annotations

from typing import Any

from tools.operations.dead_letters import UNREADABLE, DeadLetter

ROUTER = "event-router"


class EventLetter(DeadLetter):
    """Two writers: Lambda, with its record of an invocation that the router failed
    (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html); a queue, with the message that
    its consumer did not delete.
    """

    @property
    def hand_over(self) -> dict[str, Any] | None:
        """What the router was invoked with; None in a letter of a queue."""
        payload = self.body.get("requestPayload") if isinstance(self.body, dict) else None
        return payload if isinstance(payload, dict) else None

    @property
    def event_id(self) -> str:
        """Empty if the letter does not say."""
        carried = self.hand_over or self.body
        return str(carried.get("event_id", "")) if isinstance(carried, dict) else ""

    @property
    def step(self) -> str:
        return ROUTER if self.hand_over else "consumer"

    @property
    def error(self) -> str:
        """The router's error, or why Lambda did not invoke it; "not consumed" in a letter of a queue."""
        if not isinstance(self.body, dict):
            return UNREADABLE
        if not self.hand_over:
            return "not consumed"
        failure = self.body.get("responsePayload") or {}
        return str(failure.get("errorType") or self.body["requestContext"]["condition"])
