"""From a request's body to the event in it (WHK-02 to WHK-06)."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC
from enum import StrEnum

import msgspec

from functions.common.faults import Fault
from functions.common.fields import Fields, NotJsonError, parse_json
from functions.common.timestamps import parse_iso8601
from functions.webhooks.logic.requests import MAXIMUM_ENCODED_BYTES, Rejected, too_large

# What SQS refuses in a message (SendMessage, "MessageBody"): found here, it is the sender's to mend; found by the
# router, it would be a dead letter. JSON itself already excludes the control characters.
_NOT_IN_A_MESSAGE = re.compile("[\ufffe\uffff]")
_IDENTIFIER = re.compile("[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]+")


class TransactionType(StrEnum):
    PAYMENT = "payment"
    REFUND = "refund"
    DISPUTE = "dispute"


class WebhookEvent(msgspec.Struct, frozen=True):
    """`timestamp` is the sender's, ISO 8601 as sent. `payload` is the body's text, byte for byte: parsing and writing
    it again would pass the amount through a binary float.
    """

    event_id: str
    transaction_type: TransactionType
    timestamp: str
    payload: str


def read_event(body: bytes) -> WebhookEvent:
    """Raises Rejected: its error tells of the first fault in the order of WHK-02, its codes of every one."""
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
    except (UnicodeDecodeError, NotJsonError):
        faults.append(_why_no_json(body))
        return None
    if not isinstance(document, dict):
        faults.append(Fault("$", "not_an_object", "is not a JSON object"))
        return None
    if _NOT_IN_A_MESSAGE.search(payload):
        faults.append(Fault("$", "character", "holds U+FFFE or U+FFFF, which a queue does not carry"))
    if _repeats_a_name(payload):
        faults.append(Fault("$", "repeated_name", "holds an object in which a name stands twice"))

    fields = Fields(document, faults)
    event_id = fields.text("event_id", pattern=_IDENTIFIER, form="free of control characters")
    transaction_type = _transaction_type(fields)
    _judge_amount(fields)
    timestamp = _timestamp(fields)
    if event_id is None or transaction_type is None or timestamp is None:
        return None
    return WebhookEvent(event_id, transaction_type, timestamp, payload)


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
        parse_iso8601(value, default_zone=UTC)
    except ValueError:
        fields.fault("timestamp", "malformed", "is not an ISO 8601 date and time")
        return None
    return value


def _why_no_json(body: bytes) -> Fault:
    """Some senders write NaN and Infinity, which JSON does not know: for an amount, say that rather than "not JSON"."""
    if not body:
        return Fault("$", "empty", "is empty")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    amount = document.get("amount") if isinstance(document, dict) else None
    if isinstance(amount, float) and not math.isfinite(amount):
        return Fault("amount", "not_finite", "is not a finite number")
    return Fault("$", "not_json", "is not JSON")


def _repeats_a_name(payload: str) -> bool:
    """RFC 8259, section 4: which of two equal names counts depends on the reader, so the consumer might read another
    event than was recorded here.
    """
    repeated = False

    def judge(pairs: Sequence[tuple[str, object]]) -> None:
        nonlocal repeated
        repeated = repeated or len({name for name, _ in pairs}) < len(pairs)

    json.loads(payload, object_pairs_hook=judge)
    return repeated


def _told(fault: Fault) -> str:
    """WHK-05 gives the words for a missing field; an empty or null one is missing too."""
    if fault.code == "missing":
        return f"Missing required field: {fault.field}"
    return f"{'Request body' if fault.field == '$' else f'Field {fault.field}'} {fault.message}"


def _codes(faults: Sequence[Fault]) -> tuple[str, ...]:
    return tuple(f"{fault.field}:{fault.code}" for fault in faults)
