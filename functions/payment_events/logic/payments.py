"""The canonical payment record (EVT-22), and the result of reading a notification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from functions.common import timestamps
from functions.common.faults import Fault

SCHEMA = "payment-event/1"


class PaymentType(StrEnum):
    """The outcome of the operation. README.md lists the outcome of each provider's events."""

    AUTHORISED = "authorised"  # the money is reserved
    CAPTURED = "captured"  # the money is taken
    REFUNDED = "refunded"  # the money goes back to the customer
    PAID_OUT = "paid_out"  # money goes from us to a third party or to our bank account
    PENDING = "pending"  # requested, the outcome is open
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DISPUTED = "disputed"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    REINSTATED = "reinstated"  # money that a dispute had taken came back, although the dispute is not won
    VERIFIED = "verified"  # a payment method was checked or stored, or nothing was due: no money moved


class Operation(StrEnum):
    """What was attempted: a failed refund is not a failed payment."""

    AUTHORISATION = "authorisation"
    CAPTURE = "capture"
    CANCELLATION = "cancellation"
    REFUND = "refund"
    DISPUTE = "dispute"
    PAYOUT = "payout"
    TOP_UP = "top_up"  # money from our bank account to our balance at the provider


# The direction of the money in an event that counts: 1 to the merchant, -1 from it. Other pairs move no money.
DIRECTIONS: Mapping[tuple[PaymentType, Operation], int] = {
    (PaymentType.CAPTURED, Operation.CAPTURE): 1,
    (PaymentType.FAILED, Operation.CAPTURE): -1,  # a capture that was reported before has failed
    (PaymentType.REFUNDED, Operation.REFUND): -1,
    (PaymentType.FAILED, Operation.REFUND): 1,  # a refund that was reported before came back
    (PaymentType.CANCELLED, Operation.REFUND): 1,
    (PaymentType.DISPUTED, Operation.DISPUTE): -1,
    (PaymentType.DISPUTE_WON, Operation.DISPUTE): 1,
    (PaymentType.DISPUTE_LOST, Operation.DISPUTE): -1,
    (PaymentType.REINSTATED, Operation.DISPUTE): 1,
    (PaymentType.PAID_OUT, Operation.PAYOUT): -1,
    (PaymentType.PENDING, Operation.PAYOUT): -1,  # on its way: the provider has already taken it from the balance
    (PaymentType.FAILED, Operation.PAYOUT): 1,  # a payout that was reported before came back
    (PaymentType.CANCELLED, Operation.PAYOUT): 1,
    (PaymentType.CAPTURED, Operation.TOP_UP): 1,
    (PaymentType.PENDING, Operation.TOP_UP): 1,  # on its way: the provider has already added it to the balance
    (PaymentType.FAILED, Operation.TOP_UP): -1,
    (PaymentType.CANCELLED, Operation.TOP_UP): -1,
    (PaymentType.REFUNDED, Operation.TOP_UP): -1,
}


class Payment(msgspec.Struct, frozen=True):
    """The facts of one event in every provider's common terms. The amount is in minor units of ISO 4217.

    `counts` is true once for each movement of money, in the one event of the provider that reports it. `live` is
    false for an event of a provider's test mode. `account` is the merchant's account at the provider.
    """

    provider: str
    provider_event_id: str
    type: PaymentType
    operation: Operation
    amount_minor: int
    currency: str
    occurred_at: datetime
    customer_reference: str | None
    payment_method: str | None
    payment_reference: str | None
    counts: bool
    live: bool
    account: str | None

    @property
    def net_minor(self) -> int:
        """What the event adds to the merchant's money: the signed amount where it counts, else 0."""
        return DIRECTIONS[self.type, self.operation] * self.amount_minor if self.counts else 0


class Draft(msgspec.Struct, frozen=True):
    """A payment as far as it could be read. A field that is missing or wrong is None, and has added a fault."""

    provider: str
    provider_event_id: str | None
    type: PaymentType | None = None
    operation: Operation | None = None
    amount_minor: int | None = None
    currency: str | None = None
    occurred_at: datetime | None = None
    customer_reference: str | None = None
    payment_method: str | None = None
    payment_reference: str | None = None
    counts: bool = False
    live: bool = True
    account: str | None = None


class RawReference(msgspec.Struct, frozen=True):
    """Where the record comes from: the notification, the item in it, and the SHA-256 of the notification's text."""

    correlation_id: str
    index: int
    payload_digest: str


class PaymentRecord(msgspec.Struct, frozen=True):
    """The processor's result: the payment's facts, flat and in text, under the event's id."""

    schema: str
    event_id: str
    provider: str
    provider_event_id: str
    type: PaymentType
    operation: Operation
    amount_minor: int
    currency: str
    occurred_at: str
    customer_reference: str | None
    payment_method: str | None
    payment_reference: str | None
    counts: bool
    net_minor: int
    live: bool
    account: str | None
    raw_reference: RawReference


def make_record(event_id: str, payment: Payment, raw_reference: RawReference) -> PaymentRecord:
    return PaymentRecord(
        schema=SCHEMA,
        event_id=event_id,
        provider=payment.provider,
        provider_event_id=payment.provider_event_id,
        type=payment.type,
        operation=payment.operation,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        occurred_at=timestamps.to_text(payment.occurred_at),
        customer_reference=payment.customer_reference,
        payment_method=payment.payment_method,
        payment_reference=payment.payment_reference,
        counts=payment.counts,
        net_minor=payment.net_minor,
        live=payment.live,
        account=payment.account,
        raw_reference=raw_reference,
    )


class Reading(msgspec.Struct, frozen=True):
    """One item of a notification as read: the payment, or every fault that keeps it from being one.

    `event_id` is None when the item cannot be identified. It may be known although the item has faults; so may
    `occurred_at` and `live`, which the notification has in its `time_field` and `live_field`.
    """

    index: int
    event_id: str | None
    payment: Payment | None
    faults: list[Fault]
    occurred_at: datetime | None = None
    time_field: str = "$"
    live: bool = True
    live_field: str = "$"


def refused(fault: Fault) -> Reading:
    """The reading of an item that is no payment event, or cannot be identified."""
    return Reading(0, None, None, [fault])


def finish(index: int, draft: Draft, faults: list[Fault], *, time_field: str, live_field: str) -> Reading:
    """The reading of a draft. A draft without faults is complete."""
    identifier = draft.provider_event_id
    return Reading(
        index=index,
        event_id=None if identifier is None else f"{draft.provider}:{identifier}",
        payment=None if faults else msgspec.convert(msgspec.structs.asdict(draft), Payment),
        faults=faults,
        occurred_at=draft.occurred_at,
        time_field=time_field,
        live=draft.live,
        live_field=live_field,
    )
