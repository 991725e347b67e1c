"""What a record of a transaction file is: `transaction.schema.json` says it for senders, this module reads it.

A record is read by types, many at once. One that they refuse is read again field by field, for all of its faults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, final

import msgspec
from msgspec import Meta, Raw

from functions.common.currencies import DECIMALS
from functions.common.faults import Fault

SCHEMA: Final = "transaction/1"
REQUIRED: Final = ("transaction_id", "timestamp", "amount", "currency", "account_id", "type")

Identifier = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}\Z")]
Kind = Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}\Z")]
Text = Annotated[str, Meta(max_length=1000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z")]

# As a number of DynamoDB's, which holds 38 digits, and as other ledgers hold money (ISO 20022: 18 digits).
_AMOUNT: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]+)?", re.ASCII)
# Below that of any binary float; written out, a smaller one would fill the memory.
_SMALLEST_EXPONENT: Final = -400
_AMOUNTS: Final = re.compile(r"(?:-?[0-9]{1,18}(?:\.[0-9]{1,8})?\n)*", re.ASCII)


class Transaction(msgspec.Struct, frozen=True):
    """`amount` is in major units, as written; `description` and `counterparty` are empty where there are none."""

    transaction_id: str
    timestamp: datetime
    amount: Decimal
    currency: str
    account_id: str
    type: str
    description: str
    counterparty: str


class _Row(msgspec.Struct):
    transaction_id: Identifier
    timestamp: Moment
    amount: str
    currency: Currency
    account_id: Identifier
    type: Kind
    description: Text = ""
    counterparty: Text = ""


class _Document(msgspec.Struct):
    transaction_id: Identifier
    timestamp: Moment
    amount: Raw
    currency: Currency
    account_id: Identifier
    type: Kind
    description: Text = ""
    counterparty: Text = ""


_ROWS: Final = list[_Row]
_DECODER: Final = msgspec.json.Decoder(_Document)
# A letter of a name, written so that the name is not seen.
_ESCAPED_ASCII: Final = re.compile(rb"\\u00[4-7]")
_QUOTED_REQUIRED: Final = [f'"{name}"'.encode() for name in REQUIRED]
_QUOTED_OPTIONAL: Final = [b'"description"', b'"counterparty"']

# What each field is, for people.
_FORMS: Final = {
    "transaction_id": (Identifier, "1 to 128 letters, digits and . _ : -, the first a letter or digit"),
    "timestamp": (Moment, "a date and time with an offset from UTC, such as 2026-03-01T10:15:30Z"),
    "currency": (Currency, "three capital letters of ISO 4217, such as EUR"),
    "account_id": (Identifier, "1 to 128 letters, digits and . _ : -, the first a letter or digit"),
    "type": (Kind, "1 to 64 letters, digits, _ and -, the first a letter"),
    "description": (Text, "at most 1000 characters without control characters"),
    "counterparty": (Text, "at most 1000 characters without control characters"),
}


@final
class Transactions:
    """The shape of transactions (functions.common.records.batches.Shape)."""

    def from_rows(self, rows: Sequence[Mapping[str, str]]) -> list[Transaction]:
        read = msgspec.convert(rows, _ROWS)
        if _AMOUNTS.fullmatch("".join([f"{row.amount}\n" for row in read])) is None:
            raise ValueError("an amount is left to the slow path")
        return [_transaction(row, row.amount) for row in read]

    def from_json(self, documents: Sequence[bytes]) -> list[Transaction]:
        read = [_DECODER.decode(document) for document in documents]
        # A number and the same in a string are one amount.
        amounts = [bytes(document.amount).decode().strip('"') for document in read]
        if _AMOUNTS.fullmatch("".join([f"{amount}\n" for amount in amounts])) is None or _may_repeat_a_name(documents):
            raise ValueError("a document is left to the slow path")
        return [_transaction(document, amount) for document, amount in zip(read, amounts, strict=True)]

    def read_row(self, row: Mapping[str, str]) -> Transaction | list[Fault]:
        """An empty cell is an absent field."""
        return _read({name: cell for name, cell in row.items() if cell})

    def read_json(self, document: Mapping[str, object]) -> Transaction | list[Fault]:
        """A field that is null is an absent one. The amount is a number, or one in a string."""
        return _read({name: value for name, value in document.items() if value is not None})


def _transaction(fields: _Row | _Document, amount: str) -> Transaction:
    """Raises ValueError for a currency that ISO 4217 does not list, and for more decimals than it has."""
    fault = _fault_of_money(amount, fields.currency)
    if fault is not None:
        raise ValueError(fault.message)
    return Transaction(
        fields.transaction_id, fields.timestamp, Decimal(amount), fields.currency, fields.account_id, fields.type,
        fields.description, fields.counterparty,
    )  # fmt: skip


def _fault_of_money(amount: str, currency: str) -> Fault | None:
    decimals = DECIMALS.get(currency)
    if decimals is None:
        return Fault("currency", "unknown", "is no currency of ISO 4217")
    if len(amount.partition(".")[2].rstrip("0")) > decimals:
        return Fault("amount", "too_precise", f"has more than the {decimals} decimals of {currency}")
    return None


def _may_repeat_a_name(documents: Sequence[bytes]) -> bool:
    """Whether a document may have a field twice, of which the decoder takes the last one without a word. All of them
    have the required ones.
    """
    text = b"".join(documents)
    return (
        _ESCAPED_ASCII.search(text) is not None
        or any(text.count(name) != len(documents) for name in _QUOTED_REQUIRED)
        or any(text.count(name) != sum([name in document for document in documents]) for name in _QUOTED_OPTIONAL)
    )


def _read(fields: Mapping[str, object]) -> Transaction | list[Fault]:
    faults = [Fault(name, "missing", "is required") for name in REQUIRED if name not in fields]
    values: dict[str, object] = {"description": "", "counterparty": ""}
    for name, (type_, form) in _FORMS.items():
        if name in fields:
            try:
                values[name] = msgspec.convert(fields[name], type_)
            except msgspec.ValidationError:
                faults.append(Fault(name, "malformed", f"is not {form}"))
    amount = _amount(fields.get("amount", "0"))
    if amount is None:
        faults.append(Fault("amount", "malformed", "is not a decimal number of at most 18 digits, such as -10.25"))
    elif "currency" in values and (fault := _fault_of_money(amount, str(values["currency"]))):
        faults.append(fault)
    if faults or amount is None:
        return faults
    return msgspec.convert(values | {"amount": Decimal(amount)}, Transaction)


def _amount(value: object) -> str | None:
    """An amount in digits; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    if isinstance(value, Decimal) and not -(10**18) < value < 10**18:
        return None
    if isinstance(value, Decimal) and value.adjusted() < _SMALLEST_EXPONENT:
        return None
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text if _AMOUNT.fullmatch(text) else None
