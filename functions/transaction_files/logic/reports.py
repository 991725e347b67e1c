"""A record that is not stored, and why: what the processor sends to the dead-letter queue."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from functions.common.faults import Fault
from functions.common.messages import MAXIMUM_MESSAGE_BYTES, as_message
from functions.common.records.batches import Rejected
from functions.common.records.formats import Format, Opening
from functions.transaction_files.logic.segments import Source
from functions.transaction_files.logic.transactions import Transaction

_CONFLICT: Final = Fault(
    "transaction_id", "conflict", "has other content than the transaction that stands under this id"
)

# DynamoDB takes keys of an index up to 2 KB, and no empty one.
_LONGEST_NAME: Final = 256


class Classification(StrEnum):
    """Why something is in the table of errors: the first three are reports, and sending them again changes nothing."""

    REJECTED = "rejected"
    CONFLICT = "conflict"
    UNREADABLE = "unreadable"
    NOT_PROCESSED = "not_processed"
    UNKNOWN = "unknown"


class Report(msgspec.Struct, frozen=True, tag="record", tag_field="kind", omit_defaults=True):
    """`number` is the record's line, or its index in a JSON array, and `other` is where the record stands that it is in
    conflict with. `transaction_id` and `account_id` are empty where the record does not say them.
    """

    classification: Classification
    file: str
    uploaded_at: int
    number: int
    original: str
    faults: tuple[Fault, ...]
    other: str = ""
    transaction_id: str = ""
    account_id: str = ""
    original_is_cut: bool = False

    def encode(self) -> str:
        """A message for SQS. A record without room in it is cut; the whole one is in the file."""
        report = self
        while len((message := as_message(report)).encode()) > MAXIMUM_MESSAGE_BYTES:
            report = msgspec.structs.replace(
                report, original=report.original[: len(report.original) // 2], original_is_cut=True
            )
        return message


def of_rejected(source: Source, opening: Opening | None, rejected: Rejected) -> Report:
    """The report of a record that is none; without an opening, of a file that cannot be read."""
    names = _names(opening, rejected.original) if opening else {}
    return Report(
        Classification.REJECTED if opening else Classification.UNREADABLE,
        source.file,
        source.uploaded_at,
        rejected.number,
        rejected.original,
        rejected.faults,
        transaction_id=names.get("transaction_id", ""),
        account_id=names.get("account_id", ""),
    )


def of_conflict(source: Source, number: int, record: Transaction, origin: str) -> Report:
    """The report of a record whose key another one has, which came from `origin`."""
    return Report(
        Classification.CONFLICT,
        source.file,
        source.uploaded_at,
        number,
        msgspec.json.encode(record).decode(),
        (_CONFLICT,),
        other=origin,
        transaction_id=record.transaction_id,
        account_id=record.account_id,
    )


def _names(opening: Opening, original: str) -> dict[str, str]:
    """What a record that is none says of its transaction and its account all the same."""
    fields = _row(opening.header, original) if opening.format is Format.CSV else _document(original)
    return {
        name: value
        for name in ("transaction_id", "account_id")
        if isinstance(value := fields.get(name), str) and 0 < len(value) <= _LONGEST_NAME
    }


def _row(header: tuple[str, ...], original: str) -> Mapping[str, object]:
    try:
        return dict(zip(header, next(csv.reader(io.StringIO(original, newline="")), []), strict=False))
    except csv.Error:
        return {}


def _document(original: str) -> Mapping[str, object]:
    try:
        return msgspec.json.decode(original, type=dict[str, object])
    except msgspec.DecodeError:
        # Not JSON, or no object: a name may be readable where the whole is not.
        pattern = r'"(transaction_id|account_id)"\s*:\s*"([^"\\]*)"'
        return {match[1]: match[2] for match in re.finditer(pattern, original)}
