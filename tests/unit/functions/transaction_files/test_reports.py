"""A report names its record's transaction and account where they can be read, and fits into a message."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.faults import Fault
from functions.common.messages import MAXIMUM_MESSAGE_BYTES
from functions.common.records.batches import MAXIMUM_RECORD_BYTES, START, Rejected
from functions.common.records.formats import Format, Opening
from functions.transaction_files.logic.reports import Classification, Report, of_rejected
from functions.transaction_files.logic.segments import Source

SOURCE = Source("uploads", "a.csv", "v1", 100, 1_772_360_130_000)
CSV = Opening(Format.CSV, START, ("transaction_id", "note", "account_id"))
JSON = Opening(Format.JSON_LINES, START)
FAULT = Fault("amount", "missing", "is required")


def report(opening: Opening | None, original: str) -> Report:
    return of_rejected(SOURCE, opening, Rejected(7, original, (FAULT,)))


@pytest.mark.requirement("TXF-12", "TXF-61")
@pytest.mark.parametrize(
    ("opening", "original"),
    [
        (CSV, 'tx-1,"two\nlines, with a comma",acc-1'),
        (CSV, "tx-1,,acc-1,one too many"),
        (JSON, '{"transaction_id": "tx-1", "account_id": "acc-1", "amount": []}'),
        (JSON, '{"transaction_id": "tx-1", "amount": 1,, "account_id" : "acc-1"'),
        (JSON, '[{"transaction_id": "tx-1", "account_id": "acc-1"}]'),
    ],
)
def test_a_report_says_whose_record_it_is_where_that_can_be_read(opening: Opening, original: str) -> None:
    made = report(opening, original)
    assert (made.transaction_id, made.account_id) == ("tx-1", "acc-1")
    assert (made.file, made.number, made.original) == ("uploads/a.csv@v1", 7, original)


@pytest.mark.requirement("TXF-12")
@pytest.mark.parametrize(
    ("opening", "original"),
    [
        (CSV, ""),
        (CSV, 'tx-1,"never closed'),
        (CSV, f"{'x' * 300},,"),
        (JSON, '{"transaction_id": 5, "account_id": ""}'),
        (JSON, "\\xff\\xfe"),
        (JSON, '"transaction_id"'),
        (None, "transaction_id,account_id\ntx-1,acc-1"),
    ],
)
def test_a_report_names_nobody_where_that_cannot_be_read(opening: Opening | None, original: str) -> None:
    assert report(opening, original).account_id == ""


@pytest.mark.requirement("TXF-12")
def test_a_file_that_cannot_be_read_is_told_from_a_record() -> None:
    assert report(None, "x").classification is Classification.UNREADABLE
    assert report(CSV, "x").classification is Classification.REJECTED


@pytest.mark.requirement("TXF-12")
@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, MAXIMUM_RECORD_BYTES))
def test_a_report_fits_into_a_message(text: str, size: int) -> None:
    original = (text or "\x01") * (size // max(1, len(text)))
    message = report(JSON, original).encode()
    assert len(message.encode()) <= MAXIMUM_MESSAGE_BYTES
    sent = msgspec.json.decode(message, type=Report)
    assert original.startswith(sent.original)
    assert sent.original_is_cut == (sent.original != original)


@pytest.mark.requirement("TXF-12")
def test_a_report_has_only_characters_that_a_queue_takes() -> None:
    message = report(JSON, "a\ufffeb\uffffc\x00").encode()
    assert not set(message) & {"\ufffe", "\uffff", "\x00"}
    assert json.loads(message)["original"] == "a\ufffeb\uffffc\x00"
