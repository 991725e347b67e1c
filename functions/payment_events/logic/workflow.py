"""What travels on the bus and from step to step of the workflow (docs/architecture.md, "Payment events")."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from functions.common.faults import Fault
from functions.payment_events.logic.errors import InvalidEvent
from functions.payment_events.logic.payments import PaymentRecord

EVENT_SOURCE = "payment-events"
DETAIL_TYPE = "payment-notification"


class Notification(msgspec.Struct, frozen=True):
    """`correlation_id` is the SNS message's id, `received_at` its time, `payload` its text, byte for byte."""

    correlation_id: str
    received_at: str
    payload: str


class AcceptedEvent(msgspec.Struct, frozen=True):
    """An event that the validator accepted, and the place of its item in the notification."""

    event_id: str
    index: int


class ValidatedNotification(Notification, frozen=True):
    events: list[AcceptedEvent]


# The most that the enricher adds to a payment, in the JSON of a state. It does not start with rules that may add more.
MAXIMUM_ENRICHMENT_BYTES = 768


class Enrichment(msgspec.Struct, frozen=True):
    """Business context by the rules of that version (EVT-23). `risk_score` is 0 to 100, made of the reasons' points."""

    rules_version: str
    customer_segment: str
    risk_score: int
    risk_reasons: list[RiskReason]


class RiskReason(msgspec.Struct, frozen=True):
    reason: str
    points: int


class EnrichedPayment(PaymentRecord, frozen=True):
    enrichment: Enrichment


class ProcessedNotification(ValidatedNotification, frozen=True):
    payments: list[PaymentRecord]


class EnrichedNotification(ValidatedNotification, frozen=True):
    payments: list[EnrichedPayment]


State = TypeVar("State", bound=Notification)


def read_state(event: object, kind: type[State]) -> State:
    """Raises InvalidEvent when a step does not get what the step before it returns."""
    try:
        return msgspec.convert(event, kind)
    except msgspec.ValidationError as error:
        raise InvalidEvent([Fault("$", "malformed", "is not what this step of the workflow takes")]) from error


def write_state(state: Notification) -> dict[str, Any]:
    """The state as JSON types."""
    result: dict[str, Any] = msgspec.to_builtins(state)
    return result
