"""Money is exact on its way to integer minor units."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.currencies import DECIMALS
from functions.common.money import MAXIMUM_MINOR_UNITS, AmountError, rescale, to_minor_units

currencies = st.sampled_from(sorted(DECIMALS))


@pytest.mark.requirement("EVT-21", "EVT-22")
@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [("10.25", "EUR", 1025), ("10", "JPY", 10), ("10.00", "JPY", 10), ("1.0", "USD", 100), ("-7.5", "USD", -750),
     ("1.025", "KWD", 1025), ("0.0001", "CLF", 1), ("0.1", "EUR", 10)],
)  # fmt: skip
def test_a_decimal_amount_becomes_minor_units_of_its_currency(amount: str, currency: str, expected: int) -> None:
    assert to_minor_units(amount, currency) == expected


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [("10.255", "EUR", "too_precise"), ("10.5", "JPY", "too_precise"), ("1e3", "EUR", "malformed"),
     ("+1", "EUR", "malformed"), (" 1", "EUR", "malformed"), ("NaN", "EUR", "malformed"), ("١٢", "EUR", "malformed"),
     ("1,000.00", "EUR", "malformed"), ("", "EUR", "malformed"), ("1.", "EUR", "malformed"),
     ("999999999999999.99", "EUR", "too_large")],
)  # fmt: skip
def test_an_amount_that_cannot_be_exact_is_refused(amount: str, currency: str, code: str) -> None:
    with pytest.raises(AmountError) as refusal:
        to_minor_units(amount, currency)
    assert refusal.value.code == code


@pytest.mark.requirement("EVT-22")
@given(st.integers(-MAXIMUM_MINOR_UNITS, MAXIMUM_MINOR_UNITS), currencies)
def test_minor_units_written_as_a_decimal_are_read_back_unchanged(minor: int, currency: str) -> None:
    text = f"{Decimal(minor).scaleb(-DECIMALS[currency]):f}"
    assert to_minor_units(text, currency) == minor


@given(st.text(max_size=20), currencies)
def test_no_text_does_anything_but_be_read_or_refused(text: str, currency: str) -> None:
    with suppress(AmountError):
        assert isinstance(to_minor_units(text, currency), int)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("amount", "currency", "decimals", "expected"),
    [(500, "ISK", 2, 5), (5, "IDR", 0, 500), (100, "CLP", 2, 1), (7, "EUR", 2, 7), (7, "KWD", 3, 7)],
)
def test_minor_units_of_a_sender_who_counts_differently_become_those_of_iso_4217(
    amount: int, currency: str, decimals: int, expected: int
) -> None:
    assert rescale(amount, currency, decimals=decimals) == expected


def test_a_part_of_a_minor_unit_is_never_rounded_away() -> None:
    with pytest.raises(AmountError, match="decimals of ISK"):
        rescale(550, "ISK", decimals=2)


@pytest.mark.requirement("EVT-21")
def test_currencies_have_the_decimals_of_iso_4217() -> None:
    some = {"EUR": 2, "JPY": 0, "KWD": 3, "CLF": 4, "HUF": 2, "TWD": 2, "ISK": 0, "UGX": 0, "XCG": 2, "SLE": 2}
    assert {code: DECIMALS[code] for code in some} == some
    assert not {"XXX", "XTS", "XAU", "XDR", "XBA"} & DECIMALS.keys()


@pytest.mark.requirement("EVT-21")
def test_retired_currencies_keep_their_last_decimals() -> None:
    some = {"BGN": 2, "ANG": 2, "STD": 2, "HRK": 2, "ZWL": 2, "SLL": 2, "BYR": 0, "TRL": 0, "ITL": 0}
    assert {code: DECIMALS[code] for code in some} == some


@pytest.mark.requirement("EVT-21")
def test_the_renminbi_outside_china_is_known_although_iso_4217_does_not_list_it() -> None:
    assert DECIMALS["CNH"] == 2
