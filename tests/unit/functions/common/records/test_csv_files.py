"""CSV files with every kind of dirt: each row is read or rejected, whatever way the stream is cut."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.records import csv_files
from functions.common.records.batches import MAXIMUM_RECORD_BYTES, START, Batch, Position, Rejected
from functions.common.records.csv_files import read_header, read_rows
from functions.common.records.lines import Lines
from tests.unit.functions.common.records.shapes import Entries, Entry, Read, cut, flat, goes_on_from_every_batch

HEADER = b"id,amount,note\n"


def read_from(chunks: Iterable[bytes], position: Position) -> Iterable[Batch[Entry]]:
    return read_rows(Lines(chunks, position), ["id", "amount", "note"], Entries())


def read(data: bytes, sizes: Iterable[int] = ()) -> Read:
    lines = Lines(cut(data, sizes), START)
    header = read_header(lines, ["id", "amount"])
    return [header] if isinstance(header, Rejected) else flat(read_rows(lines, header, Entries()))


def codes(data: bytes) -> list[tuple[int, list[str]]]:
    return [(one.number, [fault.code for fault in one.faults]) for one in read(data) if isinstance(one, Rejected)]


def numbers(data: bytes) -> list[int]:
    return [one[0] for one in read(data) if not isinstance(one, Rejected)]


# What files are made of here: good rows, and every kind of dirt.
pieces = st.sampled_from(
    [b"a,1,x\n", b"b,2,\r\n", b"c,3,y\r", b'd,4,"quoted, with\nnewline"\n', b'"e",5,"a ""word"""\r\n', b"f,six,\n",
     b"g\n", b"h,1,2,3\n", b"\n", b"\r\n", b'i,7,"never closed\n', b'j,8,"closed" early\n', b'k,9,5" wide\n',
     b"l,10,\xff\xfe\n", b'm,11,"\xff\nin quotes"\n', b"\xc3\xa9,12,\xf0\x9f\x92\xb6\n", b"id,amount,note\n",
     b"n,13,nul \x00\n", b"o,14", b'"', b"\r"]
)  # fmt: skip
files = st.lists(pieces, max_size=30).map(b"".join)


@settings(max_examples=300)
@given(data=files, sizes=st.lists(st.integers(1, 40), max_size=60))
def test_a_file_reads_the_same_however_its_stream_is_cut(data: bytes, sizes: list[int]) -> None:
    assert read(HEADER + data, sizes) == read(HEADER + data)


@settings(max_examples=300)
@given(data=files, sizes=st.lists(st.integers(1, 40), max_size=60))
def test_rows_that_are_read_many_at_once_are_those_that_are_read_one_by_one(data: bytes, sizes: list[int]) -> None:
    with patch.object(csv_files, "_rows", return_value=None):
        one_by_one = read(HEADER + data, sizes)
    assert read(HEADER + data, sizes) == one_by_one


@settings(max_examples=100)
@given(data=st.lists(pieces, min_size=100, max_size=500).map(b"".join))
def test_reading_goes_on_from_the_end_of_every_batch(data: bytes) -> None:
    assert goes_on_from_every_batch(HEADER + data, read_from, Position(len(HEADER), 2))


@given(
    rows=st.lists(
        st.tuples(st.text(min_size=1), st.integers(), st.text()).filter(lambda row: row[0] != "\ufeff"), max_size=250
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_writes_is_read_whole(rows: list[tuple[str, int, str]], end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("id", "amount", "note"), *rows])

    entries = [one[1] for one in read(text.getvalue().encode("utf-8", "replace")) if not isinstance(one, Rejected)]

    assert entries == [Entry(id_, amount, note) for id_, amount, note in rows]


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("rows", "rejected", "accepted"),
    [
        (b"a,1\nb,2,\n", [(2, ["too_few_cells"])], [3]),
        (b"a,1,x,y\nb,2,\n", [(2, ["too_many_cells"])], [3]),
        (b"a,1,\xff\nb,2,\n", [(2, ["not_utf8"])], [3]),
        (b'a,1,"\xff\nb"\nb,2,\n', [(2, ["not_utf8"])], [4]),
        (b'a,1,"never closed\nb,2,\nc,3,\n', [(2, ["quotes"])], [3, 4]),
        (b'a,1,"closed" early\nb,2,\n', [(2, ["quotes"])], [3]),
        (b"a,1,\nid,amount,note\nb,2,\n", [(3, ["repeated_header"])], [2, 4]),
        (b'a,1,"two\nlines"\nb,two,\n', [(4, ["wrong_type"])], [2]),
        (b'"%b\n",1,"%b\n"\nb,2,\n' % (b"x" * 70_000, b"x" * 70_000), [(n, ["quotes"]) for n in (2, 3, 4)], [5]),
        (b"a,1," + b"x" * MAXIMUM_RECORD_BYTES + b"\nb,2,\n", [(2, ["too_long"])], [3]),
        (b'a,1,"never closed\n' + b"b,2,\n" * 40_000, [(2, ["quotes"])], [*range(3, 40_003)]),
    ],
)  # fmt: skip
def test_a_row_that_is_wrong_costs_itself_only(
    rows: bytes, rejected: list[tuple[int, list[str]]], accepted: list[int]
) -> None:
    assert codes(HEADER + rows) == rejected
    assert numbers(HEADER + rows) == accepted


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b"\n\r\n", []),
        (HEADER, []),
        (b"\xef\xbb\xbfid,amount\na,1\n", [(2, Entry("a", 1))]),
        (b'\xef\xbb\xbf"id","amount"\r\na,1\r\n', [(2, Entry("a", 1))]),
        (b"\nid,amount\n\na,1\n", [(4, Entry("a", 1))]),
        (b" id , amount \na,1\n", [(2, Entry("a", 1))]),
        (b"extra,id,amount\nx,a,1\n", [(2, Entry("a", 1))]),
        (b"id,amount\ra,1\rb,2", [(2, Entry("a", 1)), (3, Entry("b", 2))]),
    ],
)  # fmt: skip
def test_a_header_is_found_as_files_have_it(data: bytes, expected: Read) -> None:
    assert read(data) == expected


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("header", "faults"),
    [
        (b"a,1,x\n", [("id", "missing_column"), ("amount", "missing_column")]),
        (b"id,note\n", [("amount", "missing_column")]),
        (b"id,amount,id\n", [("id", "doubled_column")]),
        (b"\xff\xfei\x00d\x00\n", [("$", "not_utf8")]),
        (b'"id,amount\n', [("$", "quotes")]),
    ],
)  # fmt: skip
def test_a_header_that_cannot_be_used_is_the_one_thing_rejected(header: bytes, faults: list[tuple[str, str]]) -> None:
    (rejected,) = read(header + b"a,1\n")
    assert isinstance(rejected, Rejected)
    assert [(fault.field, fault.code) for fault in rejected.faults] == faults
    assert rejected.number == 1


@pytest.mark.requirement("TXF-12")
def test_a_rejected_row_is_kept_as_it_stood() -> None:
    (rejected,) = read(HEADER + 'a,one,"two\nlines, é"\r\n'.encode())
    assert isinstance(rejected, Rejected)
    assert rejected.original == 'a,one,"two\nlines, é"'
