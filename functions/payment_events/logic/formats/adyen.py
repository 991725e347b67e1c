"""Adyen's webhooks (https://docs.adyen.com/development-resources/webhooks): standard webhooks, which have
`notificationItems`, and the transfers of platforms.

Usually there is one item, but there may be more, so each is judged by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from functions.common import timestamps
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.payment_events.logic.formats.adyen_amounts import read_amount
from functions.payment_events.logic.formats.adyen_events import (
    BY_ACTION,
    DISPUTE_STATUSES,
    EITHER,
    EVENTS,
    NOT_PAYMENTS,
    OTHER_FAMILIES,
    OTHER_FIELDS,
    RECAPTURED,
    REPEATING,
    TRANSFERS,
    Event,
)
from functions.payment_events.logic.formats.adyen_transfers import read_transfer
from functions.payment_events.logic.formats.building import (
    NOT_READ,
    Outcome,
    read_identifier,
    read_identity,
    read_moment,
    read_reference,
    read_status,
)
from functions.payment_events.logic.payments import Draft, Reading, finish, refused

PROVIDER = "adyen"

# Adyen sends one item, sometimes a few. Each is judged and recorded by itself, so their number needs a limit.
MAXIMUM_ITEMS = 100

_EVENT_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
# "Adyen's 16-character unique reference"
_PSP_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,32}", re.ASCII)
_PSP_FORM = "a PSP reference: at most 32 letters and digits"
# An event that is no payment may have a file's name in its place.
_ANY_REFERENCE = re.compile(r"[A-Za-z0-9_.-]{1,80}", re.ASCII)

# Adyen's names of payment methods that others call differently.
_PAYMENT_METHODS = {"mc": "mastercard"}


def claims(document: Mapping[str, object]) -> bool:
    """A notification, a part of one, or a webhook of one of Adyen's other families."""
    kind = document.get("type")
    return (
        "notificationItems" in document
        or "NotificationRequestItem" in document
        or {"pspReference", "eventCode"} <= document.keys()
        or (isinstance(kind, str) and kind.startswith(OTHER_FAMILIES))
        or any(fields <= document.keys() for fields in OTHER_FIELDS)
    )


def read(document: Mapping[str, object]) -> list[Reading]:
    if "notificationItems" not in document:
        return read_transfer(PROVIDER, document) if document.get("type") in TRANSFERS else [_refuse(document)]
    notification = Fields(document, [])
    items = notification.each_nested("notificationItems")
    if not notification.faults and not 0 < len(items) <= MAXIMUM_ITEMS:
        notification.fault("notificationItems", "wrong_count", f"has not 1 to {MAXIMUM_ITEMS} items")
    if notification.faults:
        return [Reading(0, None, None, notification.faults)]
    live = notification.flag("live") is not False
    return [_read_item(index, element.apart(), notification.faults, live) for index, element in enumerate(items)]


def _refuse(document: Mapping[str, object]) -> Reading:
    if "NotificationRequestItem" in document or "eventCode" in document:
        fault = Fault("notificationItems", "partial", "an item without its notification: live and the list are missing")
    else:
        field = next((name for name in ("type", "eventType") if name in document), "$")
        fault = Fault(field, "unsupported_family", "another kind of webhook than standard webhooks and transfers")
    return refused(fault)


def _read_item(index: int, element: Fields, shared_faults: list[Fault], live: bool) -> Reading:
    item = element.nested("NotificationRequestItem")
    if item is None:
        return Reading(index, None, None, shared_faults + element.faults)
    code = read_identity(item, "eventCode", _EVENT_CODE, "an event code such as AUTHORISATION")
    if code is None or code in EVENTS or code in EITHER:
        draft = _draft(item, code, live)
    else:
        reason = "not_a_payment" if code in NOT_PAYMENTS else "unknown_event"
        item.fault("eventCode", reason, NOT_READ[reason])
        draft = Draft(PROVIDER, _identity_of_others(item.apart(), code), live=live)
    return finish(index, draft, shared_faults + item.faults, time_field=item.path("eventDate"), live_field="live")


def _identity_of_others(item: Fields, code: str) -> str | None:
    reference = read_identity(item, "pspReference", _ANY_REFERENCE, "")
    success = item.flag("success")
    return None if reference is None or success is None else _identity(code, reference, success)


def _identity(code: str, reference: str, success: bool, *more: str) -> str:
    return ":".join((code, reference, str(success).lower(), *more))


def _draft(item: Fields, code: str | None, live: bool) -> Draft:
    reference = read_identity(item, "pspReference", _PSP_REFERENCE, _PSP_FORM)
    success = item.flag("success")
    details = item.nested("additionalData", required=False)
    event = _event(item, code, details)
    outcome = None if event is None or success is None else _outcome(item, event, success, details)
    amount, currency = read_amount(item, or_zero=event is None or event.or_zero)
    occurred_at = _event_date(item)
    identifier = None
    if code is not None and reference is not None and success is not None:
        identifier = _identity(code, reference, success, *_more_of_identity(item, code, occurred_at))
    method = read_reference(item, "paymentMethod")
    return Draft(
        provider=PROVIDER,
        provider_event_id=identifier,
        type=outcome and outcome.type,
        operation=outcome and outcome.operation,
        amount_minor=amount,
        currency=currency,
        occurred_at=occurred_at,
        customer_reference=details and read_reference(details, "shopperReference", "recurring.shopperReference"),
        payment_method=_PAYMENT_METHODS.get(method, method) if method else None,
        payment_reference=read_identifier(item, "originalReference") or reference,
        counts=outcome is not None and outcome.counts,
        live=live,
        account=read_reference(item, "merchantAccountCode"),
    )


def _event(item: Fields, code: str | None, details: Fields | None) -> Event | None:
    if code is None:
        return None
    if code not in EITHER:
        return EVENTS[code]
    action = None if details is None else details.text("modification.action", required=False)
    if action is not None and action in BY_ACTION:
        return BY_ACTION[action]
    field = "additionalData.modification.action"
    if action is None:
        item.fault(field, "missing", "has to say which of the two: cancel or refund")
    else:
        item.fault(field, "unknown_value", "is neither cancel nor refund")
    return None


def _outcome(item: Fields, event: Event, success: bool, details: Fields | None) -> Outcome | None:
    if not success:
        if event.failure is None:
            item.fault("success", "contradiction", "does not fit the type of the event, which has happened")
        return event.failure
    if len(event.outcomes) == 1 or details is None:
        return next(iter(event.outcomes.values()))
    return read_status(details, "disputeStatus", DISPUTE_STATUSES, event.outcomes)


def _more_of_identity(item: Fields, code: str, occurred_at: datetime | None) -> tuple[str, ...]:
    """What distinguishes two events with the same code and reference: the time, or that a capture was made again."""
    if code in REPEATING and occurred_at is not None:
        return (timestamps.to_text(occurred_at),)
    if code == "CAPTURE" and item.apart().text("reason", required=False) in RECAPTURED:
        return ("recaptured",)
    return ()


def _event_date(item: Fields) -> datetime | None:
    text = item.text("eventDate")
    return None if text is None else read_moment(item, "eventDate", lambda: timestamps.parse_iso8601(text))
