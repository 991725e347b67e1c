"""Stripe's events (https://docs.stripe.com/api/events/object): `id`, `type`, `created`, `data.object`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from functions.common import timestamps
from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.common.money import AmountError, rescale
from functions.payment_events.logic.formats.building import (
    judge_amount,
    read_currency,
    read_moment,
    read_reference,
)
from functions.payment_events.logic.payments import Draft, Operation, PaymentType, Reading, finish, refused

PROVIDER = "stripe"

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}", re.ASCII)

# Where Stripe's minor units are not those of ISO 4217 (https://docs.stripe.com/currencies): ISK and UGX keep two
# decimals for compatibility with older integrations; the ariary has none.
_DECIMALS = {**DECIMALS, "ISK": 2, "UGX": 2, "MGA": 0}


class Outcome(NamedTuple):
    """What an event means, and which field of its object holds the amount (the first of them that is there).

    `total`: that field is a running total, and the event moved its difference to `previous_attributes`.
    """

    type: PaymentType
    operation: Operation
    amount: tuple[str, ...] = ("amount",)
    total: bool = False
    or_zero: bool = False
    counts: bool = False


class ByField(NamedTuple):
    """An event whose outcome a field of its object decides. A value that is not listed contradicts the event.

    `status`: what the object's status has to be besides.
    """

    field: str
    outcomes: Mapping[str, Outcome]
    status: str | None = None


_AUTHORISED = Outcome(PaymentType.AUTHORISED, Operation.AUTHORISATION)
_PENDING = Outcome(PaymentType.PENDING, Operation.AUTHORISATION)
_FAILED = Outcome(PaymentType.FAILED, Operation.AUTHORISATION)
_CAPTURED_TOTAL = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, ("amount_captured",), total=True)
_REFUNDED = Outcome(PaymentType.REFUNDED, Operation.REFUND)
_REFUND_FAILED = Outcome(PaymentType.FAILED, Operation.REFUND)
_DISPUTED = Outcome(PaymentType.DISPUTED, Operation.DISPUTE)
_DISPUTE_WON = Outcome(PaymentType.DISPUTE_WON, Operation.DISPUTE)
_DISPUTE_LOST = Outcome(PaymentType.DISPUTE_LOST, Operation.DISPUTE)
_PAID_OUT = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT)
_PAYOUT_PENDING = Outcome(PaymentType.PENDING, Operation.PAYOUT)
_PAYOUT_FAILED = Outcome(PaymentType.FAILED, Operation.PAYOUT)
_PAYOUT_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.PAYOUT)
_CHECKED_OUT = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, ("amount_total",))
_CHECKOUT_PENDING = Outcome(PaymentType.PENDING, Operation.AUTHORISATION, ("amount_total",))
_CHECKOUT_FREE = Outcome(PaymentType.VERIFIED, Operation.AUTHORISATION, ("amount_total",), or_zero=True)
_INVOICE_PAID = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, ("amount_paid",), or_zero=True)

_REFUND_BY_STATUS = ByField(
    "status",
    {
        "succeeded": _REFUNDED,
        "pending": Outcome(PaymentType.PENDING, Operation.REFUND),
        "requires_action": Outcome(PaymentType.PENDING, Operation.REFUND),
        "failed": _REFUND_FAILED,
        "canceled": Outcome(PaymentType.CANCELLED, Operation.REFUND),
    },
)
_PAYOUT_BY_STATUS = ByField(
    "status",
    {
        "paid": _PAID_OUT,
        "pending": _PAYOUT_PENDING,
        "in_transit": _PAYOUT_PENDING,
        "failed": _PAYOUT_FAILED,
        "canceled": _PAYOUT_CANCELLED,
    },
)
_DISPUTE_OUTCOMES = {"won": _DISPUTE_WON, "lost": _DISPUTE_LOST, "warning_closed": _DISPUTE_WON}


def _if_status(status: str, outcome: Outcome, *, formerly: str | None = None) -> ByField:
    """`formerly`: what the status was called up to API version 2018-11-08."""
    return ByField("status", dict.fromkeys(filter(None, (status, formerly)), outcome))


EVENTS: Mapping[str, Outcome | ByField] = {
    "charge.captured": _if_status("succeeded", _CAPTURED_TOTAL),
    "charge.expired": Outcome(PaymentType.EXPIRED, Operation.AUTHORISATION),
    "charge.failed": _if_status("failed", _FAILED),
    "charge.pending": _if_status("pending", _PENDING),
    "charge.refunded": _if_status(
        "succeeded", Outcome(PaymentType.REFUNDED, Operation.REFUND, ("amount_refunded",), total=True)
    ),
    "charge.succeeded": ByField(
        "captured",
        {
            "true": Outcome(PaymentType.CAPTURED, Operation.CAPTURE, ("amount_captured", "amount"), counts=True),
            "false": _AUTHORISED,
        },
        status="succeeded",
    ),
    "charge.refund.updated": _REFUND_BY_STATUS,
    "refund.created": _REFUND_BY_STATUS,
    "refund.updated": _REFUND_BY_STATUS,
    "refund.failed": _if_status("failed", _REFUND_FAILED),
    "charge.dispute.created": _DISPUTED,
    "charge.dispute.updated": _DISPUTED,
    "charge.dispute.closed": ByField("status", _DISPUTE_OUTCOMES),
    "charge.dispute.funds_withdrawn": _DISPUTED,
    "charge.dispute.funds_reinstated": _DISPUTE_WON,
    "payment_intent.amount_capturable_updated": _if_status(
        "requires_capture", _AUTHORISED._replace(amount=("amount_capturable",))
    ),
    "payment_intent.canceled": _if_status("canceled", Outcome(PaymentType.CANCELLED, Operation.CANCELLATION)),
    "payment_intent.created": _PENDING,
    "payment_intent.partially_funded": _PENDING,
    "payment_intent.payment_failed": _if_status("requires_payment_method", _FAILED, formerly="requires_source"),
    "payment_intent.processing": _if_status("processing", _PENDING),
    "payment_intent.requires_action": _if_status("requires_action", _PENDING, formerly="requires_source_action"),
    "payment_intent.succeeded": _if_status(
        "succeeded", Outcome(PaymentType.CAPTURED, Operation.CAPTURE, ("amount_received",))
    ),
    "checkout.session.completed": ByField(
        "payment_status",
        {"paid": _CHECKED_OUT, "unpaid": _CHECKOUT_PENDING, "no_payment_required": _CHECKOUT_FREE},
    ),
    "checkout.session.async_payment_failed": _FAILED._replace(amount=("amount_total",)),
    "checkout.session.async_payment_succeeded": ByField("payment_status", {"paid": _CHECKED_OUT}),
    "checkout.session.expired": Outcome(PaymentType.EXPIRED, Operation.AUTHORISATION, ("amount_total",), or_zero=True),
    "invoice.paid": _INVOICE_PAID,
    "invoice.payment_succeeded": _INVOICE_PAID,
    "invoice.payment_action_required": _PENDING._replace(amount=("amount_due",)),
    "invoice.payment_failed": _FAILED._replace(amount=("amount_due",)),
    "payout.canceled": _if_status("canceled", _PAYOUT_CANCELLED),
    "payout.created": _PAYOUT_BY_STATUS,
    "payout.failed": _if_status("failed", _PAYOUT_FAILED),
    "payout.paid": _if_status("paid", _PAID_OUT),
    "payout.updated": _PAYOUT_BY_STATUS,
    "transfer.canceled": _PAYOUT_CANCELLED,
    "transfer.created": _PAID_OUT,
    "transfer.failed": _PAYOUT_FAILED,
    "transfer.paid": _PAID_OUT,
    "transfer.reversed": Outcome(PaymentType.CANCELLED, Operation.PAYOUT, ("amount_reversed",), total=True),
}


def claims(document: Mapping[str, object]) -> bool:
    """Every object of Stripe's API says its kind in `object`."""
    return isinstance(document.get("object"), str)


def read(document: Mapping[str, object]) -> list[Reading]:
    kind = str(document["object"])
    if kind.startswith("v2."):
        return [
            refused(Fault("object", "unsupported_family", "a thin event holds no payment: send the snapshot event"))
        ]
    if kind != "event":
        message = "an object without its event: id (evt_...), type, created and data are missing"
        return [refused(Fault("object", "partial", message))]
    event = Fields(document, [])
    return [finish(0, _draft(event), event.faults, time_field="created")]


def _draft(event: Fields) -> Draft:
    identifier = event.text("id", pattern=_EVENT_ID, form="a Stripe event id (evt_...)")
    unread = Draft(PROVIDER, identifier)
    name = event.text("type")
    occurred_at = _created(event)
    data = event.nested("data")
    subject = data and data.nested("object")
    if name is None or data is None or subject is None:
        return msgspec.structs.replace(unread, occurred_at=occurred_at)
    meaning = EVENTS.get(name)
    if meaning is None:
        event.fault("type", "not_a_payment", "is no payment event that is known here")
        return unread
    if name.startswith("checkout.session.") and subject.text("mode", required=False) == "setup":
        subject.fault("mode", "not_a_payment", "a session in setup mode takes no payment")
        return unread
    outcome = _outcome(subject, meaning)
    currency = read_currency(subject, "currency", lower_case=True)
    intent, charge, own = (subject.text(field, required=False) for field in ("payment_intent", "charge", "id"))
    return Draft(
        provider=PROVIDER,
        provider_event_id=identifier,
        type=outcome and outcome.type,
        operation=outcome and outcome.operation,
        amount_minor=outcome and _amount(data, subject, outcome, currency),
        currency=currency,
        occurred_at=occurred_at,
        customer_reference=read_reference(subject, "customer"),
        payment_method=_payment_method(subject),
        payment_reference=intent or charge or own,
        counts=outcome is not None and outcome.counts,
    )


def _created(event: Fields) -> datetime | None:
    seconds = event.integer("created")
    return None if seconds is None else read_moment(event, "created", lambda: timestamps.from_epoch(seconds))


def _outcome(subject: Fields, meaning: Outcome | ByField) -> Outcome | None:
    if isinstance(meaning, Outcome):
        return meaning
    if meaning.field == "captured":
        captured = subject.flag("captured")
        value = None if captured is None else str(captured).lower()
    else:
        value = subject.text(meaning.field)
    if meaning.status is not None and subject.text("status") not in (meaning.status, None):
        subject.fault("status", "contradiction", "does not fit the type of the event")
    if value is None:
        return None
    if value not in meaning.outcomes:
        subject.fault(meaning.field, "contradiction", "does not fit the type of the event")
    return meaning.outcomes.get(value)


def _amount(data: Fields, subject: Fields, outcome: Outcome, currency: str | None) -> int | None:
    name = next((name for name in outcome.amount if name in subject), outcome.amount[0])
    value = subject.integer(name)
    if outcome.total and value is not None:
        before = _total_before(data, name)
        if before is None:
            return None
        value -= before
    if value is None:
        return None
    convert = None if currency is None else partial(_convert, value, currency)
    return judge_amount(subject, name, value, convert, or_zero=outcome.or_zero)


def _convert(value: int, currency: str) -> int:
    decimals = _DECIMALS[currency]
    if decimals == 3 and value % 10:
        raise AmountError("too_precise", f"has to end in 0: Stripe rounds {currency} to two decimals")
    return rescale(value, currency, decimals=decimals)


def _total_before(data: Fields, name: str) -> int | None:
    previous = data.nested("previous_attributes")
    return None if previous is None else previous.integer(name)


def _payment_method(subject: Fields) -> str | None:
    """The card's brand, or the kind of method; of a payment intent only when it admits a single kind."""
    details = subject.nested("payment_method_details", required=False)
    if details is not None:
        card = details.nested("card", required=False)
        return (card and card.text("brand", required=False)) or details.text("type", required=False)
    kinds = subject.texts("payment_method_types")
    return kinds[0] if len(kinds) == 1 else None
