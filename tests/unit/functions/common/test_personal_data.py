"""E-mail addresses and card numbers are masked in text that is kept, and nothing else is."""

from __future__ import annotations

import pytest

from functions.common.personal_data import mask_personal_data


@pytest.mark.requirement("EVT-24")
@pytest.mark.parametrize(
    ("text", "masked"),
    [("ada.lovelace+shop@mail.example.org", "***@***"), ("jörg@exämple.de", "***@***"), ("ADA@EXAMPLE.ORG", "***@***"),
     ("customer ada%40example.org of 2025", "customer ***@*** of 2025"),
     ("ada@example.org 4111111111111111", "***@*** 411111******1111")],
)  # fmt: skip
def test_an_address_and_a_card_number_are_masked(text: str, masked: str) -> None:
    assert mask_personal_data(text) == masked


@pytest.mark.parametrize("text", ["", "cus_SampleNora", "order@2025", "3 @ 5.00", "@ada", "50%40"])
def test_what_is_no_address_stays_as_it_is(text: str) -> None:
    assert mask_personal_data(text) == text
