"""What readers return: records in batches, and with each batch the position from which reading can go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from functions.common.faults import Fault

Record = TypeVar("Record")

# One transaction of DynamoDB takes as many (TransactWriteItems, "TransactItems").
BATCH_SIZE: Final = 100

# The longest record that is read, in bytes: half of what an SQS message or a DynamoDB item takes, which hold more than
# the record. Python's csv module reads no longer cell either (`csv.field_size_limit`).
MAXIMUM_RECORD_BYTES: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class Position:
    """A place between two records: the bytes before it, and the number of the record that begins there, from 1.

    The number of a record is its line in CSV and newline-delimited JSON, its index in a JSON array. Bytes are those of
    the decompressed stream.
    """

    offset: int
    number: int


START: Final = Position(0, 1)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be used. `original` is its text; bytes that are not UTF-8 stand in it as `\\xff`.

    Of a record that is longer than MAXIMUM_RECORD_BYTES, `original` is the beginning.
    """

    number: int
    original: str
    faults: tuple[Fault, ...]


class NotReadable(ValueError):  # noqa: N818 -- it says what the rest of a file is
    """A stream cannot be read from here on, and `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class Batch(Generic[Record]):
    """Up to BATCH_SIZE records of a file with their numbers, those that were rejected, and where the next one begins."""

    end: Position
    records: list[tuple[int, Record]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class Shape(Protocol[Record]):
    """What a record is: the fast path decides, the slow path explains."""

    def from_rows(self, rows: Sequence[Mapping[str, str]]) -> list[Record]:
        """Rows of CSV by column. Raises ValueError if one of them is no record."""

    def from_json(self, documents: Sequence[bytes]) -> list[Record]:
        """JSON objects. Raises ValueError if one of them is no record."""

    def faults_of_row(self, row: Mapping[str, str]) -> list[Fault]:
        """Every reason why a row is no record; empty if it is one."""

    def faults_of_json(self, document: Mapping[str, object]) -> list[Fault]:
        """Every reason why a JSON object is no record; empty if it is one."""


def original_of(raw: bytes) -> str:
    """The text of a record for a report, without the end of its line."""
    return raw[:MAXIMUM_RECORD_BYTES].decode("utf-8", "backslashreplace").rstrip("\r\n")
