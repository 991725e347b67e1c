"""What readers return: records in batches, and with each batch the position from which reading can go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, TypeVar

from functions.common.faults import Fault

Record = TypeVar("Record")
Content = TypeVar("Content")

# One transaction of DynamoDB takes as many (TransactWriteItems, "TransactItems").
BATCH_SIZE: Final = 100

# The longest record that is read, in bytes: half of what an SQS message or a DynamoDB item takes, which hold more than
# the record. Python's csv module reads no longer cell either (`csv.field_size_limit`).
MAXIMUM_RECORD_BYTES: Final = 128 * 1024


# What is wrong with a record before its format matters.
NOT_UTF8: Final = Fault("$", "not_utf8", "is not text in UTF-8")
TOO_LONG: Final = Fault("$", "too_long", f"is longer than {MAXIMUM_RECORD_BYTES} bytes")


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


class NotReadable(ValueError):
    """A stream cannot be read from here on, and `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


@dataclass(slots=True)
class Batch(Generic[Record]):
    """Up to BATCH_SIZE records of a file with their numbers, those rejected, and where the next one begins.

    `is_last` is true where nothing can follow, as behind the end of a JSON document.
    """

    end: Position
    records: list[tuple[int, Record]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    is_last: bool = False

    def add(self, number: int, read: Record | list[Fault], raw: bytes) -> None:
        """Add a record, or its faults with the text that has them."""
        if isinstance(read, list):
            self.rejected.append(Rejected(number, original_of(raw), tuple(read)))
        else:
            self.records.append((number, read))

    def judge(
        self,
        read: Sequence[tuple[int, Content, bytes]],
        fast: Callable[[Sequence[Content]], Sequence[Record]],
        slow: Callable[[Content], Record | list[Fault]],
    ) -> None:
        """Add the records of what was read, each with its number and its text: by the fast path many at once, and by
        the slow path what the fast one refuses by itself.
        """
        try:
            records = fast([content for _, content, _ in read])
        except ValueError:
            if len(read) == 1:
                ((number, content, raw),) = read
                self.add(number, slow(content), raw)
                return
            # Halves find one bad record in a hundred without reading all others one by one.
            half = len(read) // 2
            self.judge(read[:half], fast, slow)
            self.judge(read[half:], fast, slow)
            return
        self.records += [(number, record) for (number, _, _), record in zip(read, records, strict=True)]


class RowShape(Protocol[Record]):
    """What a record is that stands in a row of CSV: the fast path decides for many, the slow path explains one.

    What the fast path takes, the slow path reads as the same record.
    """

    def from_rows(self, rows: Sequence[Mapping[str, str]]) -> list[Record]:
        """Rows by column. Raises ValueError where one of them is no record, or is left to the slow path."""

    def read_row(self, row: Mapping[str, str]) -> Record | list[Fault]:
        """The record of a row, or every reason why it is none."""


class JsonShape(Protocol[Record]):
    """What a record is that is a JSON object, in the same two ways."""

    def from_json(self, documents: Sequence[bytes]) -> list[Record]:
        """Raises ValueError where one of them is no record, or is left to the slow path."""

    def read_json(self, document: Mapping[str, object]) -> Record | list[Fault]:
        """The record of a JSON object, or every reason why it is none."""


class Shape(RowShape[Record], JsonShape[Record], Protocol[Record]):
    """What a record is, in files of either format."""


def original_of(raw: bytes) -> str:
    """The text of a record for a report, without the end of its line."""
    return raw[:MAXIMUM_RECORD_BYTES].decode("utf-8", "backslashreplace").rstrip("\r\n")
