"""Adyen's standard webhooks (https://docs.adyen.com/development-resources/webhooks): `notificationItems`.

Usually there is one item, but there may be more, so each is judged by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import NamedTuple

from functions.common import timestamps
from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.common.money import rescale
from functions.payment_events.logic.formats.building import (
    judge_amount,
    read_currency,
    read_moment,
    read_reference,
)
from functions.payment_events.logic.payments import Draft, Operation, PaymentType, Reading, finish, refused

PROVIDER = "adyen"

# Adyen sends one item, at times a few. What is judged and recorded item by item needs a bound.
MAXIMUM_ITEMS = 100

_EVENT_CODE = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)
_PSP_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)

# Where Adyen's minor units are not those of ISO 4217 (https://docs.adyen.com/development-resources/currency-codes).
_DECIMALS = {**DECIMALS, "CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}

# Adyen's names of payment methods that others call differently.
_PAYMENT_METHODS = {"mc": "mastercard"}


class Event(NamedTuple):
    """What an event means when its `success` is true; `failed`, when it is false. Without success nothing counts.

    `or_zero`: no money has to be in it (a card that is verified, a contract for recurring payments).
    """

    type: PaymentType
    operation: Operation
    or_zero: bool = False
    failed: PaymentType = PaymentType.FAILED
    counts: bool = False


_CANCELLATION = Event(PaymentType.CANCELLED, Operation.CANCELLATION, or_zero=True)
_CAPTURE = Event(PaymentType.CAPTURED, Operation.CAPTURE)
_REFUND = Event(PaymentType.REFUNDED, Operation.REFUND)
# These report the failure of what was asked for: their `success` is "true".
_REFUND_FAILED = Event(PaymentType.FAILED, Operation.REFUND)
_DISPUTED = Event(PaymentType.DISPUTED, Operation.DISPUTE, failed=PaymentType.DISPUTED)
_DISPUTE_WON = Event(PaymentType.DISPUTE_WON, Operation.DISPUTE, failed=PaymentType.DISPUTED)
_DISPUTE_LOST = Event(PaymentType.DISPUTE_LOST, Operation.DISPUTE, failed=PaymentType.DISPUTED)

EVENTS: Mapping[str, Event] = {
    "AUTHORISATION": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION, or_zero=True),
    "AUTHORISATION_ADJUSTMENT": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "AUTORESCUE": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "CANCELLATION": _CANCELLATION,
    "CANCEL_AUTORESCUE": _CANCELLATION,
    "CAPTURE": _CAPTURE,
    "CAPTURE_FAILED": Event(PaymentType.FAILED, Operation.CAPTURE),
    "CHARGEBACK": _DISPUTED,
    "CHARGEBACK_REVERSED": _DISPUTE_WON,
    "DISPUTE_DEFENSE_PERIOD_ENDED": _DISPUTED,
    "DONATION": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "EXPIRE": Event(PaymentType.EXPIRED, Operation.AUTHORISATION, failed=PaymentType.EXPIRED),
    "INFORMATION_SUPPLIED": _DISPUTED,
    "ISSUER_COMMENTS": _DISPUTED,
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": _DISPUTE_WON,
    "MANUAL_REVIEW_ACCEPT": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "MANUAL_REVIEW_REJECT": Event(PaymentType.FAILED, Operation.AUTHORISATION),
    "NOTIFICATION_OF_CHARGEBACK": _DISPUTED,
    "OFFER_CLOSED": Event(PaymentType.EXPIRED, Operation.AUTHORISATION, failed=PaymentType.EXPIRED),
    "ORDER_CLOSED": Event(PaymentType.AUTHORISED, Operation.AUTHORISATION, failed=PaymentType.CANCELLED),
    "ORDER_OPENED": Event(PaymentType.PENDING, Operation.AUTHORISATION),
    "PAIDOUT_REVERSED": Event(PaymentType.FAILED, Operation.PAYOUT),
    "PAYOUT_DECLINE": Event(PaymentType.FAILED, Operation.PAYOUT),
    "PAYOUT_EXPIRE": Event(PaymentType.EXPIRED, Operation.PAYOUT, failed=PaymentType.EXPIRED),
    "PAYOUT_THIRDPARTY": Event(PaymentType.PAID_OUT, Operation.PAYOUT),
    "PENDING": Event(PaymentType.PENDING, Operation.AUTHORISATION),
    "POSTPONED_REFUND": Event(PaymentType.PENDING, Operation.REFUND),
    "PREARBITRATION_LOST": _DISPUTE_LOST,
    "PREARBITRATION_WON": _DISPUTE_WON,
    "RECURRING_CONTRACT": Event(PaymentType.VERIFIED, Operation.AUTHORISATION, or_zero=True),
    "REFUND": _REFUND,
    "REFUNDED_REVERSED": _REFUND_FAILED,
    "REFUND_FAILED": _REFUND_FAILED,
    "REFUND_WITH_DATA": _REFUND,
    "REQUEST_FOR_INFORMATION": _DISPUTED,
    "SECOND_CHARGEBACK": _DISPUTE_LOST,
    "TECHNICAL_CANCEL": _CANCELLATION,
    "VOID_PENDING_REFUND": Event(PaymentType.CANCELLED, Operation.REFUND),
}
_CANCEL_OR_REFUND = "CANCEL_OR_REFUND"
_BY_ACTION = {"cancel": _CANCELLATION, "refund": _REFUND}


def claims(document: Mapping[str, object]) -> bool:
    """A notification, a part of one, or a webhook of one of Adyen's other families."""
    return any(
        (
            "notificationItems" in document,
            "NotificationRequestItem" in document,
            "pspReference" in document and "eventCode" in document,
            "SaleToPOIRequest" in document,
            {"data", "environment", "type"} <= document.keys(),
        )
    )


def read(document: Mapping[str, object]) -> list[Reading]:
    if "notificationItems" not in document:
        return [refused(_what_else_it_is(document))]
    notification = Fields(document, [])
    items = notification.each_nested("notificationItems")
    if not notification.faults and not 0 < len(items) <= MAXIMUM_ITEMS:
        notification.fault("notificationItems", "wrong_count", f"has not 1 to {MAXIMUM_ITEMS} items")
    if notification.faults:
        return [Reading(0, None, None, notification.faults)]
    notification.flag("live")
    return [_read_item(index, element.apart(), notification.faults) for index, element in enumerate(items)]


def _what_else_it_is(document: Mapping[str, object]) -> Fault:
    if "NotificationRequestItem" in document or "eventCode" in document:
        return Fault("notificationItems", "partial", "an item without its notification: live and the list are missing")
    return Fault("type", "unsupported_family", "a platform, tokenisation or terminal webhook, not a standard webhook")


def _read_item(index: int, element: Fields, shared_faults: list[Fault]) -> Reading:
    item = element.nested("NotificationRequestItem")
    if item is None:
        return Reading(index, None, None, shared_faults + element.faults)
    code = item.text("eventCode", pattern=_EVENT_CODE, form="an event code such as AUTHORISATION")
    reference = item.text("pspReference", pattern=_PSP_REFERENCE, form="a PSP reference")
    success = item.flag("success")
    identifier = None
    if code is not None and reference is not None and success is not None:
        identifier = f"{code}:{reference}:{str(success).lower()}"
    draft = _draft(item, identifier, code, reference, bool(success))
    return finish(index, draft, shared_faults + item.faults, time_field=item.path("eventDate"))


def _draft(item: Fields, identifier: str | None, code: str | None, reference: str | None, success: bool) -> Draft:
    if code is not None and code not in EVENTS and code != _CANCEL_OR_REFUND:
        item.fault("eventCode", "not_a_payment", "is no payment event that is known here")
        return Draft(PROVIDER, identifier)
    details = item.nested("additionalData", required=False)
    event = _event(item, code, details)
    amount = item.nested("amount")
    currency = None if amount is None else read_currency(amount, "currency")
    method = read_reference(item, "paymentMethod")
    original = item.text("originalReference", required=False)
    return Draft(
        provider=PROVIDER,
        provider_event_id=identifier,
        type=event and (event.type if success else event.failed),
        operation=event and event.operation,
        amount_minor=amount and _amount(amount, currency, or_zero=event is None or event.or_zero),
        currency=currency,
        occurred_at=_event_date(item),
        customer_reference=details and read_reference(details, "shopperReference", "recurring.shopperReference"),
        payment_method=_PAYMENT_METHODS.get(method, method) if method else None,
        payment_reference=original or reference,
        counts=event is not None and success and event.counts,
    )


def _event(item: Fields, code: str | None, details: Fields | None) -> Event | None:
    if code != _CANCEL_OR_REFUND:
        return None if code is None else EVENTS[code]
    action = details and details.text("modification.action", required=False)
    if action not in _BY_ACTION:
        item.fault("additionalData.modification.action", "missing", "has to say which of the two: cancel or refund")
        return None
    return _BY_ACTION[action]


def _amount(amount: Fields, currency: str | None, *, or_zero: bool) -> int | None:
    value = amount.integer("value", or_text=True)
    if value is None:
        return None
    convert = None if currency is None else partial(rescale, value, currency, decimals=_DECIMALS[currency])
    return judge_amount(amount, "value", value, convert, or_zero=or_zero)


def _event_date(item: Fields) -> datetime | None:
    text = item.text("eventDate")
    return None if text is None else read_moment(item, "eventDate", lambda: timestamps.parse_iso8601(text))
