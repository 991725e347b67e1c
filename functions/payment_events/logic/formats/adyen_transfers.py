"""Adyen's payouts by the Transfers API, which replaces the event codes PAYOUT_*.

https://docs.adyen.com/api-explorer/transfer-webhooks/latest/overview: `balancePlatform.transfer.created` and `.updated`
carry the transfer as it is, and the events that led there, the newest last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from functions.common import timestamps
from functions.common.fields import Fields
from functions.payment_events.logic.formats.adyen_amounts import read_amount
from functions.payment_events.logic.formats.adyen_events import (
    PAYOUT_CATEGORIES,
    PAYOUT_TYPES,
    TRANSFER_OUTCOMES,
    TRANSFER_STATUSES,
)
from functions.payment_events.logic.formats.building import (
    NOT_READ,
    read_identifier,
    read_identity,
    read_moment,
    read_status,
)
from functions.payment_events.logic.payments import Draft, Reading, finish

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_STATUS = re.compile(r"[A-Za-z]{1,64}", re.ASCII)
_OUTGOING = "outgoing"


def read_transfer(provider: str, document: Mapping[str, object]) -> list[Reading]:
    event = Fields(document, [])
    data = event.nested("data")
    if data is None:
        return [Reading(0, None, None, event.faults)]
    holder, name = _place_of_time(event, data)
    draft = _draft(provider, event, data)
    return [finish(0, draft, event.faults, time_field=holder.path(name), live_field="environment")]


def _draft(provider: str, event: Fields, data: Fields) -> Draft:
    environment = event.text("environment")
    if environment not in (None, "live", "test"):
        event.fault("environment", "unknown_value", "is neither live nor test")
    transfer = read_identity(data, "id", _ID, "a transfer's id")
    identifier = _identity(data, transfer)
    if not _pays_out(data):
        data.fault("category", "not_a_payment", NOT_READ["not_a_payment"])
        return Draft(provider, identifier, live=environment != "test")
    if "status" not in data and "sequenceNumber" in data:
        data.fault("status", "missing", "is required")
    outcome = read_status(data, "status", TRANSFER_STATUSES, TRANSFER_OUTCOMES)
    amount, currency = read_amount(data, or_zero=False)
    account = data.nested("balanceAccount", required=False)
    return Draft(
        provider=provider,
        provider_event_id=identifier,
        type=outcome and outcome.type,
        operation=outcome and outcome.operation,
        amount_minor=amount,
        currency=currency,
        occurred_at=_time(event, data),
        payment_method=read_identifier(data, "category"),
        payment_reference=transfer,
        counts=outcome is not None and outcome.counts and _moves_money(data),
        live=environment != "test",
        account=account and read_identifier(account, "id"),
    )


def _identity(data: Fields, transfer: str | None) -> str | None:
    """The transfer and the number of the webhook about it; the older version has no number, but each status once."""
    number = data.integer("sequenceNumber", required=False)
    step = str(number) if number is not None else data.text("status", pattern=_STATUS, form="a status")
    return None if transfer is None or step is None else f"transfer:{transfer}:{step}"


def _place_of_time(event: Fields, data: Fields) -> tuple[Fields, str]:
    """When the webhook was queued; in older versions when it was triggered."""
    places = ((event, "timestamp"), (data, "updatedAt"), (data, "creationDate"))
    return next((place for place in places if place[1] in place[0]), places[0])


def _time(event: Fields, data: Fields) -> datetime | None:
    holder, name = _place_of_time(event, data)
    text = holder.text(name)
    return None if text is None else read_moment(holder, name, lambda: timestamps.parse_iso8601(text))


def _pays_out(data: Fields) -> bool:
    """Money to a bank account or a third party's card; not within the platform, into it, or by issued cards."""
    return (
        data.text("category") in (None, *PAYOUT_CATEGORIES)
        and data.text("direction", required=False) in (None, _OUTGOING)
        and data.text("type", required=False) in (None, *PAYOUT_TYPES)
    )


def _moves_money(data: Fields) -> bool:
    """Whether this webhook reports a change of the balance.

    Its newest event then has a transaction, which is "only sent for events of type accounting where the balance
    changes". Other webhooks track the money on its way to the bank.
    """
    events = data.each_nested("events", required=False)
    if events:
        newest = events[-1]
        return newest.text("type", required=False) != "tracking" and "transactionId" in newest
    return "tracking" not in data and data.text("status", required=False) in ("booked", "returned")
