"""The platform's own notification format, `payment-event/1`: see `canonical.schema.json` beside the handlers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar

from functions.common import timestamps
from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.fields import Fields
from functions.common.money import rescale
from functions.payment_events.logic.formats.building import (
    judge_amount,
    read_currency,
    read_identity,
    read_moment,
    read_reference,
)
from functions.payment_events.logic.payments import (
    DIRECTIONS,
    SCHEMA,
    Draft,
    Operation,
    PaymentType,
    Reading,
    finish,
    refused,
)

PROVIDER = "canonical"

_FAMILY = "payment-event/"
_EVENT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_EVENT_ID_FORM = "1 to 128 letters, digits, dots, colons, - and _"

# The operation, where the type alone determines it.
_OPERATIONS = {
    PaymentType.AUTHORISED: Operation.AUTHORISATION,
    PaymentType.CANCELLED: Operation.CANCELLATION,
    PaymentType.CAPTURED: Operation.CAPTURE,
    PaymentType.DISPUTED: Operation.DISPUTE,
    PaymentType.DISPUTE_LOST: Operation.DISPUTE,
    PaymentType.DISPUTE_WON: Operation.DISPUTE,
    PaymentType.EXPIRED: Operation.AUTHORISATION,
    PaymentType.PAID_OUT: Operation.PAYOUT,
    PaymentType.REFUNDED: Operation.REFUND,
    PaymentType.REINSTATED: Operation.DISPUTE,
    PaymentType.VERIFIED: Operation.AUTHORISATION,
}

# These count unless the publisher says otherwise. A dispute may or may not have taken money.
_COUNTS = frozenset({PaymentType.CAPTURED, PaymentType.PAID_OUT, PaymentType.REFUNDED})

Choice = TypeVar("Choice", bound=StrEnum)


def claims(document: Mapping[str, object]) -> bool:
    schema = document.get("schema")
    return isinstance(schema, str) and schema.startswith(_FAMILY)


def read(document: Mapping[str, object]) -> list[Reading]:
    if document["schema"] != SCHEMA:
        message = f"is not {SCHEMA}, the one version that is read here"
        return [refused(Fault("schema", "unsupported_family", message))]
    event = Fields(document, [])
    return [finish(0, _draft(event), event.faults, time_field="occurred_at", live_field="live")]


def _draft(event: Fields) -> Draft:
    type_ = _choice(event, "type", PaymentType)
    operation = _operation(event, type_)
    currency = read_currency(event, "currency")
    return Draft(
        provider=PROVIDER,
        provider_event_id=read_identity(event, "event_id", _EVENT_ID, _EVENT_ID_FORM),
        type=type_,
        operation=operation,
        amount_minor=_amount(event, currency, or_zero=type_ in (None, PaymentType.VERIFIED)),
        currency=currency,
        occurred_at=_occurred_at(event),
        customer_reference=read_reference(event, "customer_reference"),
        payment_method=read_reference(event, "payment_method"),
        payment_reference=read_reference(event, "payment_reference"),
        counts=_counts(event, type_, operation),
        live="live" not in event or bool(event.flag("live")),
        account=read_reference(event, "account"),
    )


def _counts(event: Fields, type_: PaymentType | None, operation: Operation | None) -> bool:
    if type_ is None or operation is None:
        return False
    moves = (type_, operation) in DIRECTIONS
    if "counts" not in event:
        return moves and type_ in _COUNTS
    counts = bool(event.flag("counts"))
    if counts and not moves:
        event.fault("counts", "contradiction", f"{type_.value} {operation.value} moves no money")
    return counts


def _operation(event: Fields, type_: PaymentType | None) -> Operation | None:
    if "operation" in event:
        return _choice(event, "operation", Operation)
    if type_ is None:
        return None
    if type_ not in _OPERATIONS:
        event.fault("operation", "missing", f"is required: {type_.value} does not say what was attempted")
    return _OPERATIONS.get(type_)


def _amount(event: Fields, currency: str | None, *, or_zero: bool) -> int | None:
    value = event.integer("amount_minor")
    if value is None:
        return None
    convert = None if currency is None else partial(rescale, value, currency, decimals=DECIMALS[currency])
    return judge_amount(event, "amount_minor", value, convert, or_zero=or_zero)


def _choice(event: Fields, name: str, choices: type[Choice]) -> Choice | None:
    text = event.text(name)
    if text is None:
        return None
    try:
        return choices(text)
    except ValueError:
        event.fault(name, "unknown_value", f"is none of {', '.join(choices)}")
        return None


def _occurred_at(event: Fields) -> datetime | None:
    text = event.text("occurred_at")
    return None if text is None else read_moment(event, "occurred_at", lambda: timestamps.parse_iso8601(text))
