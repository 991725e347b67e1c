"""Files that are made as they are read are files as senders write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.bench.files_worker import memory, parse_naive, parse_ours
from tools.bench.generated_files import FORMATS, GeneratedFile


@given(format_=st.sampled_from(FORMATS), rows=st.integers(1, 600), start=st.integers(0), end=st.integers(0))
def test_any_part_of_a_file_is_that_of_the_whole(format_: str, rows: int, start: int, end: int) -> None:
    file = GeneratedFile(format_, "00000000", rows)
    whole = file.content()
    start, end = sorted((start % (file.size + 1), end % (file.size + 1)))
    assert len(whole) == file.size
    assert b"".join(file.chunks(file.source, start, end)) == whole[start:end]
    assert b"".join(file.chunks(file.source, start, None)) == whole[start:]


@pytest.mark.parametrize("format_", FORMATS)
def test_both_contestants_find_every_row(format_: str) -> None:
    assert parse_ours(format=format_, rows=501)() == 501
    assert parse_naive(format=format_, rows=501)() == 501


def test_no_row_is_that_of_another_file() -> None:
    ids = {
        row["transaction_id"]
        for run in ("00000000", "00000001")
        for row in json.loads(GeneratedFile("json", run, 300).content())
    }
    assert len(ids) == 600


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_has_the_size_that_is_asked_for(format_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    file = GeneratedFile.of_size(format_, "00000000", 10**6, 1000)
    assert abs(file.size - 10**6) < 2000
    assert memory(format=format_, size=10**6)() == file.rows
