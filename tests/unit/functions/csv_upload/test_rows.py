"""Rows are read as people write them, where that can mean one thing only, and are kept in one form."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.faults import Fault
from functions.csv_upload.logic.rows import REQUIRED, Row, Rows

ROW = {"transaction_id": "tx-1", "date": "2026-03-01", "amount": "10.25", "currency": "EUR"}
KEPT = Row("tx-1", datetime(2026, 3, 1, tzinfo=UTC), 1025, "EUR")


def read(**cells: str) -> Row | list[Fault]:
    return Rows().read_row(ROW | cells)


def kept(**cells: str) -> Row:
    row = read(**cells)
    assert isinstance(row, Row), row
    return row


def codes(**cells: str) -> list[tuple[str, str]]:
    row = read(**cells)
    assert isinstance(row, list), row
    return [(fault.field, fault.code) for fault in row]


@pytest.mark.requirement("CSV-12")
@pytest.mark.parametrize(
    ("written", "minor_units"),
    [
        ("10.25", 1025), ("-10.25", -1025), ("10", 1000), ("10,25", 1025), ("1,234.56", 123456), ("1.234,56", 123456),
        ("1 234.56", 123456), ("1'234'567.1", 123456710), ("1,234,567", 123456700), ("0,123.00", 12300), ("0", 0),
        ("  7.50 ", 750), ("1.200", 120),
    ],
)  # fmt: skip
def test_amounts_are_kept_in_minor_units(written: str, minor_units: int) -> None:
    assert kept(amount=written).amount_minor == minor_units


@pytest.mark.requirement("CSV-11")
@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("1,234", "ambiguous"), ("-12,345", "ambiguous"), ("1,2,3", "malformed"), ("1,23.45", "malformed"),
        ("12.345", "too_precise"), ("10 EUR", "malformed"), ("(10)", "malformed"), ("1e3", "malformed"),
        ("+5", "malformed"), ("٣", "malformed"), ("9" * 19, "malformed"), ("999999999999999999", "too_large"),
        ("1 234 56", "malformed"), ("1,234 567.00", "malformed"),
    ],
)  # fmt: skip
def test_amounts_that_can_mean_two_things_or_none_are_refused(written: str, code: str) -> None:
    assert codes(amount=written) == [("amount", code)]


@pytest.mark.requirement("CSV-12")
def test_a_currency_decides_how_many_decimals_there_are() -> None:
    assert kept(amount="1.234", currency="bhd") == Row("tx-1", KEPT.at, 1234, "BHD")
    assert kept(amount="5", currency="JPY").amount_minor == 5
    assert codes(amount="5.5", currency="JPY") == [("amount", "too_precise")]


@pytest.mark.requirement("CSV-12")
@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026/3/1", datetime(2026, 3, 1, tzinfo=UTC)),
        ("1.3.2026", datetime(2026, 3, 1, tzinfo=UTC)),
        ("31.12.2026", datetime(2026, 12, 31, tzinfo=UTC)),
        ("2026-03-01 10:15:30", datetime(2026, 3, 1, 10, 15, 30, tzinfo=UTC)),
        ("2026-03-01T10:15:30+02:00", datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)),
    ],
)
def test_dates_are_kept_as_moments_in_utc(written: str, at: datetime) -> None:
    assert kept(date=written).at == at


@pytest.mark.requirement("CSV-11")
@pytest.mark.parametrize(
    ("written", "code"),
    [("03/01/2026", "ambiguous"), ("1-3-26", "ambiguous"), ("2026-02-30", "malformed"), ("31.2.2026", "malformed"),
     ("2026-03/01", "malformed"), ("March 1", "malformed"), ("0000-01-01", "malformed")],
)  # fmt: skip
def test_dates_that_can_mean_two_things_or_none_are_refused(written: str, code: str) -> None:
    assert codes(date=written) == [("date", code)]


@pytest.mark.requirement("CSV-12")
def test_text_is_trimmed_and_has_one_form() -> None:
    row = kept(transaction_id=" tx-1 ", currency=" eur", type="DEBIT", description="  a \t note ", counterparty="")
    assert row == Row("tx-1", KEPT.at, 1025, "EUR", "debit", "a note")


@pytest.mark.requirement("CSV-11")
def test_every_fault_of_a_row_is_named() -> None:
    assert codes(transaction_id="", date="?", amount="?", currency="XQX", type="?", description="\x00") == [
        ("transaction_id", "missing"), ("date", "malformed"), ("amount", "malformed"), ("currency", "unknown"),
        ("type", "malformed"), ("description", "malformed"),
    ]  # fmt: skip


@pytest.mark.requirement("CSV-11")
@given(st.dictionaries(st.sampled_from([*REQUIRED, "type", "description", "counterparty", "more"]), st.text()))
def test_any_row_is_a_row_or_has_faults(row: dict[str, str]) -> None:
    found = Rows().read_row(row)
    assert isinstance(found, Row) or (found and all(fault.field in row or fault.code == "missing" for fault in found))


@pytest.mark.requirement("CSV-12")
@given(st.integers(-(10**12), 10**12), st.sampled_from(["{:.2f}", "{:,.2f}"]), st.booleans())
def test_however_an_amount_is_written_it_is_the_same(minor_units: int, form: str, continental: bool) -> None:
    written = form.format(minor_units / 100)
    if continental:
        written = written.replace(",", " ").replace(".", ",")
    assert kept(amount=written).amount_minor == minor_units


@pytest.mark.requirement("CSV-11")
def test_many_rows_are_read_as_each_of_them_is() -> None:
    assert Rows().from_rows([ROW, ROW | {"amount": "1,50"}]) == [kept(), kept(amount="1.50")]
    with pytest.raises(ValueError, match="each is read again"):
        Rows().from_rows([ROW, ROW | {"amount": "?"}])
