"""Which queue an event goes to (WHK-11)."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest

from functions.webhooks.logic.events import TransactionType
from functions.webhooks.logic.handover import HandOver
from functions.webhooks.logic.routing import UnroutableEvent, read_hand_over, route


class MemoryQueue:
    def __init__(self) -> None:
        self.messages: list[tuple[str, Mapping[str, str]]] = []

    def send(self, body: str, attributes: Mapping[str, str]) -> None:
        self.messages.append((body, attributes))


def hand_over(transaction_type: str = "refund") -> HandOver:
    return HandOver("evt-1", transaction_type, "2026-03-01T10:15:30Z", "request-1", '{"amount": 0.10}')


@pytest.mark.requirement("WHK-11")
@pytest.mark.parametrize("transaction_type", TransactionType)
def test_an_event_goes_to_the_queue_of_its_type_with_what_a_consumer_needs(transaction_type: TransactionType) -> None:
    queues = {known: MemoryQueue() for known in TransactionType}

    route(hand_over(transaction_type.value), queues)

    (message,) = queues.pop(transaction_type).messages
    assert message == (
        '{"amount": 0.10}',
        {
            "event_id": "evt-1",
            "transaction_type": transaction_type.value,
            "timestamp": "2026-03-01T10:15:30Z",
            "correlation_id": "request-1",
        },
    )
    assert not any(queue.messages for queue in queues.values())


@pytest.mark.requirement("WHK-12")
def test_an_unknown_type_is_refused_by_name_and_not_dropped() -> None:
    with pytest.raises(UnroutableEvent, match=f"evt-1 .* {', '.join(TransactionType)}"):
        route(hand_over("parcel"), {known: MemoryQueue() for known in TransactionType})


def test_what_the_validator_hands_over_is_what_the_router_reads() -> None:
    assert read_hand_over(msgspec.json.decode(hand_over().encode())) == hand_over()


@pytest.mark.parametrize("event", [{}, [], {"event_id": 1}, None])
def test_what_is_no_hand_over_is_refused(event: object) -> None:
    with pytest.raises(UnroutableEvent, match="not given a hand-over"):
        read_hand_over(event)
