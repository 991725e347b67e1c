"""The published schema of the canonical format says what the reader takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import functions.payment_events
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Operation, PaymentType
from tests.unit.functions.payment_events.notifications import canonical

FILE = Path(functions.payment_events.__file__).with_name("canonical.schema.json")
SCHEMA = json.loads(FILE.read_text())
VALIDATOR = Draft202012Validator(SCHEMA)

odd: st.SearchStrategy[Any] = st.sampled_from([None, "", 0, -1, 1.5, True, [], {}, "x", "x" * 300, 2**53])
# Values on both sides of every rule that a schema can state.
values: dict[str, st.SearchStrategy[Any]] = {
    "schema": st.just("payment-event/1"),
    "event_id": st.sampled_from(["e1", "a.b:c-d_e", "-e", "a b", "e" * 129]) | odd,
    "type": st.sampled_from([*PaymentType, "teleported"]) | odd,
    "operation": st.sampled_from([*Operation, "teleport"]) | odd,
    "amount_minor": st.sampled_from([1, 2**53 - 1]) | odd,
    "currency": st.sampled_from(["EUR", "JPY", "eur", "EURO"]) | odd,
    "occurred_at": st.sampled_from(["2025-03-01T11:00:00Z", "2025-03-01 11:00:00.5+0100", "2025-03-01T11:00:00"]) | odd,
    "customer_reference": st.just("c1") | odd,
    "payment_method": st.just("visa") | odd,
    "payment_reference": st.just("r1") | odd,
    "counts": st.sampled_from([True, False, "true", "false"]) | odd,
    "live": st.sampled_from([True, False, "true", "false"]) | odd,
    "account": st.just("a1") | odd,
}


@pytest.mark.requirement("EVT-21")
@settings(max_examples=500)
@given(st.data())
def test_the_schema_and_the_reader_agree(data: st.DataObject) -> None:
    document = canonical()
    for name in data.draw(st.sets(st.sampled_from(sorted(values)), max_size=3)):
        if name != "schema" and data.draw(st.integers(0, 5)) == 0:
            document.pop(name, None)
        else:
            document[name] = data.draw(values[name])
    [reading] = read_notification(json.dumps(document))
    assert (reading.payment is not None) == VALIDATOR.is_valid(document), reading.faults


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["properties"]["type"]["enum"]) == set(PaymentType)
    assert set(SCHEMA["$defs"]["operation"]["enum"]) == set(Operation)
