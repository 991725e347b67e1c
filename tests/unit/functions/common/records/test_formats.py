"""A file's format is found, and its parts, wherever it is cut, give what reading it whole gives."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.records.batches import BATCH_SIZE, MAXIMUM_RECORD_BYTES, START, Position, Rejected
from functions.common.records.formats import Format, Opening, cut, open_file, read
from tests.unit.functions.common.records.shapes import Entries, Read, flat
from tests.unit.functions.common.records.test_csv_files import HEADER, files
from tests.unit.functions.common.records.test_json_files import dirt, good, wild

OBJECT = b'{"id": "a", "amount": 1}'
LONG = b"x" * 500


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def opened(name: str, data: bytes, size: int = 1000) -> Opening | Rejected:
    return open_file(name, chunks(data, size), ["id", "amount"], "transactions")


def whole(opening: Opening, data: bytes) -> Read:
    return flat(read(opening, [data[opening.start.offset :]], opening.start, Entries()))


def in_parts(opening: Opening, data: bytes, size: int, chunk: int) -> Read:
    positions = [opening.start, *cut(opening, chunks(data[opening.start.offset :], chunk), opening.start, size)]
    ends = [position.offset for position in positions[1:]] + [len(data)]
    return [
        one
        for start, end in zip(positions, ends, strict=True)
        for one in flat(read(opening, [data[start.offset : end]], start, Entries()))
    ]


@pytest.mark.requirement("TXF-16")
@settings(max_examples=300)
@given(data=files, size=st.integers(1, 200), chunk=st.integers(1, 100))
def test_the_parts_of_a_csv_file_give_what_the_whole_gives(data: bytes, size: int, chunk: int) -> None:
    opening = Opening(Format.CSV, Position(len(HEADER), 2), ("id", "amount", "note"))
    assert in_parts(opening, HEADER + data, size, chunk) == whole(opening, HEADER + data)


@pytest.mark.requirement("TXF-16")
@settings(max_examples=200)
@given(parts=st.lists(good | dirt | wild, max_size=20), size=st.integers(1, 200), chunk=st.integers(1, 100))
def test_the_parts_of_json_lines_give_what_the_whole_gives(parts: list[bytes], size: int, chunk: int) -> None:
    opening, data = Opening(Format.JSON_LINES, START), b"\n".join(parts)
    assert in_parts(opening, data, size, chunk) == whole(opening, data)


@pytest.mark.requirement("TXF-16")
def test_a_file_is_cut_into_parts_of_the_size_asked_for() -> None:
    rows = [b"e-%06d,1,\"a note\nwith a 'line'\"\n" % number for number in range(2000)]
    data = HEADER + b"".join(rows)
    opening = opened("a.csv", data)
    assert isinstance(opening, Opening)
    offsets = [
        position.offset for position in cut(opening, chunks(data[opening.start.offset :], 4096), opening.start, 10_000)
    ]
    sizes = [
        after - before for before, after in zip([opening.start.offset, *offsets], [*offsets, len(data)], strict=True)
    ]
    most = 10_000 + BATCH_SIZE * len(rows[0])
    assert all(10_000 <= size < most for size in sizes[:-1])
    assert sizes[-1] <= most


def test_a_json_document_is_not_cut() -> None:
    data = b"[" + b",".join([OBJECT] * 500) + b"]"
    opening = opened("a.json", data)
    assert isinstance(opening, Opening)
    assert list(cut(opening, [data[1:]], opening.start, 100)) == []


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("a.csv", b"id,amount\n", Format.CSV),
        ("A.CSV", b"\xef\xbb\xbfid,amount\r\na,1", Format.CSV),
        ("a.json", b"[]", Format.JSON_ARRAY),
        ("a.json", b"\xef\xbb\xbf\n [" + OBJECT + b"]", Format.JSON_ARRAY),
        ("a.json", b'{"count": 1, "transactions": [' + OBJECT + b"]}", Format.JSON_OBJECT),
        ("a.json", b'{"bank": {"transactions": [1]},\n"transactions": []}', Format.JSON_OBJECT),
        ("a.json", b'{"long": "' + b"x" * 3 * MAXIMUM_RECORD_BYTES + b'", "transactions": []}', Format.JSON_OBJECT),
        ("a.json", OBJECT, Format.JSON_LINES),
        ("a.json", b"\n".join([OBJECT] * 3), Format.JSON_LINES),
        ("a.json", OBJECT[:-1] + b"\n" + OBJECT, Format.JSON_LINES),
    ],
)  # fmt: skip
def test_the_format_of_a_file_is_found(name: str, data: bytes, format_: Format) -> None:
    for size in (1, 7, 100_000):
        opening = opened(name, data, size) if len(data) < 1000 or size > 7 else opened(name, data)
        assert isinstance(opening, Opening)
        assert opening.format is format_


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("name", "data", "codes"),
    [
        ("a.csv", b"", ["empty"]),
        ("a.csv", b"\xef\xbb\xbf\r\n\n", ["empty"]),
        ("a.json", b" \n", ["empty"]),
        ("a.csv", "id,amount\n".encode("utf-16"), ["utf16"]),
        ("a.json", "[]".encode("utf-16-be"), ["not_json"]),
        ("a.csv", b"id\n", ["missing_column"]),
        ("a.csv", b"id;amount\na;1\n", ["delimiter"]),
        ("a.csv", b"id\tamount\na\t1\n", ["delimiter"]),
        ("a.json", b"plain text", ["not_json"]),
        ("a.json", b'{\n"records": []\n}', ["missing"]),
        ("a.json", b'{\n"transactions": 3\n}', ["wrong_type"]),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_by_name(name: str, data: bytes, codes: list[str]) -> None:
    rejected = opened(name, data)
    assert isinstance(rejected, Rejected)
    assert [fault.code for fault in rejected.faults] == codes


@pytest.mark.requirement("TXF-12")
@pytest.mark.parametrize(
    ("name", "begin", "row", "end"),
    [
        ("a.csv", HEADER, b"%07d,1," + LONG + b"\n", b""),
        ("a.csv", HEADER, b'%07d,1,"two\nlines' + LONG + b'"\n', b""),
        ("a.json", b"", b'{"id": "%07d", "amount": 1, "note": "' + LONG + b'"}\n', b""),
        ("a.json", b"[", b'{"id": "%07d", "amount": 1, "note": "' + LONG + b'"},\n', OBJECT + b"]"),
        ("a.json", b'{"transactions": [', b'{"id": "%07d", "amount": 1, "note": "' + LONG + b'"},\n', OBJECT + b"]}"),
    ],
)
def test_memory_does_not_grow_with_the_file(name: str, begin: bytes, row: bytes, end: bytes) -> None:
    def stream(rows: int) -> Iterator[bytes]:
        yield begin
        for first in range(0, rows, 100):
            yield b"".join(row % number for number in range(first, first + 100))
        yield end

    def peak(rows: int) -> int:
        opening = open_file(name, stream(rows), ["id", "amount"], "transactions")
        assert isinstance(opening, Opening)
        rest = stream(rows)
        next(rest)  # as long as the part that the opening took
        tracemalloc.start()
        for _ in cut(opening, rest, opening.start, 2**40):
            pass
        rest = stream(rows)
        next(rest)
        for _ in read(opening, rest, opening.start, Entries()):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(8000) < 1.2 * peak(2000)
