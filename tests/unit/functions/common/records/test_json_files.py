"""JSON files, newline-delimited or one document, with every kind of dirt: each record is read or rejected."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.records.batches import MAXIMUM_RECORD_BYTES, START, Batch, NotReadable, Position, Rejected
from functions.common.records.json_documents import Text, open_array, read_elements
from functions.common.records.json_lines import read_lines
from functions.common.records.lines import Lines
from tests.unit.functions.common.records.shapes import Entries, Entry, Read, cut, flat, goes_on_from_every_batch


def lines_from(chunks: Iterable[bytes], position: Position) -> Iterable[Batch[Entry]]:
    return read_lines(Lines(chunks, position), Entries())


def elements_from(chunks: Iterable[bytes], position: Position) -> Iterable[Batch[Entry]]:
    return read_elements(Text(chunks, position.offset), position.number, Entries(), inside=0)


def lines(data: bytes, sizes: Iterable[int] = ()) -> Read:
    return flat(lines_from(cut(data, sizes), START))


def document(data: bytes, sizes: Iterable[int] = ()) -> Read:
    text = Text(cut(data, sizes), 0)
    try:
        inside = open_array(text, "transactions")
    except NotReadable as error:
        return [Rejected(0, "", (error.fault,))]
    return flat(read_elements(text, 1, Entries(), inside=inside))


def found(read: Read) -> list[tuple[int, str]]:
    """[(number, the record's id or the code of its fault)]"""
    return [
        (one.number, ",".join(fault.code for fault in one.faults)) if isinstance(one, Rejected) else (one[0], one[1].id)
        for one in read
    ]


entries = st.builds(Entry, st.text(), st.integers(-(2**63), 2**63 - 1), st.text())
good = st.builds(lambda entry, indent: json.dumps(
    {"id": entry.id, "amount": entry.amount, "note": entry.note}, indent=indent).encode(),
    entries, st.sampled_from([None, 1]))  # fmt: skip
dirt = st.sampled_from(
    [b"", b"null", b"12", b'"text"', b"[1, [2]]", b'{"id": "a"}', b'{"id": "a", "amount": {"b": [1]}}', b"{nonsense}",
     b'{"id": "\xff", "amount": 1}', b'{"id": "a", "amount": 1, "id": "b"}', b'{"id": "\\"}", "amount": 2}',
     b"{]}", b'{"a": NaN}']
)  # fmt: skip
wild = st.sampled_from([b"}", b"]", b'"', b"{", b"[", b"\\", b" ", b"\n", b":", b'{"id": "a", "amount": 1}'])


@settings(max_examples=200)
@given(
    parts=st.lists(good | dirt | wild, max_size=20),
    separator=st.sampled_from([b",", b" ,\n", b" "]),
    sizes=st.lists(st.integers(1, 40), max_size=60),
)
def test_a_document_reads_the_same_however_its_stream_is_cut(
    parts: list[bytes], separator: bytes, sizes: list[int]
) -> None:
    data = b"[" + separator.join(parts) + b"]"
    assert document(data, sizes) == document(data)


@settings(max_examples=200)
@given(parts=st.lists(good | dirt | wild, max_size=20), sizes=st.lists(st.integers(1, 40), max_size=60))
def test_lines_read_the_same_however_their_stream_is_cut(parts: list[bytes], sizes: list[int]) -> None:
    assert lines(b"\n".join(parts), sizes) == lines(b"\n".join(parts))


@settings(max_examples=50)
@given(parts=st.lists(dirt, min_size=150, max_size=350))
def test_reading_goes_on_from_the_end_of_every_batch(parts: list[bytes]) -> None:
    assert goes_on_from_every_batch(b"[" + b",".join(parts) + b"]", elements_from, Position(1, 1))
    assert goes_on_from_every_batch(b"\n".join(parts), lines_from, START)


@given(written=st.lists(entries, max_size=250), indent=st.sampled_from([None, 2]), within=st.booleans())
def test_what_a_json_writer_writes_is_read_whole(written: list[Entry], indent: int | None, within: bool) -> None:
    array = [{"id": entry.id, "amount": entry.amount, "note": entry.note} for entry in written]
    whole = (
        {"bank": {"transactions": [0]}, "count": 3, "transactions": array, "more": [{"a": "]"}]} if within else array
    )
    expected = list(enumerate(written, 1))

    assert document(json.dumps(whole, indent=indent).encode()) == expected
    assert lines(b"\n".join(json.dumps(one).encode() for one in array)) == expected


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[]", []),
        (b" [ ] ", []),
        (b'{"transactions": []}', []),
        (b'\xef\xbb\xbf[{"id": "a", "amount": 1}]', [(1, "a")]),
        (b'[{"id": "a", "amount": 1},]', [(1, "a"), (2, "missing")]),
        (b'[,{"id": "a", "amount": 1}]', [(1, "missing"), (2, "a")]),
        (b'[{"id": "a", "amount": 1} {"id": "b", "amount": 1}, {"id": "c", "amount": 1}]',
         [(1, "a"), (2, "not_json"), (3, "c")]),
        (b'[{"id": "a", "amount": 1}, {"id": "b", "amo', [(1, "a"), (2, "truncated")]),
        (b'[{"id": "a", "amount": 1}', [(1, "a"), (2, "truncated")]),
        (b'[{"id": "a", "amount": 1}, }, {"id": "b", "amount": 1}]', [(1, "a"), (2, "not_json")]),
        (b'[{"id": "a", "amount": 1}] trailing', [(1, "a"), (2, "not_json")]),
        (b'{"transactions": [{"id": "a", "amount": 1}]', [(1, "a"), (2, "truncated")]),
        (b'{"transactions": {}}', [(0, "wrong_type")]),
        (b'{"records": []}', [(0, "missing")]),
        (b"plain text", [(0, "not_json")]),
        (b"", [(0, "not_json")]),
        (b'[{"id": "' + b"x" * MAXIMUM_RECORD_BYTES + b'", "amount": 1}, {"id": "b", "amount": 1}]',
         [(1, "too_long"), (2, "b")]),
        (b'["' + b"x" * MAXIMUM_RECORD_BYTES * 2 + b'\\"", {"id": "b", "amount": 1}]', [(1, "too_long"), (2, "b")]),
        (b"[" + b"1" * MAXIMUM_RECORD_BYTES * 2 + b', {"id": "b", "amount": 1}]', [(1, "too_long"), (2, "b")]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_document_costs_as_little_as_can_be(data: bytes, expected: list[tuple[int, str]]) -> None:
    assert found(document(data)) == expected
    assert found(document(data, [1] * len(data[:200]) + [70_000] * 20)) == expected


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", []),
        (b'\xef\xbb\xbf{"id": "a", "amount": 1}', [(1, "a")]),
        (b'{"id": "a", "amount": 1}\r\n\n{"id": "b", "amount": 1}', [(1, "a"), (3, "b")]),
        (b'{"id": "a", "amount": 1}{"id": "b", "amount": 1}', [(1, "not_json")]),
        (b'{"id": "a"\n{"id": "b", "amount": 1}', [(1, "not_json"), (2, "b")]),
        (b'{"id": "\xff", "amount": 1}\n{"id": "b", "amount": 1}', [(1, "not_utf8"), (2, "b")]),
        (b'{"id": "' + b"x" * MAXIMUM_RECORD_BYTES + b'"}\n{"id": "b", "amount": 1}', [(1, "too_long"), (2, "b")]),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_costs_itself_only(data: bytes, expected: list[tuple[int, str]]) -> None:
    assert found(lines(data)) == expected
