"""What a row of an uploaded file is, and the one form in which rows are kept.

People write dates and amounts in many ways. Those that can mean one thing only are read. `03/01/2026` and `1,234` can
mean two, and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Final, final

import msgspec

from functions.common.currencies import DECIMALS
from functions.common.faults import Fault
from functions.common.money import AmountError, to_minor_units
from functions.common.timestamps import parse_iso8601

SCHEMA: Final = "csv-row/1"
REQUIRED: Final = ("transaction_id", "date", "amount", "currency")

_LONGEST_TEXT: Final = 1000
_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)
_TYPE: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", re.ASCII)
_SLASHES: Final = re.compile(r"[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{2,4}", re.ASCII)
# Thousands are groups of three with one sign between them, or have none.
_WITH_POINT: Final = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:([, '])[0-9]{3})(?:\1[0-9]{3})*)(?:\.[0-9]+)?", re.ASCII)
_WITH_COMMA: Final = re.compile(r"-?(?:[0-9]+|[0-9]{1,3}(?:([. '])[0-9]{3})(?:\1[0-9]{3})*),[0-9]+", re.ASCII)
_ONE_COMMA: Final = re.compile(r"-?[1-9][0-9]{0,2},[0-9]{3}", re.ASCII)
_SEPARATORS: Final = str.maketrans("", "", " '")


class Row(msgspec.Struct, frozen=True):
    """`at` is the moment of the transaction: the beginning of its day (UTC) where the file says only that."""

    transaction_id: str
    at: datetime
    amount_minor: int
    currency: str
    type: str = ""
    description: str = ""
    counterparty: str = ""


class _Wrong(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@final
class Rows:
    """The shape of rows (functions.common.records.batches.RowShape)."""

    def from_rows(self, rows: Sequence[Mapping[str, str]]) -> list[Row]:
        read = [self.read_row(row) for row in rows]
        if any(isinstance(row, list) for row in read):
            raise ValueError("a row is none: each is read again by itself")
        return [row for row in read if isinstance(row, Row)]

    def read_row(self, row: Mapping[str, str]) -> Row | list[Fault]:
        """Blanks around a cell and several in a row mean nothing; an empty cell is an absent one."""
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for name, read in _READERS.items():
            cell = " ".join(row.get(name, "").split())
            try:
                if cell:
                    values[name] = read(cell)
                elif name in REQUIRED:
                    raise _Wrong("missing", "is required")
            except _Wrong as wrong:
                faults.append(Fault(name, wrong.code, str(wrong)))
        if "amount" in values and "currency" in values:
            try:
                values["amount_minor"] = to_minor_units(values.pop("amount"), values["currency"])
            except AmountError as wrong:
                faults.append(Fault("amount", wrong.code, str(wrong)))
        return faults or Row(at=values.pop("date"), **values)


def _read_identifier(cell: str) -> str:
    if _IDENTIFIER.fullmatch(cell) is None:
        raise _Wrong("malformed", "is not 1 to 128 letters, digits and . _ : -, the first a letter or digit")
    return cell


def _read_date(cell: str) -> datetime:
    if found := _YEAR_FIRST.fullmatch(cell):
        return _day(found[1], found[3], found[4])
    if found := _DAY_FIRST.fullmatch(cell):
        return _day(found[3], found[2], found[1])
    if _SLASHES.fullmatch(cell):
        raise _Wrong("ambiguous", "may have its day first, or its month: write 2026-03-01")
    try:
        return parse_iso8601(cell, default_zone=UTC)
    except ValueError as error:
        raise _Wrong("malformed", "is no date such as 2026-03-01 or 2026-03-01T10:15:30Z") from error


def _day(year: str, month: str, day: str) -> datetime:
    try:
        return datetime.combine(date(int(year), int(month), int(day)), time(), UTC)
    except ValueError as error:
        raise _Wrong("malformed", "is no day of the calendar") from error


def _read_amount(cell: str) -> str:
    """The amount in digits, with a point if it has decimals. What precision it may have is the currency's."""
    if _ONE_COMMA.fullmatch(cell):
        raise _Wrong("ambiguous", "may have thousands or decimals behind its comma: write 1234 or 1.234")
    if _WITH_POINT.fullmatch(cell):
        return cell.replace(",", "").translate(_SEPARATORS)
    if _WITH_COMMA.fullmatch(cell):
        return cell.replace(".", "").replace(",", ".").translate(_SEPARATORS)
    raise _Wrong("malformed", "is no amount such as 1234.56")


def _read_currency(cell: str) -> str:
    if (code := cell.upper()) not in DECIMALS:
        raise _Wrong("unknown", "is no currency of ISO 4217, such as EUR")
    return code


def _read_type(cell: str) -> str:
    if _TYPE.fullmatch(kind := cell.lower()) is None:
        raise _Wrong("malformed", "is not 1 to 64 letters, digits, _ and -, the first a letter")
    return kind


def _read_text(cell: str) -> str:
    if len(cell) > _LONGEST_TEXT or _CONTROL.search(cell):
        raise _Wrong("malformed", f"is longer than {_LONGEST_TEXT} characters, or has control characters")
    return cell


_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    "transaction_id": _read_identifier,
    "date": _read_date,
    "amount": _read_amount,
    "currency": _read_currency,
    "type": _read_type,
    "description": _read_text,
    "counterparty": _read_text,
}
