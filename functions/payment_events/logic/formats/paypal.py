"""PayPal's webhooks (https://developer.paypal.com/api/rest/webhooks): an envelope around a resource of API v1 or v2.

v1 writes `amount.total`, `amount.currency` and `state`; v2 (`resource_version: "2.0"`) `amount.value`,
`amount.currency_code` and `status`. Amounts are decimal strings in major units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from typing import NamedTuple

import msgspec

from functions.common import timestamps
from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.common.money import AmountError, read_decimal, to_minor_units
from functions.payment_events.logic.formats.building import (
    judge_amount,
    read_currency,
    read_moment,
    read_reference,
)
from functions.payment_events.logic.payments import Draft, Operation, PaymentType, Reading, finish, refused

PROVIDER = "paypal"

_EVENT_ID = re.compile(r"(?=.*[A-Z])[A-Z0-9-]{8,64}", re.ASCII)
_EPOCH_MILLISECONDS = re.compile(r"[0-9]{11,14}", re.ASCII)
_ZONE_NAME = re.compile(r"(.*[0-9]) ?([A-Z]{3})", re.ASCII)
# The zone names that PayPal writes are those of the United States.
_HOURS_FROM_UTC = {
    "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "GMT": 0, "UTC": 0,
}  # fmt: skip

# Where PayPal takes no decimals although ISO 4217 has two (https://developer.paypal.com/api/rest/reference/currency-codes).
_DECIMALS = {**DECIMALS, "HUF": 0, "TWD": 0}


class Event(NamedTuple):
    """What an event means. `amount` are the places in the resource where it may stand, the likeliest first."""

    type: PaymentType
    operation: Operation
    amount: tuple[str, ...] = ("amount",)
    counts: bool = False


_INVOICE_PAID = ("paid_amount.paypal", "invoice.payments.paid_amount", "total_amount")
_INVOICE_REFUNDED = ("refunded_amount.paypal", "invoice.refunds.refund_amount")
_PURCHASE_UNITS = "purchase_units"
_ORDER = ("gross_amount", _PURCHASE_UNITS)

_CAPTURED = Event(PaymentType.CAPTURED, Operation.CAPTURE)
_CAPTURE_PENDING = Event(PaymentType.PENDING, Operation.CAPTURE)
_CAPTURE_FAILED = Event(PaymentType.FAILED, Operation.CAPTURE)
_REFUNDED = Event(PaymentType.REFUNDED, Operation.REFUND)
_CANCELLED = Event(PaymentType.CANCELLED, Operation.CANCELLATION)
_PENDING = Event(PaymentType.PENDING, Operation.AUTHORISATION)
_DISPUTED = Event(PaymentType.DISPUTED, Operation.DISPUTE, ("dispute_amount",))
_ITEM_FAILED = Event(PaymentType.FAILED, Operation.PAYOUT, ("payout_item.amount",))
_ITEM_PENDING = Event(PaymentType.PENDING, Operation.PAYOUT, ("payout_item.amount",))

_DISPUTE_RESOLVED = "CUSTOMER.DISPUTE.RESOLVED"
EVENTS: Mapping[str, Event] = {
    "CHECKOUT.ORDER.APPROVED": _PENDING._replace(amount=_ORDER),
    "CHECKOUT.ORDER.COMPLETED": _CAPTURED._replace(amount=_ORDER),
    "CHECKOUT.PAYMENT-APPROVAL.REVERSED": _CANCELLED._replace(amount=_ORDER),
    "CUSTOMER.DISPUTE.CREATED": _DISPUTED,
    _DISPUTE_RESOLVED: _DISPUTED,
    "CUSTOMER.DISPUTE.UPDATED": _DISPUTED,
    "INVOICING.INVOICE.PAID": _CAPTURED._replace(amount=_INVOICE_PAID),
    "INVOICING.INVOICE.REFUNDED": _REFUNDED._replace(amount=_INVOICE_REFUNDED),
    "PAYMENT.AUTHORIZATION.CREATED": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "PAYMENT.AUTHORIZATION.VOIDED": _CANCELLED,
    "PAYMENT.CAPTURE.COMPLETED": _CAPTURED,
    "PAYMENT.CAPTURE.DECLINED": _CAPTURE_FAILED,
    "PAYMENT.CAPTURE.DENIED": _CAPTURE_FAILED,
    "PAYMENT.CAPTURE.PENDING": _CAPTURE_PENDING,
    "PAYMENT.CAPTURE.REFUNDED": _REFUNDED,
    "PAYMENT.CAPTURE.REVERSED": _REFUNDED,
    "PAYMENT.ORDER.CANCELLED": _CANCELLED,
    "PAYMENT.ORDER.CREATED": _PENDING,
    "PAYMENT.PAYOUTS-ITEM.BLOCKED": _ITEM_FAILED,
    "PAYMENT.PAYOUTS-ITEM.CANCELED": Event(PaymentType.CANCELLED, Operation.PAYOUT, ("payout_item.amount",)),
    "PAYMENT.PAYOUTS-ITEM.DENIED": _ITEM_FAILED,
    "PAYMENT.PAYOUTS-ITEM.FAILED": _ITEM_FAILED,
    "PAYMENT.PAYOUTS-ITEM.HELD": _ITEM_PENDING,
    "PAYMENT.PAYOUTS-ITEM.REFUNDED": _ITEM_FAILED,
    "PAYMENT.PAYOUTS-ITEM.RETURNED": _ITEM_FAILED,
    "PAYMENT.PAYOUTS-ITEM.SUCCEEDED": Event(PaymentType.PAID_OUT, Operation.PAYOUT, ("payout_item.amount",)),
    "PAYMENT.PAYOUTS-ITEM.UNCLAIMED": _ITEM_PENDING,
    "PAYMENT.PAYOUTSBATCH.DENIED": Event(PaymentType.FAILED, Operation.PAYOUT, ("batch_header.amount",)),
    "PAYMENT.PAYOUTSBATCH.PROCESSING": Event(PaymentType.PENDING, Operation.PAYOUT, ("batch_header.amount",)),
    "PAYMENT.PAYOUTSBATCH.SUCCESS": Event(PaymentType.PAID_OUT, Operation.PAYOUT, ("batch_header.amount",)),
    "PAYMENT.SALE.COMPLETED": _CAPTURED,
    "PAYMENT.SALE.DENIED": _CAPTURE_FAILED,
    "PAYMENT.SALE.PENDING": _CAPTURE_PENDING,
    "PAYMENT.SALE.REFUNDED": _REFUNDED,
    "PAYMENT.SALE.REVERSED": _REFUNDED,
    "RISK.DISPUTE.CREATED": _DISPUTED,
}

# https://developer.paypal.com/api/rest/customer-disputes: the outcome as the merchant sees it.
_DISPUTE_OUTCOMES = {
    "ACCEPTED": PaymentType.DISPUTE_LOST,
    "CANCELED_BY_BUYER": PaymentType.DISPUTE_WON,
    "DENIED": PaymentType.DISPUTE_WON,
    "RESOLVED_BUYER_FAVOUR": PaymentType.DISPUTE_LOST,
    "RESOLVED_SELLER_FAVOUR": PaymentType.DISPUTE_WON,
    "RESOLVED_WITH_PAYOUT": PaymentType.DISPUTE_WON,
}

# A resource in one of these states was not captured, whatever the event says.
_NOT_CAPTURED = frozenset({"created", "declined", "denied", "expired", "failed", "pending", "voided"})


def claims(document: Mapping[str, object]) -> bool:
    """A webhook, or the request that asks PayPal to verify one."""
    return "event_type" in document or "webhook_event" in document


def read(document: Mapping[str, object]) -> list[Reading]:
    if "event_type" not in document:
        message = "a request to verify a webhook: send the webhook itself"
        return [refused(Fault("webhook_event", "unsupported_family", message))]
    event = Fields(document, [])
    return [finish(0, _draft(event), event.faults, time_field="create_time")]


def _draft(event: Fields) -> Draft:
    identifier = event.text("id", pattern=_EVENT_ID, form="a PayPal event id (WH-...)")
    unread = Draft(PROVIDER, identifier)
    name = event.text("event_type")
    occurred_at = _create_time(event)
    resource = event.nested("resource")
    if name is None or resource is None:
        return msgspec.structs.replace(unread, occurred_at=occurred_at)
    meaning = EVENTS.get(name)
    if meaning is None:
        event.fault("event_type", "not_a_payment", "is no payment event that is known here")
        return unread
    version = event.text("resource_version", required=False)
    amount, currency = _amount(resource, meaning, negative=meaning.operation == Operation.REFUND and version != "2.0")
    return Draft(
        provider=PROVIDER,
        provider_event_id=identifier,
        type=_type(resource, name, meaning),
        operation=meaning.operation,
        amount_minor=amount,
        currency=currency,
        occurred_at=occurred_at,
        customer_reference=_payer(resource),
        payment_method=PROVIDER,
        payment_reference=_payment_reference(resource, meaning.operation),
        counts=meaning.counts,
    )


def _type(resource: Fields, name: str, meaning: Event) -> PaymentType | None:
    if meaning.type == PaymentType.CAPTURED:
        for field in ("state", "status"):
            if (resource.text(field, required=False) or "").lower() in _NOT_CAPTURED:
                resource.fault(field, "contradiction", "does not fit the type of the event")
    if name != _DISPUTE_RESOLVED:
        return meaning.type
    outcome = resource.nested("dispute_outcome")
    code = outcome and outcome.text("outcome_code")
    if outcome is not None and code is not None and code not in _DISPUTE_OUTCOMES:
        outcome.fault("outcome_code", "unknown_status", "is no outcome of a dispute that is known here")
    return None if code is None else _DISPUTE_OUTCOMES.get(code)


def _amount(resource: Fields, meaning: Event, *, negative: bool) -> tuple[int | None, str | None]:
    """The amount in minor units and its currency. In v1 a refund may be `negative`; what counts is how much it was."""
    for place in meaning.amount:
        if place == _PURCHASE_UNITS and place in resource:
            return _sum_of_units(resource)
        found = _find(resource, place)
        if found is not None:
            return _money(found, negative=negative)
    resource.fault(meaning.amount[0], "missing", "is required")
    return None, None


def _sum_of_units(resource: Fields) -> tuple[int | None, str | None]:
    moneys = [unit.nested("amount") for unit in resource.each_nested(_PURCHASE_UNITS)]
    amounts = [_money(money) if money is not None else (None, None) for money in moneys]
    currencies = {currency for _, currency in amounts}
    if not amounts or len(currencies) > 1:
        resource.fault(_PURCHASE_UNITS, "malformed", "are not one or more amounts in one currency")
        return None, None
    values = [value for value, _ in amounts if value is not None]
    return (sum(values) if len(values) == len(amounts) else None), currencies.pop()


def _money(money: Fields, *, negative: bool = False) -> tuple[int | None, str | None]:
    currency = read_currency(money, "currency_code" if "currency_code" in money else "currency")
    name = "total" if "total" in money else "value"
    text = money.text(name)
    if text is None:
        return None, currency
    try:
        amount = read_decimal(text)
    except AmountError as error:
        money.fault(name, error.code, str(error))
        return None, currency
    if negative and amount < 0:
        amount, text = -amount, text.removeprefix("-")
    convert = None if currency is None else partial(to_minor_units, text, currency, decimals=_DECIMALS[currency])
    return judge_amount(money, name, amount, convert, or_zero=False), currency


def _find(fields: Fields, place: str) -> Fields | None:
    """The object under a path such as `payout_item.amount`, if it is there."""
    for name in place.split("."):
        nested = fields.nested(name, required=False)
        if nested is None:
            return None
        fields = nested
    return fields


def _create_time(event: Fields) -> datetime | None:
    text = event.text("create_time", or_integer=True)
    return None if text is None else read_moment(event, "create_time", lambda: _parse_time(text))


def _parse_time(text: str) -> datetime:
    """PayPal's times come with Z, an offset, a zone's name or nothing (then they are UTC), or as epoch milliseconds."""
    if _EPOCH_MILLISECONDS.fullmatch(text):
        seconds, milliseconds = divmod(int(text), 1000)
        return timestamps.from_epoch(seconds, milliseconds)
    named = _ZONE_NAME.fullmatch(text)
    if named is None:
        return timestamps.parse_iso8601(text, default_zone=UTC)
    hours = _HOURS_FROM_UTC.get(named.group(2))
    if hours is None:
        raise ValueError("an unknown time zone")
    return timestamps.parse_iso8601(named.group(1), default_zone=timezone(timedelta(hours=hours)))


def _payer(resource: Fields) -> str | None:
    payer = resource.nested("payer", required=False)
    if payer is None:
        return None
    information = payer.nested("payer_info", required=False)
    return read_reference(payer, "payer_id") or (information and read_reference(information, "payer_id"))


def _payment_reference(resource: Fields, operation: Operation) -> str | None:
    """The payment that the event is about: what was refunded or disputed, or the resource itself."""
    if operation == Operation.REFUND:
        parent = _parent(resource)
        if parent is not None:
            return parent
    if operation == Operation.DISPUTE:
        for transaction in resource.each_nested("disputed_transactions", required=False):
            return transaction.text("seller_transaction_id", required=False)
    header = resource.nested("batch_header", required=False) or resource
    names = ("sale_id", "capture_id", "seller_payment_id", "payout_item_id", "payout_batch_id", "id")
    return next((header.text(name, required=False) for name in names if name in header), None)


def _parent(resource: Fields) -> str | None:
    """A v2 refund names its capture only in `links`."""
    for link in resource.each_nested("links", required=False):
        if link.text("rel", required=False) == "up":
            address = link.text("href", required=False)
            return address and address.rsplit("/", 1)[-1]
    return None
