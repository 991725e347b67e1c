"""Which queue an event belongs to (WHK-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from functions.common.errors import PermanentError
from functions.webhooks.logic.events import TransactionType
from functions.webhooks.logic.handover import HandOver


class UnroutableEvent(PermanentError):
    """The router has no queue for what it received."""


class Queue(Protocol):
    def send(self, body: str, attributes: Mapping[str, str], /) -> None: ...


def read_hand_over(event: object) -> HandOver:
    """Raises UnroutableEvent for what is no hand-over from the validator."""
    try:
        return msgspec.convert(event, HandOver)
    except msgspec.ValidationError as error:
        # msgspec's messages name fields and types, never a value.
        raise UnroutableEvent(f"the router was not given a hand-over: {error}") from error


def route(hand_over: HandOver, queues: Mapping[TransactionType, Queue]) -> None:
    """Send the event to the queue of its type. The body is the payload, byte for byte. The attributes are what a
    consumer needs before it parses the body; it deduplicates on `event_id`.

    Raises UnroutableEvent for an unknown type, and what the queue raises.
    """
    try:
        transaction_type = TransactionType(hand_over.transaction_type)
    except ValueError as error:
        raise UnroutableEvent(
            f"event {hand_over.event_id} has a transaction_type that has no queue: there are queues for "
            f"{', '.join(queues)}"
        ) from error
    attributes = {
        "event_id": hand_over.event_id,
        "transaction_type": transaction_type.value,
        "timestamp": hand_over.timestamp,
        "correlation_id": hand_over.correlation_id,
    }
    queues[transaction_type].send(hand_over.payload, attributes)
