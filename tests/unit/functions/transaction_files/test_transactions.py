"""What is a transaction, and what is told of a record that is none."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import functions.transaction_files
from functions.common.currencies import DECIMALS
from functions.common.fields import NotJsonError, parse_json
from functions.transaction_files.logic.transactions import REQUIRED, Transaction, Transactions

SCHEMA = jsonschema_rs.validator_for(
    json.loads((Path(functions.transaction_files.__file__).parent / "transaction.schema.json").read_text())
)
SHAPE = Transactions()
ROW = {
    "transaction_id": "tx-1",
    "timestamp": "2026-03-01T10:15:30Z",
    "amount": "-10.25",
    "currency": "EUR",
    "account_id": "DE89370400440532013000",
    "type": "debit",
    "description": "Coffee, twice",
    "counterparty": "Café René",
}

texts = st.text(max_size=5) | st.sampled_from(
    ["", "a", "tx-1", "2026-03-01T10:15:30.5+01:00", "2026-03-01T10:15:30", "2026-02-30T00:00:00Z", "1_000", " 1",
     "1e3", "10.250", "12.345", "-0.00", "007", "1234567890123456789", "٣", "NaN", "EUR", "JPY", "KWD", "XQX", "eur",
     "EUR\n", "\x00"]
)  # fmt: skip
values = texts | st.none() | st.booleans() | st.integers() | st.floats() | st.lists(st.integers(), max_size=1)


def slow(document: dict[str, object]) -> Transaction | list[str]:
    read = SHAPE.read_json(document)
    return [f"{fault.field}:{fault.code}" for fault in read] if isinstance(read, list) else read


@pytest.mark.requirement("TXF-11")
@given(changes=st.dictionaries(st.sampled_from([*ROW, "extra"]), texts, max_size=4))
def test_what_the_fast_path_takes_of_a_row_the_slow_path_reads_as_the_same(changes: dict[str, str]) -> None:
    row = ROW | changes
    try:
        (fast,) = SHAPE.from_rows([row])
    except ValueError:
        return
    assert SHAPE.read_row(row) == fast


@pytest.mark.requirement("TXF-11")
@given(changes=st.dictionaries(st.sampled_from([*ROW, "extra"]), values, max_size=4), number=st.booleans())
def test_what_the_fast_path_takes_of_a_document_the_slow_path_reads_as_the_same(
    changes: dict[str, object], number: bool
) -> None:
    text = json.dumps(({**ROW, "amount": 10.25} if number else ROW) | changes)
    try:
        (fast,) = SHAPE.from_json([text.encode("utf-8", "surrogatepass")])
    except ValueError:
        return
    document = parse_json(text)
    assert isinstance(document, dict)
    assert SHAPE.read_json(document) == fast


@pytest.mark.requirement("TXF-11")
@given(changes=st.dictionaries(st.sampled_from(list(ROW)), values, max_size=3))
def test_the_schema_and_the_reader_agree_but_for_what_a_schema_cannot_say(changes: dict[str, object]) -> None:
    try:
        document = parse_json(json.dumps(ROW | changes))
    except NotJsonError:
        assume(False)
    assert isinstance(document, dict)
    read = slow(document)
    beyond_a_schema = isinstance(read, list) and (
        {"currency:unknown", "amount:too_precise"} & set(read) or "timestamp:malformed" in read
    )
    if not beyond_a_schema:
        described = SCHEMA.is_valid(json.loads(json.dumps(document, default=float)))
        required = all(document.get(name) is not None for name in REQUIRED)
        assert (described and required) == isinstance(read, Transaction), read


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"amount": "ten"}, ["amount:malformed"]),
        ({"amount": "10.001"}, ["amount:too_precise"]),
        ({"amount": "10.000", "currency": "JPY"}, None),
        ({"amount": "10.5", "currency": "JPY"}, ["amount:too_precise"]),
        ({"amount": "1" * 19}, ["amount:malformed"]),
        ({"amount": ""}, ["amount:missing"]),
        ({"currency": "XQX"}, ["currency:unknown"]),
        ({"currency": "eur"}, ["currency:malformed"]),
        ({"timestamp": "2026-03-01T10:15:30"}, ["timestamp:malformed"]),
        ({"timestamp": "01/03/2026"}, ["timestamp:malformed"]),
        ({"transaction_id": "a b"}, ["transaction_id:malformed"]),
        ({"description": "x" * 1001}, ["description:malformed"]),
        ({"description": "nul \x00"}, ["description:malformed"]),
        ({"description": "two\nlines"}, None),
        ({"transaction_id": "", "amount": "x", "type": "?"},
         ["transaction_id:missing", "type:malformed", "amount:malformed"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_row_is_told(changes: dict[str, str], faults: list[str] | None) -> None:
    read = SHAPE.read_row(ROW | changes)
    assert (
        isinstance(read, Transaction)
        if faults is None
        else isinstance(read, list) and [f"{fault.field}:{fault.code}" for fault in read] == faults
    )


@pytest.mark.requirement("TXF-11")
def test_a_repeated_name_is_left_to_the_reader_that_refuses_it() -> None:
    good = json.dumps(ROW | {"amount": 1})
    for name in ("amount", "description", "\\u0061mount"):
        with pytest.raises(ValueError, match="slow path"):
            SHAPE.from_json([good.encode(), (good[:-1] + f', "{name}": 2}}').encode() if name == "amount" else
                             (good[:-1] + f', "{name}": "2"}}').encode()])  # fmt: skip


def test_amounts_are_exact() -> None:
    documents = [json.dumps(ROW | {"amount": amount}).encode() for amount in (0.1, "0.1", 10, "-0010.00")]
    assert [one.amount for one in SHAPE.from_json(documents)] == [Decimal(text) for text in ("0.1", "0.1", "10", "-10")]
    assert all(decimals <= 8 for decimals in DECIMALS.values())
