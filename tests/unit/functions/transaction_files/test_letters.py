"""What arrives in the dead-letter queue is kept: each error once, however often and by whom it is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.faults import Fault
from functions.common.messages import as_message
from functions.common.records.batches import Position
from functions.common.records.formats import Format, Opening
from functions.transaction_files.logic.letters import Error, Kind, Letter, read_letter
from functions.transaction_files.logic.reports import Classification, Report
from functions.transaction_files.logic.segments import Segment, Source

SENT = datetime(2026, 3, 1, 10, 15, 30, tzinfo=UTC)
NOW = SENT + timedelta(minutes=20)
UPLOADED_AT = 1_772_359_000_000
SOURCE = Source("uploads", "bank a/März.csv", "v1", 100, UPLOADED_AT)
SEGMENT = Segment(SOURCE, Opening(Format.CSV, Position(20, 2), ("transaction_id",)), Position(1000, 11), 2000)
REPORT = Report(
    Classification.REJECTED, SOURCE.file, UPLOADED_AT, 7, "tx-1,x", (Fault("amount", "missing", "is required"),),
    transaction_id="tx-1", account_id="acc-1",
)  # fmt: skip


def letter(body: str) -> Letter:
    return Letter("message-1", body, SENT, SENT + timedelta(seconds=3), 2)


def event(*keys: str) -> str:
    return json.dumps(
        {
            "Records": [
                {
                    "eventSource": "aws:s3",
                    "eventTime": "2026-03-01T09:56:40.000Z",
                    "s3": {"bucket": {"name": "uploads"}, "object": {"key": key, "versionId": "v1", "size": 100}},
                }
                for key in keys
            ]
        }
    )


def only(body: str) -> Error:
    (error,) = read_letter(letter(body), NOW)
    return error


@pytest.mark.requirement("TXF-31")
def test_a_report_becomes_an_error_with_all_that_it_says() -> None:
    error = only(REPORT.encode())
    assert (error.kind, error.classification) == (Kind.RECORD, Classification.REJECTED)
    assert (error.file, error.number, error.original, error.faults) == (SOURCE.file, 7, "tx-1,x", REPORT.faults)
    assert (error.transaction_id, error.account_id, error.timestamp) == ("tx-1", "acc-1", UPLOADED_AT)
    assert (error.receive_count, error.first_failure, error.last_failure) == (
        2, "2026-03-01T10:15:30.000Z", "2026-03-01T10:15:30.000Z",
    )  # fmt: skip


@pytest.mark.requirement("TXF-31")
def test_a_segment_becomes_an_error_that_can_be_sent_again() -> None:
    error = only(as_message(SEGMENT))
    assert (error.kind, error.classification) == (Kind.SEGMENT, Classification.NOT_PROCESSED)
    assert msgspec.json.decode(error.original, type=Segment) == SEGMENT
    assert (error.file, error.number) == (SOURCE.file, 11)
    assert (error.first_failure, error.last_failure) == ("2026-03-01T10:15:30.000Z", "2026-03-01T10:35:30.000Z")


@pytest.mark.requirement("TXF-31")
def test_an_event_of_s3_becomes_an_error_for_each_file() -> None:
    errors = read_letter(letter(event("bank+a/M%C3%A4rz.csv", "b.json")), NOW)
    assert [error.file for error in errors] == ["uploads/bank a/März.csv@v1", "uploads/b.json@v1"]
    assert {error.kind for error in errors} == {Kind.FILE}
    assert len({error.error_id for error in errors}) == 2
    assert [json.loads(error.original)["Records"][0]["s3"]["object"]["key"] for error in errors] == [
        "bank+a/M%C3%A4rz.csv", "b.json",
    ]  # fmt: skip


@pytest.mark.requirement("TXF-31")
@pytest.mark.parametrize(
    "body",
    ["", "not JSON", "[]", "{}", "5", '{"Records": []}', '{"Records": [{}]}', '{"kind": "record"}',
     '{"kind": "else"}', event("a.csv").replace("2026-03-01T", "yesterday")],
)  # fmt: skip
def test_any_other_message_is_kept_as_it_is(body: str) -> None:
    error = only(body)
    assert (error.kind, error.classification, error.original) == (Kind.MESSAGE, Classification.UNKNOWN, body)


@pytest.mark.requirement("TXF-31")
@given(st.text() | st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_no_message_is_lost(content: object) -> None:
    body = content if isinstance(content, str) else json.dumps(content)
    assert read_letter(letter(body), NOW)


@pytest.mark.requirement("TXF-13", "TXF-31")
@pytest.mark.parametrize("body", [REPORT.encode(), as_message(SEGMENT), event("a.csv")])
def test_who_tells_of_an_error_again_tells_of_the_same_one(body: str) -> None:
    first = only(body)
    again = replace(letter(body), id="message-2", sent_at=NOW, received=5)
    (second,) = read_letter(again, NOW + timedelta(hours=1))
    assert (first.error_id, first.timestamp) == (second.error_id, second.timestamp)


@pytest.mark.requirement("TXF-31")
def test_the_errors_of_a_file_are_told_apart() -> None:
    reports = [
        REPORT,
        msgspec.structs.replace(REPORT, number=8),
        msgspec.structs.replace(REPORT, classification=Classification.UNREADABLE),
        msgspec.structs.replace(REPORT, file="uploads/a.csv@v2"),
    ]
    assert len({only(report.encode()).error_id for report in reports}) == 4
