"""Times are read strictly and written in one form."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.timestamps import from_epoch, parse_iso8601, to_text


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("text", "expected"),
    [("2025-03-01T11:00:00+01:00", "2025-03-01T10:00:00.000Z"), ("2025-03-01T10:00:00Z", "2025-03-01T10:00:00.000Z"),
     ("2025-03-01T02:00:00.5-0800", "2025-03-01T10:00:00.500Z"),
     ("2025-03-01 10:00:00.123456789Z", "2025-03-01T10:00:00.123Z")],
)  # fmt: skip
def test_a_time_with_any_offset_is_told_in_utc(text: str, expected: str) -> None:
    assert to_text(parse_iso8601(text)) == expected


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    "text",
    ["2025-02-30T10:00:00Z", "2025-03-01", "2025-03-01T25:00:00Z", "2025-03-01T10:00:00", "yesterday", "", "1740823200",
     "0001-01-01T00:00:00+23:59", "2025-03-01T10:00:00+99:00"],
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_iso8601(text)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("text", "why"),
    [("2025-02-29T10:00:00Z", "no such day"), ("0000-01-01T10:00:00Z", "no such day"),
     ("2025-13-01T10:00:00Z", "no such day"), ("2025-03-01T24:00:00Z", "no such time of day"),
     ("2025-03-01T10:60:00Z", "no such time of day"), ("2025-03-01T10:00:60Z", "no such time of day"),
     ("2025-03-01T10:00:00+99:99", "no such offset"), ("2025-03-01T10:00:00-24:00", "no such offset"),
     ("2025-03-01T10:00:00+01:60", "no such offset"), ("0001-01-01T00:00:00+23:59", "outside the years"),
     ("2025-03-01T10:00:00", "no offset"), ("2025-03-01", "not an ISO 8601 date and time$")],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_iso8601(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back_to_the_millisecond(moment: datetime) -> None:
    assert parse_iso8601(to_text(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_iso8601(text, default_zone=UTC)


@given(st.integers())
def test_no_number_raises_anything_but_a_value_error(seconds: int) -> None:
    try:
        assert from_epoch(seconds).timestamp() == seconds
    except ValueError:
        assert not 0 <= seconds <= 253_402_300_799
