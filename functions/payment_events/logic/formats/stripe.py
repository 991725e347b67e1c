"""Stripe's events (https://docs.stripe.com/api/events/object): `id`, `type`, `created`, `data.object`.

`stripe_events` has what each of them means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

import msgspec

from functions.common import timestamps
from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.common.money import AmountError, rescale
from functions.common.personal_data import mask_personal_data
from functions.payment_events.logic.formats.building import (
    judge_amount,
    read_currency,
    read_identity,
    read_moment,
    read_reference,
)
from functions.payment_events.logic.formats.stripe_events import (
    EVENTS,
    EVERY_REFUND_SINCE,
    ID_PREFIXES,
    Counts,
    Event,
    How,
    Outcome,
    why_not_a_payment,
)
from functions.payment_events.logic.payments import (
    DIRECTIONS,
    Draft,
    Operation,
    PaymentType,
    Reading,
    finish,
    refused,
)

PROVIDER = "stripe"

_EVENT_ID = re.compile(r"evt_[A-Za-z0-9_]{1,200}", re.ASCII)
_OBJECT_ID = re.compile(r"[A-Za-z0-9_]{1,255}", re.ASCII)
_ALL_ID_PREFIXES = tuple(prefix for prefixes in ID_PREFIXES.values() for prefix in prefixes)

# Where Stripe's minor units are not those of ISO 4217 (https://docs.stripe.com/currencies): ISK and UGX keep two
# decimals for compatibility with older integrations; the ariary has none.
_DECIMALS = {**DECIMALS, "ISK": 2, "UGX": 2, "MGA": 0}

_BOOLEANS = frozenset({"captured", "paid"})
_REFUND_STATUSES = frozenset(EVENTS["refund.updated"].outcomes)

# A dispute has up to two (https://docs.stripe.com/api/disputes/object).
_MAXIMUM_BALANCE_TRANSACTIONS = 10

# A payout with a negative amount takes money from our bank account, as a top-up does
# (https://docs.stripe.com/connect/payout-reversals).
_DEBITED = {PaymentType.PAID_OUT: PaymentType.CAPTURED}

# Payment records report payments through other processors (https://docs.stripe.com/api/payment-record).
_ELSEWHERE = "payment_record"

_PAYMENT_PLACES = {
    "customer_cash_balance_transaction": ("applied_to_payment", "unapplied_from_payment"),
    "invoice_payment": ("payment",),
}


class Money(NamedTuple):
    """The amount under `name` in `fields`, in Stripe's minor units."""

    fields: Fields
    name: str
    value: int
    currency: str | None


class Subject(NamedTuple):
    """What an event is read from: itself, its object, and what that was before."""

    event: Fields
    object: Fields
    previous: Fields | None


def claims(document: Mapping[str, object]) -> bool:
    """Every object of Stripe's API names its kind in `object`."""
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
    return [finish(0, _draft(event), event.faults, time_field="created", live_field="livemode")]


def _draft(event: Fields) -> Draft:
    identifier = read_identity(event, "id", _EVENT_ID, "a Stripe event id (evt_...)")
    unread = Draft(PROVIDER, identifier)
    name = event.text("type")
    occurred_at = _created(event)
    data = event.nested("data")
    object_ = data and data.nested("object")
    if name is None or data is None or object_ is None:
        return msgspec.structs.replace(unread, occurred_at=occurred_at)
    meaning = EVENTS.get(name)
    if meaning is None:
        _refuse(event, name)
        return unread
    if not _is_of_kind(object_, meaning.kind):
        return msgspec.structs.replace(unread, occurred_at=occurred_at)
    if meaning.kind == "checkout.session" and object_.text("mode", required=False) == "setup":
        object_.fault("mode", "not_a_payment", "a session in setup mode takes no payment")
        return unread
    subject = Subject(event, object_, data.nested("previous_attributes", required=False))
    outcome = _outcome(object_, meaning)
    money = outcome and _money(subject, outcome)
    if outcome is not None and money is not None:
        outcome = _as_it_came_out(outcome, money)
    return Draft(
        provider=PROVIDER,
        provider_event_id=identifier,
        type=outcome and outcome.type,
        operation=outcome and outcome.operation,
        amount_minor=money and outcome and _minor_units(money, outcome),
        currency=money and money.currency,
        occurred_at=occurred_at,
        customer_reference=read_reference(object_, "customer"),
        payment_method=_payment_method(object_),
        payment_reference=_payment_reference(object_, meaning.kind),
        counts=outcome is not None and _counts(subject, outcome.counts),
        live="livemode" not in event or bool(event.flag("livemode")),
        account=read_reference(event, "account"),
    )


def _refuse(event: Fields, name: str) -> None:
    reason = why_not_a_payment(name)
    if reason is None:
        event.fault("type", "unknown_event", "is no event that Stripe documents, as far as is known here")
    else:
        event.fault("type", "not_a_payment", reason)


def _created(event: Fields) -> datetime | None:
    seconds = event.integer("created")
    return None if seconds is None else read_moment(event, "created", lambda: timestamps.from_epoch(seconds))


def _is_of_kind(object_: Fields, kind: str) -> bool:
    """Whether the event has an object of a kind that it can be about. Adds a fault where it has not."""
    its_kind = object_.text("object")
    if its_kind is not None and its_kind != kind:
        object_.fault("object", "contradiction", f"is not {kind}, which the event is about")
    return its_kind == kind


def _outcome(object_: Fields, meaning: Event) -> Outcome | None:
    for fields, required in ((meaning.must, True), (meaning.may, False)):
        for name, values in fields.items():
            if _word(object_, name, required=required) not in (*values, None):
                object_.fault(name, "contradiction", "does not fit the type of the event")
    value = _word(object_, meaning.field) if meaning.field else ""
    if value is None:
        return None
    if value not in meaning.outcomes:
        object_.fault(meaning.field, "contradiction", "does not fit the type of the event")
    return meaning.outcomes.get(value)


def _word(object_: Fields, name: str, *, required: bool = True) -> str | None:
    """A status; `true` or `false` where the field is a boolean."""
    if name not in _BOOLEANS:
        return object_.text(name, required=required)
    flag = object_.flag(name, required=required)
    return None if flag is None else str(flag).lower()


def _money(subject: Subject, outcome: Outcome) -> Money | None:
    """The amount that the event moved; None where it could not be read, which has added a fault."""
    object_, how = subject.object, outcome.amount.how
    currency = read_currency(object_, "currency", lower_case=True)
    if how in (How.MOVED, How.MOVED_OR_FIELD):
        moved = _moved(object_, outcome)
        # The balance may be kept in another currency than the one in which the payment was made.
        if moved is not None and (how == How.MOVED or moved.currency == currency):
            return moved
        if how == How.MOVED:
            object_.fault("balance_transactions", "missing", "has to say how much came back")
            return None
    name = next((name for name in outcome.amount.fields if name in object_), outcome.amount.fields[0])
    value = object_.integer(name)
    if value is not None and how == How.DIFFERENCE:
        value = _difference(subject, name, value)
    if value is not None and how == How.AT_STRIPE:
        value -= _paid_elsewhere(object_, value)
    if value is not None and how == How.NEGATED:
        value = -value
    return None if value is None else Money(object_, name, value, currency)


def _difference(subject: Subject, name: str, value: int) -> int | None:
    if subject.previous is None:
        subject.event.fault("data.previous_attributes", "missing", f"is required: {name} is a running total")
        return None
    if name == "amount_captured" and name not in subject.previous and subject.previous.flag("captured") is False:
        return value  # nothing was captured before
    before = subject.previous.integer(name)
    return None if before is None else value - before


def _moved(dispute: Fields, outcome: Outcome) -> Money | None:
    """The dispute's newest movement of money in the direction of the event."""
    transactions = dispute.each_nested("balance_transactions", required=False)
    if len(transactions) > _MAXIMUM_BALANCE_TRANSACTIONS:
        dispute.fault("balance_transactions", "wrong_count", f"has more than {_MAXIMUM_BALANCE_TRANSACTIONS} items")
        return None
    direction = DIRECTIONS[outcome.type, outcome.operation]
    moved = [
        (transaction.integer("created", required=False) or 0, value * direction, transaction)
        for transaction in transactions
        if (value := transaction.integer("amount", required=False) or 0) * direction > 0
    ]
    if not moved:
        return None
    _, value, transaction = max(moved, key=lambda each: each[0])
    return Money(transaction, "amount", value, read_currency(transaction, "currency", lower_case=True))


def _paid_elsewhere(object_: Fields, paid: int) -> int:
    """The part of an invoice that was not paid through Stripe."""
    payment = object_.nested("payment", required=False)
    if payment is not None and payment.text("type", required=False) == _ELSEWHERE:
        return paid
    elsewhere = object_.integer("amount_paid_off_stripe", required=False)
    if elsewhere is not None:
        if not 0 <= elsewhere <= paid:
            object_.fault("amount_paid_off_stripe", "contradiction", "is not a part of what was paid")
        return elsewhere
    return paid if object_.flag("paid_out_of_band", required=False) else 0


def _as_it_came_out(outcome: Outcome, money: Money) -> Outcome:
    """The outcome, changed where the amount shows that something else happened."""
    if outcome.type == PaymentType.CAPTURED and outcome.or_zero and money.value == 0:
        return outcome._replace(type=PaymentType.VERIFIED, operation=Operation.AUTHORISATION)
    if outcome.amount.how == How.SIGNED and money.value < 0:
        return outcome._replace(type=_DEBITED.get(outcome.type, outcome.type), operation=Operation.TOP_UP)
    return outcome


def _minor_units(money: Money, outcome: Outcome) -> int | None:
    value = abs(money.value) if outcome.amount.how == How.SIGNED else money.value
    convert = None if money.currency is None else partial(_convert, value, money.currency)
    return judge_amount(money.fields, money.name, value, convert, or_zero=outcome.or_zero)


def _convert(value: int, currency: str) -> int:
    decimals = _DECIMALS[currency]
    if decimals == 3 and value % 10:
        raise AmountError("too_precise", f"has to end in 0: Stripe rounds {currency} to two decimals")
    return rescale(value, currency, decimals=decimals)


def _counts(subject: Subject, counts: Counts) -> bool:
    if counts in (Counts.NEVER, Counts.ALWAYS):
        return counts == Counts.ALWAYS
    if _is_told_by_charge(subject) != (counts in (Counts.CHARGE_REFUNDED, Counts.CHARGE_REFUND_FAILED)):
        return False
    refund, previous = subject.object, subject.previous
    match counts:
        case Counts.REFUND_CREATED:
            return _has_left(refund)
        case Counts.REFUND_SUCCEEDED:
            return _has_left(refund) and previous is not None and not _had_left(refund, previous)
        case Counts.REFUND_FAILED if previous is None or "status" not in previous:
            return "failure_balance_transaction" in refund
        case Counts.REFUND_FAILED | Counts.REFUND_CANCELLED | Counts.CHARGE_REFUND_FAILED:
            return previous is not None and "status" in previous and _had_left(refund, previous)
    return True


def _is_told_by_charge(subject: Subject) -> bool:
    """Whether the API is so old that `charge.refunded` alone reports refunds of charges."""
    version = subject.event.text("api_version", required=False)
    of_charge = "charge" in subject.object or subject.object.text("object") == "charge"
    return version is not None and version < EVERY_REFUND_SINCE and of_charge


def _has_left(refund: Fields) -> bool:
    """Whether the refund's money has left the balance. Money that was only authorised was never in it."""
    return refund.text("status", required=False) == "succeeded" and not refund.is_null("balance_transaction")


def _had_left(refund: Fields, previous: Fields) -> bool:
    before = refund.with_fields_of(previous)
    if before.text("status") not in _REFUND_STATUSES:
        previous.fault("status", "unknown_value", f"is none of {', '.join(sorted(_REFUND_STATUSES))}")
    return _has_left(before)


def _payment_method(object_: Fields) -> str | None:
    """The card's brand, or the kind of method; of a payment intent only when it allows a single kind."""
    details = object_.nested("payment_method_details", required=False)
    if details is not None:
        card = details.nested("card", required=False)
        return (card and read_reference(card, "brand")) or read_reference(details, "type")
    kinds = object_.texts("payment_method_types")
    return mask_personal_data(kinds[0]) if len(kinds) == 1 else None


def _payment_reference(object_: Fields, kind: str) -> str | None:
    """The payment that the event is about, or the object itself."""
    own = _own_id(object_, kind)
    for place in (object_, *_other_places(object_, kind)):
        for name in ("payment_intent", "charge", "payment_record"):
            identifier = _id(place, name, required=False)
            if identifier is not None:
                return identifier
    return own


def _other_places(object_: Fields, kind: str) -> Iterator[Fields]:
    """The payment of an object that names it in another place."""
    if kind == "invoice":
        listed = object_.nested("payments", required=False)
        payments = [] if listed is None else listed.each_nested("data", required=False)
        if len(payments) == 1:
            yield from _other_places(payments[0], "invoice_payment")
    for name in _PAYMENT_PLACES.get(kind, ()):
        place = object_.nested(name, required=False)
        if place is not None:
            yield place


def _own_id(object_: Fields, kind: str) -> str | None:
    if kind == "dispute" and "id" not in object_ and "balance_transaction" in object_:
        return None  # the oldest versions of the API know a dispute by its charge, without an id
    identifier = _id(object_, "id")
    if identifier is None or identifier.startswith(ID_PREFIXES[kind]) or not identifier.startswith(_ALL_ID_PREFIXES):
        return identifier
    object_.fault("id", "contradiction", f"is not the id of a {kind}, which the event is about")
    return None


def _id(fields: Fields, name: str, *, required: bool = True) -> str | None:
    text = fields.text(name, required=required, pattern=_OBJECT_ID, form="an id of Stripe's")
    return text and mask_personal_data(text)
