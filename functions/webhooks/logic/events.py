"""From a request's body to the event in it (WHK-02 to WHK-06)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from enum import StrEnum

import msgspec

from functions.common.cards import holds_card_number
from functions.common.faults import Fault
from functions.common.fields import Fields, NotJsonError, parse_json
from functions.common.personal_data import holds_email_address
from functions.common.timestamps import read_iso8601
from functions.webhooks.logic.requests import MAXIMUM_ENCODED_BYTES, Rejected, too_large

# What SQS refuses in a message (SendMessage, "MessageBody"). Found here, the sender can fix it; found by the router, it
# would become a dead letter. JSON itself excludes the control characters.
_NOT_IN_A_MESSAGE = re.compile("[\ufffe\uffff]")
_IDENTIFIER = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")


class TransactionType(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


class WebhookEvent(msgspec.Struct, frozen=True):
    """`timestamp` is the sender's, ISO 8601 as sent. `payload` is the body's text, byte for byte: parsing and writing
    it again would convert the amount through a binary float.
    """

    event_id: str
    transaction_type: TransactionType
    timestamp: str
    payload: str


def read_event(body: bytes) -> WebhookEvent:
    """Raises Rejected: its error names the first fault in the order of WHK-02, its codes name all of them."""
    faults: list[Fault] = []
    event = _read(body, faults)
    if event is None or faults:
        raise Rejected(400, _told(faults[0]), _codes(faults))
    if len(msgspec.json.encode(event.payload)) > MAXIMUM_ENCODED_BYTES:
        raise too_large()
    return event


def _read(body: bytes, faults: list[Fault]) -> WebhookEvent | None:
    try:
        payload = body.decode("utf-8")
        document = parse_json(payload)
    except (UnicodeDecodeError, NotJsonError) as error:
        faults.append(_why_not_read(body, error))
        return None
    if not isinstance(document, dict):
        faults.append(Fault("$", "not_an_object", "is not a JSON object"))
        return None
    if _NOT_IN_A_MESSAGE.search(payload):
        faults.append(Fault("$", "character", "holds U+FFFE or U+FFFF, which a queue does not carry"))

    fields = Fields(document, faults)
    event_id = _event_id(fields)
    transaction_type = _transaction_type(fields)
    _judge_amount(fields)
    timestamp = _timestamp(fields)
    if event_id is None or transaction_type is None or timestamp is None:
        return None
    return WebhookEvent(event_id, transaction_type, timestamp, payload)


def _event_id(fields: Fields) -> str | None:
    """The one field of the sender's own words that is kept, logged and sent outside the body.

    It holds no card number and no e-mail address.
    """
    value = fields.text("event_id", pattern=_IDENTIFIER, form="free of control characters")
    if value is not None and holds_card_number(value):
        fields.fault("event_id", "card_number", "holds what may be a card number: send an id that is no such number")
        return None
    if value is not None and holds_email_address(value):
        fields.fault("event_id", "email_address", "holds an e-mail address: send an id that holds none")
        return None
    return value


def _transaction_type(fields: Fields) -> TransactionType | None:
    value = fields.text("transaction_type")
    if value is None:
        return None
    try:
        return TransactionType(value)
    except ValueError:
        fields.fault("transaction_type", "unknown", f"is none of {', '.join(TransactionType)}")
        return None


def _judge_amount(fields: Fields) -> None:
    """Finite as an IEEE 754 double, which is what consumers read JSON numbers into, and not negative."""
    amount = fields.number("amount")
    if amount is None:
        return
    if math.isinf(float(amount)):
        fields.fault("amount", "not_finite", "is not a finite number")
    elif amount < 0:
        fields.fault("amount", "negative", "is negative")


def _timestamp(fields: Fields) -> str | None:
    value = fields.text("timestamp")
    if value is None:
        return None
    try:
        read_iso8601(value)
    except ValueError as error:
        fields.fault("timestamp", "malformed", f"is {error}")
        return None
    return value


def _why_not_read(body: bytes, error: UnicodeDecodeError | NotJsonError) -> Fault:
    """Some senders write NaN and Infinity, which JSON does not have. For an amount the error says so."""
    if not body:
        return Fault("$", "empty", "is empty")
    if isinstance(error, UnicodeDecodeError):
        return Fault("$", "not_utf8", "is not JSON in UTF-8")
    if error.code == "not_json" and _has_an_amount_that_is_not_finite(body.decode()):
        return Fault("amount", "not_finite", "is not a finite number")
    return Fault("$", error.code, str(error))


def _has_an_amount_that_is_not_finite(text: str) -> bool:
    try:
        document = json.loads(text)
    except ValueError:
        return False
    amount = document.get("amount") if isinstance(document, dict) else None
    return isinstance(amount, float) and not math.isfinite(amount)


def _told(fault: Fault) -> str:
    """WHK-05 gives the words for a missing field. An empty or null field counts as missing."""
    if fault.code == "missing":
        return f"Missing required field: {fault.field}"
    return f"{'Request body' if fault.field == '$' else f'Field {fault.field}'} {fault.message}"


def _codes(faults: Sequence[Fault]) -> tuple[str, ...]:
    return tuple(f"{fault.field}:{fault.code}" for fault in faults)
