"""CSV by RFC 4180, with the dirt of real files: each row is a record, or is rejected with its faults.

Rows may end in LF, CRLF or CR alone, cells in quotes may hold any of them. A cell that is not in quotes may hold quotes
(many exports write `5"` so). Blank lines are no rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from functions.common.faults import Fault
from functions.common.records.batches import (
    BATCH_SIZE,
    MAXIMUM_RECORD_BYTES,
    NOT_UTF8,
    TOO_LONG,
    Batch,
    Record,
    Rejected,
    RowShape,
    original_of,
)
from functions.common.records.lines import Lines

if TYPE_CHECKING:
    from _csv import Reader

# The number of a row, its cells, and its text.
_Row = tuple[int, list[str], bytes]

_QUOTES = Fault("$", "quotes", "has a quote that is not closed, or text behind a closing quote")
_REPEATED_HEADER = Fault("$", "repeated_header", "is the header again")

# What other CSV files have in the place of a comma.
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def read_header(lines: Lines, required: Sequence[str]) -> list[str] | Rejected:
    """Take the first row of a file: the names of its columns, or what is wrong with them.

    An empty file has no header, and no fault: the list is empty.
    """
    while True:
        lines.mark()
        number = lines.position.number
        row, faults = next_row(lines)
        if row is None or row or faults:
            break
    if row is None:
        return []
    names = [name.strip() for name in row]
    if not faults:
        faults = _faults_of_header(names, required)
    return Rejected(number, original_of(b"".join(lines.raws)), tuple(faults)) if faults else names


def read_rows(lines: Lines, header: Sequence[str], shape: RowShape[Record]) -> Iterator[Batch[Record]]:
    """The rows after the header. The last batch ends where the stream ends."""
    reader = csv.reader(iter(lines), strict=True)
    while True:
        lines.mark()
        batch = Batch[Record](lines.position)
        rows = _rows(reader, lines)
        if rows is None:
            lines.go_back()
            rows = _one_by_one(lines, batch)
            reader = csv.reader(iter(lines), strict=True)
        if not rows and not batch.rejected:
            if lines.damage:
                yield Batch(lines.position, rejected=[lines.damage], is_last=True)
            return
        _judge(batch, rows, header, shape)
        batch.end = lines.position
        yield batch


def take_rows(lines: Lines) -> bool:
    """Take some rows, whatever is in them. Returns whether there were any."""
    lines.mark()
    start = lines.position.offset
    if _rows(csv.reader(iter(lines), strict=True), lines) is None:
        lines.go_back()
        _one_by_one(lines, Batch(lines.position))
    return lines.position.offset > start


def _rows(reader: Reader, lines: Lines) -> list[_Row] | None:
    """The next rows; None where one of them cannot be read, is not UTF-8, or is too long."""
    number, before = lines.position.number, reader.line_num
    try:
        read = [(row, reader.line_num - before) for row in islice(reader, BATCH_SIZE)]
    except csv.Error:
        return None
    if lines.is_irregular:
        return None
    rows: list[_Row] = []
    raws, start = lines.raws, 0
    for row, end in read:
        raw = raws[start] if end == start + 1 else b"".join(raws[start:end])
        if len(raw) > MAXIMUM_RECORD_BYTES:
            return None
        rows.append((number + start, row, raw))
        start = end
    return rows


def _one_by_one(lines: Lines, batch: Batch[Record]) -> list[_Row]:
    """The next rows that can be read; those that cannot are rejected."""
    rows: list[_Row] = []
    while len(rows) + len(batch.rejected) < BATCH_SIZE:
        lines.mark()
        number = lines.position.number
        row, faults = next_row(lines)
        if row is None:
            break
        raw = b"".join(lines.raws)
        if faults:
            batch.add(number, faults, raw)
        elif row:
            rows.append((number, row, raw))
    return rows


def next_row(lines: Lines) -> tuple[list[str] | None, list[Fault]]:
    """The row that begins at the mark, None at the end of the stream.

    A row that cannot be read ends with its first line: a quote that is not closed costs its own row only.
    """
    try:
        row = next(csv.reader(lines.up_to(MAXIMUM_RECORD_BYTES), strict=True), None)
    except csv.Error:
        row = None
    if row is not None:
        return row, [NOT_UTF8] if lines.is_irregular else []
    lines.go_back()
    if not lines.take(1):
        return None, []
    if len(lines.raws[0]) >= MAXIMUM_RECORD_BYTES:
        return [], [TOO_LONG]
    return [], [NOT_UTF8 if lines.is_irregular else _QUOTES]


def _judge(batch: Batch[Record], rows: Sequence[_Row], header: Sequence[str], shape: RowShape[Record]) -> None:
    """Add what rows are read as. Blank lines are no rows."""

    def explain(row: Mapping[str, str]) -> Record | list[Fault]:
        return [_REPEATED_HEADER] if list(row) == list(row.values()) else shape.read_row(row)

    read = []
    for number, row, raw in rows:
        if len(row) == len(header):
            read.append((number, dict(zip(header, row, strict=True)), raw))
        elif row:
            batch.add(number, [_wrong_width(len(row), len(header))], raw)
    if read:
        batch.judge(read, shape.from_rows, explain)


def _wrong_width(cells: int, columns: int) -> Fault:
    code = "too_few_cells" if cells < columns else "too_many_cells"
    return Fault("$", code, f"has {cells} cell{'' if cells == 1 else 's'}, where the header has {columns} columns")


def _faults_of_header(names: Sequence[str], required: Sequence[str]) -> list[Fault]:
    # Commas may be there too, in numbers.
    text = ",".join(names)
    other = max(_DELIMITERS, key=text.count)
    if not set(names) & set(required) and text.count(other) > text.count(","):
        return [Fault("$", "delimiter", f"separates its columns by {_DELIMITERS[other]}: separate them by commas")]
    faults = [Fault(name, "missing_column", "is no column of the header") for name in required if name not in names]
    doubled = sorted({name for name in names if names.count(name) > 1})
    return faults + [Fault(name, "doubled_column", "is a column of the header twice") for name in doubled]
