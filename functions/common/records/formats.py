"""Which format a file has, and how its records are read and its stream is cut, whichever it is."""

from __future__ import annotations

import codecs
import itertools
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, assert_never

import msgspec

from functions.common.faults import Fault
from functions.common.records.batches import (
    MAXIMUM_RECORD_BYTES,
    START,
    Batch,
    NotReadable,
    Position,
    Record,
    Rejected,
    Shape,
    original_of,
)
from functions.common.records.csv_files import read_header, read_rows, take_rows
from functions.common.records.json_documents import Text, open_array, read_elements
from functions.common.records.json_lines import read_lines
from functions.common.records.lines import Lines

# How much of a stream is in memory while it is cut.
_STEP_BYTES: Final = 256 * 1024

_EMPTY: Final = Fault("$", "empty", "is empty")
_UTF16: Final = Fault("$", "utf16", "is text in UTF-16: save it in UTF-8")


class Format(StrEnum):
    CSV = "csv"
    JSON_ARRAY = "json-array"
    JSON_LINES = "json-lines"
    JSON_OBJECT = "json-object"


class Opening(msgspec.Struct, frozen=True):
    """How a file's records are read: where the first one begins, and the columns of a CSV file."""

    format: Format
    start: Position
    header: tuple[str, ...] = ()


def open_file(name: str, chunks: Iterable[bytes], columns: Sequence[str], array: str) -> Opening | Rejected:
    """Read as much of a file as tells how to read its records, or why there is no way to.

    A name that ends in `.csv` is CSV with at least these columns. Any other is JSON: an array of records, an object
    that has one under the name `array`, or a record a line.
    """
    begun = iter(chunks)
    head = b""
    try:
        while len(head) < MAXIMUM_RECORD_BYTES and (chunk := next(begun, None)) is not None:
            head += chunk
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise NotReadable(_UTF16)
        if not head.removeprefix(codecs.BOM_UTF8).strip():
            raise NotReadable(_EMPTY)
        whole = itertools.chain([head], begun)
        if name.lower().endswith(".csv"):
            return _open_csv(whole, columns)
        return _open_json(whole, head.removeprefix(codecs.BOM_UTF8), array)
    except NotReadable as error:
        return Rejected(1, original_of(head), (error.fault,))


def read(opening: Opening, chunks: Iterable[bytes], start: Position, shape: Shape[Record]) -> Iterator[Batch[Record]]:
    """The records from a position on. `chunks` begin there, and end where the file ends, or at another position."""
    match opening.format:
        case Format.CSV:
            return read_rows(Lines(chunks, start), opening.header, shape)
        case Format.JSON_LINES:
            return read_lines(Lines(chunks, start), shape)
        case Format.JSON_ARRAY:
            return read_elements(Text(chunks, start.offset), start.number, shape, inside=0)
        case Format.JSON_OBJECT:
            return read_elements(Text(chunks, start.offset), start.number, shape, inside=1)
        case _:
            assert_never(opening.format)


def cut(opening: Opening, chunks: Iterable[bytes], start: Position, size: int) -> Iterator[Position]:
    """Positions between records, at least `size` bytes and at most a batch of records more apart, at which reading from
    `start` on can be divided.

    `chunks` begin there. A JSON document has no such positions: what a bracket means depends on all that
    stands before it.
    """
    if opening.format not in (Format.CSV, Format.JSON_LINES):
        return
    lines = Lines(chunks, start)
    quote = '"' if opening.format is Format.CSV else ""
    last = start.offset
    while True:
        lines.mark()
        # Lines without a quote are rows. Where rows with quotes end, the reader of rows says.
        taken = lines.take_bytes(min(_STEP_BYTES, last + size - lines.position.offset), stop_at=quote)
        if not taken and not (quote and take_rows(lines)):
            return
        if lines.position.offset - last >= size:
            last = lines.position.offset
            yield lines.position


def _open_csv(chunks: Iterable[bytes], columns: Sequence[str]) -> Opening | Rejected:
    lines = Lines(chunks, START)
    header = read_header(lines, columns)
    if isinstance(header, Rejected):
        return header
    return Opening(Format.CSV, lines.position, tuple(header))


def _open_json(chunks: Iterable[bytes], head: bytes, array: str) -> Opening:
    text = Text(chunks, 0)
    try:
        inside = open_array(text, array)
    except NotReadable:
        if not _begins_with_a_line(head):
            raise
        return Opening(Format.JSON_LINES, START)
    return Opening(Format.JSON_OBJECT if inside else Format.JSON_ARRAY, Position(text.offset, 1))


def _begins_with_a_line(head: bytes) -> bool:
    """Whether an object is written in one line, or the first line is broken and another object begins in the next."""
    first, *others = [line for line in head.splitlines() if line.strip()]
    try:
        return isinstance(msgspec.json.decode(first), dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return first.startswith(b"{") and bool(others) and others[0].startswith(b"{")
