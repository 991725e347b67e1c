"""CSV by RFC 4180, with the dirt of real files: each row is a record, or is rejected with its faults.

Rows may end in LF, CRLF or CR alone, cells in quotes may hold any of them. A cell that is not in quotes may hold quotes
(many exports write `5"` so). Blank lines are no rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.common.faults import Fault
from functions.common.records.batches import (
    BATCH_SIZE,
    MAXIMUM_RECORD_BYTES,
    NOT_UTF8,
    TOO_LONG,
    Batch,
    Record,
    Rejected,
    Shape,
    original_of,
)
from functions.common.records.lines import Lines

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


def read_rows(lines: Lines, header: Sequence[str], shape: Shape[Record]) -> Iterator[Batch[Record]]:
    """The rows after the header. The last batch ends where the stream ends."""
    names = list(header)
    reader = csv.reader(iter(lines), strict=True)
    while True:
        lines.mark()
        rows = _regular_rows(reader, lines, len(names))
        if rows == []:
            if lines.damage:
                yield Batch(lines.position, rejected=[lines.damage])
            return
        if rows is None:
            lines.go_back()
            yield _one_by_one(lines, names, shape)
            reader = csv.reader(iter(lines), strict=True)
            continue
        numbers = range(lines.position.number - len(rows), lines.position.number)
        documents = [dict(zip(names, row, strict=True)) for row in rows]
        batch = Batch[Record](lines.position)
        try:
            batch.records = list(zip(numbers, shape.from_rows(documents), strict=True))
        except ValueError:
            for number, document, raw in zip(numbers, documents, lines.raws, strict=True):
                _judge(batch, number, document, raw, shape)
        yield batch


def _regular_rows(reader: Iterator[list[str]], lines: Lines, width: int) -> list[list[str]] | None:
    """The next rows where each is one line, in UTF-8, and as wide as the header; None where one of them is not."""
    try:
        rows = list(islice(reader, BATCH_SIZE))
    except csv.Error:
        return None
    if rows and (lines.taken != len(rows) or lines.is_irregular or set(map(len, rows)) != {width}):
        return None
    if not rows and lines.taken:
        return None
    return rows


def _one_by_one(lines: Lines, names: Sequence[str], shape: Shape[Record]) -> Batch[Record]:
    batch = Batch[Record](lines.position)
    rows = 0
    while rows < BATCH_SIZE:
        lines.mark()
        number = lines.position.number
        row, faults = next_row(lines)
        if row is None:
            break
        if row or faults:
            rows += 1
            raw = b"".join(lines.raws)
            if not faults and len(row) != len(names):
                faults = [_wrong_width(len(row), len(names))]
            if faults:
                batch.add(number, faults, raw)
            else:
                _judge(batch, number, dict(zip(names, row, strict=True)), raw, shape)
    batch.end = lines.position
    return batch


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


def _judge(batch: Batch[Record], number: int, row: dict[str, str], raw: bytes, shape: Shape[Record]) -> None:
    try:
        batch.records += [(number, record) for record in shape.from_rows([row])]
    except ValueError:
        read = [_REPEATED_HEADER] if list(row) == list(row.values()) else shape.read_row(row)
        batch.add(number, read, raw)


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
