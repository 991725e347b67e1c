"""Card numbers are masked, and nothing else is."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from functions.common.cards import holds_card_number, mask_card_numbers


@pytest.mark.requirement("EVT-24")
@pytest.mark.parametrize(
    ("text", "masked"),
    [("4111111111111111", "411111******1111"), ("card 4111 1111 1111 1111!", "card 411111******1111!"),
     ("5500-0000-0000-0004", "550000******0004"), ("378282246310005", "378282*****0005"),
     ("4111 1111 1111 1111 12/30", "411111******1111 12/30"), ("27 4111111111111111 123", "27 411111******1111 123"),
     ("4111.1111.1111.1111", "411111******1111"), ("4111/1111/1111/1111", "411111******1111"),
     ("4111\u00a01111\u00a01111\u00a01111", "411111******1111"), ("3782_822463_10005", "378282*****0005"),
     ("4111111111111111,5500000000000004", "411111******1111,550000******0004"),
     ("id_6304000000000000000x", "id_630400*********0000x")],
)  # fmt: skip
def test_a_card_number_keeps_six_and_four_digits(text: str, masked: str) -> None:
    assert holds_card_number(text)
    assert mask_card_numbers(text) == masked


@pytest.mark.parametrize(
    "text",
    ["4111111111111112", "cus_SampleNora", "411111111111", "8815658961765250", "order-4711",
             "04111111111111111", "41111111111111111", "4111111111111111000000", "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"],
)  # fmt: skip
def test_what_fails_the_check_stays_as_it_is(text: str) -> None:
    assert not holds_card_number(text)
    assert mask_card_numbers(text) == text


@given(st.uuids(), st.sampled_from(["", "evt-", "evt_", "order", "4711-"]))
@example(UUID("41111111-1111-4111-a111-111111111111"), "evt-")
@example(UUID("a4111111-1111-1111-1faa-aaaaaaaaaaaa"), "")
def test_a_random_identifier_is_no_card_number_whatever_its_digits_are(identifier: UUID, prefix: str) -> None:
    assume(re.search("[a-f]", identifier.hex))
    assert not holds_card_number(f"{prefix}{identifier}")
    assert not holds_card_number(f"{prefix}{identifier.hex}")


@pytest.mark.parametrize(
    "text",
    ["evt-4111111111111111", "evt4111111111111111", "card4111111111111111", "4111111111111111abc",
     "ab 4111111111111111 cd", "0b9f6c7a-52c1-4f0e-9c55-d5a1b0a3c1ee 4111111111111111",
     "41111111111111111111111111111111 4111-1111-1111-1111"],
)  # fmt: skip
def test_a_card_number_beside_letters_or_a_random_identifier_is_one(text: str) -> None:
    assert holds_card_number(text)
