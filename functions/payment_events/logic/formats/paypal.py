"""PayPal's webhooks (https://developer.paypal.com/api/rest/webhooks): an envelope around a resource of API v1 or v2.

v1 writes `amount.total`, `amount.currency` and `state`; v2 (`resource_version: "2.0"`) `amount.value`,
`amount.currency_code` and `status`. Amounts are decimal strings in major units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

import msgspec

from functions.common import timestamps
from functions.common.cards import mask_card_numbers
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.payment_events.logic.formats.building import (
    NOT_READ,
    Outcome,
    read_identifier,
    read_identity,
    read_moment,
    read_status,
)
from functions.payment_events.logic.formats.paypal_events import (
    DISPUTE_OUTCOMES,
    EVENTS,
    NOT_PAYMENTS,
    ORDER_AUTHORIZATIONS,
    ORDER_CAPTURES,
    Event,
    Resource,
)
from functions.payment_events.logic.formats.paypal_invoices import read_invoice
from functions.payment_events.logic.formats.paypal_money import (
    NO_MONEY,
    Money,
    each,
    find,
    read_money,
    status_of,
    sum_amounts,
)
from functions.payment_events.logic.payments import Draft, PaymentType, Reading, finish, refused

PROVIDER = "paypal"

# https://developer.paypal.com/docs/api/orders/v2: an order has at most 10 purchase units.
MAXIMUM_UNITS = 10
# PayPal documents no limit for the payments of an order.
MAXIMUM_PAYMENTS = 100

_EVENT_ID = re.compile(r"(?=.*[A-Z])[A-Z0-9-]{8,64}", re.ASCII)
_EPOCH_MILLISECONDS = re.compile(r"[0-9]{11,14}", re.ASCII)
_ZONE_NAME = re.compile(r"(.*[0-9]) ?([A-Z]{3})", re.ASCII)
# The zone names that PayPal writes are those of the United States.
_HOURS_FROM_UTC = {
    "EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "GMT": 0, "UTC": 0,
}  # fmt: skip

_SANDBOX = re.compile(r"https?://([a-z0-9-]+\.)*sandbox\.paypal\.com([:/].*)?", re.ASCII | re.IGNORECASE)
_PARENT = re.compile(r"https?://[^/]+/v[12]/payments/(?:captures?|sale)/([A-Za-z0-9-]{1,64})", re.ASCII)

_UNITS = "purchase_units"
# Lists of which each element has an amount.
_LISTS = frozenset({_UNITS, "transactions"})
_PAYMENT_STATUSES = Resource.CAPTURE.value.statuses | Resource.AUTHORIZATION.value.statuses


def claims(document: Mapping[str, object]) -> bool:
    """A webhook, or the request that asks PayPal to verify one."""
    return "event_type" in document or "webhook_event" in document


def read(document: Mapping[str, object]) -> list[Reading]:
    if "event_type" not in document:
        message = "a request to verify a webhook: send the webhook itself"
        return [refused(Fault("webhook_event", "unsupported_family", message))]
    event = Fields(document, [])
    return [finish(0, _draft(event), event.faults, time_field="create_time", live_field="links")]


def _draft(event: Fields) -> Draft:
    identifier = read_identity(event, "id", _EVENT_ID, "a PayPal event id (WH-...)")
    unread = Draft(PROVIDER, identifier, live=not _is_of_sandbox(event))
    name = event.text("event_type")
    meaning = None if name is None else EVENTS.get(name)
    if name is not None and meaning is None:
        code = "not_a_payment" if name in NOT_PAYMENTS else "unknown_event"
        event.fault("event_type", code, NOT_READ[code])
        return unread
    occurred_at = _create_time(event)
    resource = event.nested("resource")
    if meaning is None or resource is None:
        return msgspec.structs.replace(unread, occurred_at=occurred_at)
    old = event.text("resource_version", required=False) != "2.0"
    outcome, (amount, currency) = _READERS.get(meaning.resource, _read_simple)(resource, meaning, old)
    return msgspec.structs.replace(
        unread,
        type=outcome and outcome.type,
        operation=outcome and outcome.operation,
        amount_minor=amount,
        currency=currency,
        occurred_at=occurred_at,
        customer_reference=_payer(resource),
        payment_method=PROVIDER,
        payment_reference=_payment_reference(resource, meaning.resource),
        counts=outcome is not None and outcome.counts,
        account=_account(resource),
    )


def _read_simple(resource: Fields, event: Event, old: bool) -> tuple[Outcome | None, Money]:
    """A resource with one status and one amount. A refund's amount may be negative in v1."""
    outcome = status_of(resource, event.resource.value, event.outcomes)
    return outcome, _amount(resource, event.resource, negative=old and event.resource == Resource.REFUND)


def _amount(resource: Fields, kind: Resource, *, negative: bool = False) -> Money:
    places = kind.value.amount
    for place in places:
        if place not in _LISTS:
            found = find(resource, place)
            if found is not None:
                return read_money(found, negative=negative)
        elif place in resource:
            return sum_amounts(each(resource, place, MAXIMUM_UNITS), resource, place)
    resource.fault(places[0], "missing", "is required")
    return NO_MONEY


def _read_order(resource: Fields, event: Event, _old: bool) -> tuple[Outcome | None, Money]:
    """The payments inside an order decide its outcome. Before there are any, its status does."""
    outcome = status_of(resource, event.resource.value, event.outcomes)
    completed = outcome is not None and outcome.type == PaymentType.CAPTURED
    units = each(resource, _UNITS, MAXIMUM_UNITS) if completed or _UNITS in resource else []
    if _UNITS in resource and not units:
        return outcome, NO_MONEY
    # v2 has `payments`, v1 `payment_summary`
    groups = [group for unit in units for name in ("payments", "payment_summary") if (group := find(unit, name))]
    for names, outcomes in ((("captures", "sales"), ORDER_CAPTURES), (("authorizations",), ORDER_AUTHORIZATIONS)):
        parts = [part for group in groups for name in names for part in group.each_nested(name, required=False)]
        if len(parts) > MAXIMUM_PAYMENTS:
            resource.fault(_UNITS, "wrong_count", f"have more than {MAXIMUM_PAYMENTS} payments")
            return None, NO_MONEY
        if parts:
            told, money = _weightiest(parts, outcomes, resource)
            return outcome and told, money
    if not completed:
        return outcome, _amount(resource, event.resource)
    if units:
        units[0].fault("payments", "missing", "is required: it says what became of the order")
    return None, NO_MONEY


def _weightiest(parts: list[Fields], outcomes: Mapping[str, Outcome], order: Fields) -> tuple[Outcome | None, Money]:
    """The first of the outcomes that one of the payments has, and the sum of the payments with that outcome."""
    told = []
    for part in parts:
        if "status" not in part:
            part.fault("status", "missing", "is required")
        told.append(read_status(part, "status", _PAYMENT_STATUSES, outcomes))
    outcome = next((each_outcome for each_outcome in outcomes.values() if each_outcome in told), None)
    chosen = [part for part, each_outcome in zip(parts, told, strict=True) if each_outcome == outcome]
    return outcome, sum_amounts(chosen, order, _UNITS)


def _read_dispute(resource: Fields, event: Event, _old: bool) -> tuple[Outcome | None, Money]:
    """The outcome of a resolved dispute decides what it is."""
    outcome = status_of(resource, event.resource.value, event.outcomes)
    always = set(event.outcomes) == {"resolved"}
    resolved = always or (resource.text("status", required=False) or "").lower() == "resolved"
    result = resource.nested("dispute_outcome", required=always) if outcome is not None and resolved else None
    if result is not None:
        if "outcome_code" not in result:
            result.fault("outcome_code", "missing", "is required")
        outcome = read_status(result, "outcome_code", DISPUTE_OUTCOMES, DISPUTE_OUTCOMES)
    return outcome, _amount(resource, event.resource)


_READERS = {Resource.DISPUTE: _read_dispute, Resource.INVOICE: read_invoice, Resource.ORDER: _read_order}


def _is_of_sandbox(event: Fields) -> bool:
    """PayPal's sandbox is another host, and each event links to itself and to its resource there."""
    quiet = event.apart()
    holders = [quiet, quiet.nested("resource", required=False)]
    links = [link for holder in holders if holder is not None for link in holder.each_nested("links", required=False)]
    return any(_SANDBOX.fullmatch(link.text("href", required=False) or "") for link in links)


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
    """The account that paid. The `payer` of a refund is the merchant, and has no `payer_id`."""
    for place, name in (
        ("payer", "payer_id"),
        ("payer.payer_info", "payer_id"),
        ("subscriber", "payer_id"),
        ("payment_source.paypal", "account_id"),
    ):
        holder = find(resource, place)
        if holder is not None and name in holder:
            return read_identifier(holder, name)
    return None


def _account(resource: Fields) -> str | None:
    """The merchant's account, if all parts of the resource name the same one."""
    # `payer` is the merchant in a refund
    holders = [find(resource, place) for place in ("payee", "payer")]
    for name, place in ((_UNITS, "payee"), ("transactions", "payee"), ("disputed_transactions", "seller")):
        holders += [find(part, place) for part in resource.each_nested(name, required=False)[:MAXIMUM_UNITS]]
    accounts = {read_identifier(holder, "merchant_id") for holder in holders if holder and "merchant_id" in holder}
    return accounts.pop() if len(accounts) == 1 else None


def _payment_reference(resource: Fields, kind: Resource) -> str | None:
    """The payment that the event is about: what was refunded or disputed, or the resource itself."""
    if kind == Resource.DISPUTE:
        disputed = resource.each_nested("disputed_transactions", required=False)
        return read_identifier(disputed[0], "seller_transaction_id") if disputed else None
    if kind == Resource.INVOICE:
        return read_identifier(find(resource, "invoice") or resource, "id")
    if kind == Resource.PAYOUT_BATCH:
        header = find(resource, "batch_header")
        return header and read_identifier(header, "payout_batch_id")
    if kind == Resource.REFUND:
        related = find(resource, "supplementary_data.related_ids")
        named = read_identifier(resource, "sale_id", "capture_id") or (
            related and read_identifier(related, "capture_id")
        )
        return named or _parent(resource) or read_identifier(resource, "id")
    names = {
        Resource.PAYOUT_ITEM: ("payout_item_id",),
        Resource.REFERENCED_PAYOUT: ("reference_id", "item_id"),
        Resource.RISK_DISPUTE: ("seller_payment_id",),
    }
    return read_identifier(resource, *names.get(kind, ("id",)))


def _parent(resource: Fields) -> str | None:
    """A v2 refund names its capture only in `links`."""
    for link in resource.apart().each_nested("links", required=False):
        found = _PARENT.fullmatch(link.text("href", required=False) or "")
        if found is not None:
            return mask_card_numbers(found.group(1))
    return None
