"""Gzip streams decompress to what was compressed; a damaged one says so, behind the whole lines before the damage."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.records.batches import START, NotReadable, Rejected
from functions.common.records.gzip_streams import decompress
from functions.common.records.json_lines import read_lines
from functions.common.records.lines import Lines
from tests.unit.functions.common.records.shapes import Entries, cut, flat


@pytest.mark.requirement("TXF-11")
@given(
    members=st.lists(st.binary(max_size=2000), max_size=4),
    sizes=st.lists(st.integers(1, 60)),
    padding=st.integers(0, 9),
)
def test_all_members_of_a_stream_are_decompressed(members: list[bytes], sizes: list[int], padding: int) -> None:
    stream = b"".join(map(gzip.compress, members)) + bytes(padding)
    assert b"".join(decompress(cut(stream, sizes))) == b"".join(members)


@pytest.mark.requirement("TXF-12")
def test_what_grows_a_thousandfold_is_decompressed_piece_by_piece() -> None:
    pieces = list(decompress([gzip.compress(bytes(64 * 1024 * 1024))]))
    assert max(map(len, pieces)) <= 256 * 1024
    assert sum(map(len, pieces)) == 64 * 1024 * 1024


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda stream: stream[:-20], "truncated_gzip"),
        (lambda stream: stream[:-1], "truncated_gzip"),
        (lambda stream: stream[:-8] + bytes(8), "damaged_gzip"),
        (lambda stream: stream + b"rubbish", "damaged_gzip"),
        (lambda stream: b"rubbish", "damaged_gzip"),
    ],
)  # fmt: skip
def test_a_damaged_stream_is_told_behind_its_whole_lines(damage, code: str) -> None:  # type: ignore[no-untyped-def]
    import random

    source = random.Random(7)  # noqa: S311 -- test data, not a secret
    text = b"".join(b'{"id": "%d", "amount": %d}\n' % (number, source.getrandbits(60)) for number in range(300))
    stream = damage(gzip.compress(text))

    with pytest.raises(NotReadable):
        list(decompress([stream]))
    *records, last = flat(read_lines(Lines(decompress([stream]), START), Entries()))
    assert isinstance(last, Rejected)
    assert [fault.code for fault in last.faults] == [code]
    assert [one[0] for one in records if not isinstance(one, Rejected)] == list(range(1, last.number))
