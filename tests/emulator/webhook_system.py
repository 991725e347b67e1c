"""webhooks as it is deployed, with a provider that posts to it and a consumer that empties its queues."""

from __future__ import annotations

import json
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from functions.webhooks.logic.signatures import sign
from tools.operations.event_letters import ROUTER
from tools.operations.queues import WAIT_S, Message
from tools.operations.rest_api import Answer
from tools.operations.webhooks import Webhooks
from tools.waiting import wait_for

Event = dict[str, Any]


class WebhookSystem:
    """All tests share it: each posts events with ids of its own, and asks for what became of these."""

    def __init__(self, deployed: Webhooks) -> None:
        self.deployed = deployed
        # Not a new one where there is one: warm functions would need half a minute to know it.
        self.secrets = [deployed.current_secret() or deployed.rotate_secret()]
        self._taken: dict[str, list[Message]] = defaultdict(list)

    @cached_property
    def client(self) -> Callable[[str], Any]:
        return self.deployed.client

    def function(self, name: str) -> dict[str, Any]:
        """What the service unit says of a function: name, role_arn, role_name, log_group, ..."""
        found: dict[str, Any] = self.deployed.service["functions"][name]
        return found

    def rotate_secret(self) -> None:
        """Make a new secret the current one; `secrets` has every one that ever was, the newest last."""
        self.secrets.append(self.deployed.rotate_secret())

    def event(self, transaction_type: str = "payment", **changes: Any) -> Event:
        """A valid event that nobody sent before."""
        return {
            "event_id": f"test-{uuid.uuid4().hex}",
            "transaction_type": transaction_type,
            "amount": 149.9,
            "timestamp": datetime.now(UTC).isoformat(),
        } | changes

    def post(self, event: Event | bytes, secret: str | None = None, at: float | None = None) -> Answer:
        """Post an event, or a body as it is, signed with the current secret, or another."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.deployed.post_signed(body, secret or self.secrets[-1], at)

    def signature(self, body: bytes) -> dict[str, str]:
        """The headers that sign a body, as of now, with the current secret."""
        timestamp = str(int(time.time()))
        digest = sign(body, timestamp, self.secrets[-1].encode())
        return {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": f"v1={digest}"}

    def item(self, event_id: str) -> dict[str, Any]:
        """The record of an event; empty when there is none."""
        return self.deployed.record(event_id)

    def copies(self, event_id: str) -> list[Message]:
        """Every message about an event that has come so far, out of whichever queue."""
        self._consume()
        return self._taken[event_id]

    def numbers_of_copies(self, events: Iterable[Event]) -> set[int]:
        """How many messages there are about an event: one number, if there are as many about each."""
        self._consume()
        return {len(self._taken[event["event_id"]]) for event in events}

    def arrived(self, event_id: str, number: int = 1) -> list[Message]:
        """The messages about an event, once there are as many."""

        def look() -> list[Message] | None:
            if len(self._taken[event_id]) < number:
                self._consume(wait_s=0)
            found = self._taken[event_id]
            return found if len(found) >= number else None

        return wait_for(look, f"message {number} about {event_id}")

    def _consume(self, wait_s: int = WAIT_S) -> None:
        for message in self.deployed.consume(wait_s):
            self._taken[message.attributes.get("event_id", "")].append(message)

    def letter(self, event_id: str) -> dict[str, Any]:
        """The record of the invocation of the router that Lambda gave up, once it is in the dead-letter queue."""

        def look() -> dict[str, Any] | None:
            letters = (letter for letter in self.deployed.letters(ROUTER) if letter.event_id == event_id)
            return next((dict(letter.body) for letter in letters), None)

        return wait_for(look, f"a dead letter about {event_id}")

    def redrive(self, queue: str, event_id: str) -> None:
        """Send what the dead letter about an event carries on its way again."""
        assert self.deployed.redrive(queue, lambda letter: letter.event_id == event_id).sent.total() == 1

    def log(self, function: str, since: float = 0) -> list[str]:
        """The lines that a function has logged, from a time in epoch seconds on."""
        pages = self.client("logs").get_paginator("filter_log_events")
        group = self.function(function)["log_group"]["name"]
        return [
            event["message"]
            for page in pages.paginate(logGroupName=group, startTime=int(since * 1000))
            for event in page["events"]
        ]

    def logged(self, function: str, text: str, since: float) -> str:
        """The first line with this text that a function logs from a time in epoch seconds on."""
        return wait_for(
            lambda: next((line for line in self.log(function, since) if text in line), None),
            f"{text!r} in the log of {function}",
        )
