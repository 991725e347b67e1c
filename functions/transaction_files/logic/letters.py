"""What arrives in the dead-letter queue, as the errors that people look at.

Three kinds of letters do: reports of records, segments that failed as often as the main queue allows, and S3's events
of files, which Lambda gave up on. Any other message is kept as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Any, Final

import msgspec

from functions.common.faults import Fault
from functions.common.timestamps import parse_iso8601, to_text
from functions.transaction_files.logic.arrivals import Arrival, read_arrivals
from functions.transaction_files.logic.reports import Classification, Report
from functions.transaction_files.logic.segments import Segment


class Kind(StrEnum):
    RECORD = "record"
    SEGMENT = "segment"
    FILE = "file"
    MESSAGE = "message"


NOT_PROCESSED: Final = Fault("$", "not_processed", "could not be processed as often as it was tried: send it again")
_UNKNOWN: Final = Fault("$", "unknown", "is no message of this system")

_LETTERS: Final = msgspec.json.Decoder(Report | Segment)


@dataclass(frozen=True)
class Letter:
    """A message as SQS gives it; `received` is how often it was."""

    id: str
    body: str
    sent_at: datetime
    first_received_at: datetime
    received: int


class Error(msgspec.Struct, frozen=True):
    """An item of the table of errors. `timestamp` is when the file was uploaded, in milliseconds since 1970 (UTC), so
    that who tells of it twice writes one item. Other times are ISO 8601. Names that are not known are empty.
    """

    error_id: str
    timestamp: int
    kind: Kind
    classification: Classification
    faults: tuple[Fault, ...]
    original: str
    receive_count: int
    first_failure: str
    last_failure: str
    file: str = ""
    number: int = 0
    other: str = ""
    transaction_id: str = ""
    account_id: str = ""
    original_is_cut: bool = False


def read_letter(letter: Letter, now: datetime) -> list[Error]:
    """The errors that a letter tells of: one, or one for each file of an event."""
    try:
        content = _LETTERS.decode(letter.body)
    except msgspec.DecodeError:
        return _other(letter, now)
    if isinstance(content, Report):
        return [_record(letter, content)]
    source = content.source
    return [
        _not_processed(letter, now, Kind.SEGMENT, source.file, source.uploaded_at, content.start.number, letter.body)
    ]


def _record(letter: Letter, report: Report) -> Error:
    is_file = report.classification is Classification.UNREADABLE
    return Error(
        error_id=_digest(report.file, report.classification, str(report.number)),
        timestamp=report.uploaded_at,
        kind=Kind.FILE if is_file else Kind.RECORD,
        classification=report.classification,
        faults=report.faults,
        original=report.original,
        receive_count=letter.received,
        first_failure=to_text(letter.sent_at),
        last_failure=to_text(letter.sent_at),
        file=report.file,
        number=report.number,
        other=report.other,
        transaction_id=report.transaction_id,
        account_id=report.account_id,
        original_is_cut=report.original_is_cut,
    )


def _other(letter: Letter, now: datetime) -> list[Error]:
    try:
        event: Any = msgspec.json.decode(letter.body)
        arrived = [(one, _milliseconds(parse_iso8601(one.at))) for one in read_arrivals(event)]
    except ValueError:
        return [_message(letter)]
    return [
        _not_processed(letter, now, Kind.FILE, one.file, uploaded_at, 1, _event_of(event, one))
        for one, uploaded_at in arrived
    ] or [_message(letter)]


def _event_of(event: dict[str, Any], arrival: Arrival) -> str:
    """The event as it would be if it told of one file only."""
    records = [record for record in event["Records"] if read_arrivals({"Records": [record]}) == [arrival]]
    return msgspec.json.encode({"Records": records[:1]}).decode()


def _not_processed(
    letter: Letter, now: datetime, kind: Kind, file: str, uploaded_at: int, number: int, original: str
) -> Error:
    return Error(
        error_id=_digest(file, kind, str(number)),
        timestamp=uploaded_at,
        kind=kind,
        classification=Classification.NOT_PROCESSED,
        faults=(NOT_PROCESSED,),
        original=original,
        receive_count=letter.received,
        first_failure=to_text(min(letter.sent_at, letter.first_received_at)),
        last_failure=to_text(now),
        file=file,
        number=number,
    )


def _message(letter: Letter) -> Error:
    return Error(
        error_id=_digest(letter.id),
        timestamp=_milliseconds(letter.sent_at),
        kind=Kind.MESSAGE,
        classification=Classification.UNKNOWN,
        faults=(_UNKNOWN,),
        original=letter.body,
        receive_count=letter.received,
        first_failure=to_text(letter.sent_at),
        last_failure=to_text(letter.sent_at),
    )


def _digest(*parts: str) -> str:
    return blake2b("\x00".join(parts).encode(), digest_size=16).hexdigest()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
