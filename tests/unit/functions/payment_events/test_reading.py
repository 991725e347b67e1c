"""Whatever is sent is read or refused; nothing crashes a reader, and no refusal repeats what was sent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.currencies import DECIMALS
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.payments import Payment
from tests.unit.functions.payment_events import adyen_documents, paypal_documents
from tests.unit.functions.payment_events.notifications import adyen, canonical

SAMPLES = sorted((Path(__file__).parents[3] / "samples").glob("*/*.json"))
DOCUMENTS: list[Any] = [
    *(json.loads(path.read_text()) for path in SAMPLES),
    *paypal_documents.notifications(),
    *adyen_documents.notifications(),
]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=10), children, max_size=3),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in children for place in places(child, (*path, key)))]


@st.composite
def damaged_notifications(draw: st.DrawFn) -> str:
    """A valid notification with one value, anywhere in it, replaced or removed."""
    document = json.loads(json.dumps(draw(st.sampled_from(DOCUMENTS))))
    place = draw(st.sampled_from(places(document)[1:]))
    parent = document
    for key in place[:-1]:
        parent = parent[key]
    if draw(st.booleans()):
        del parent[place[-1]]
    else:
        parent[place[-1]] = draw(json_values)
    return json.dumps(document)


@pytest.mark.requirement("EVT-21")
@settings(max_examples=400)
@given(damaged_notifications() | json_values.map(json.dumps) | st.text())
def test_every_text_becomes_whole_payments_or_faults(text: str) -> None:
    readings = read_notification(text)
    assert readings
    for reading in readings:
        assert (reading.payment is None) == bool(reading.faults)
        if reading.payment is not None:
            assert reading.event_id
            assert isinstance(reading.payment, Payment)
            assert type(reading.payment.amount_minor) is int
            assert reading.payment.amount_minor >= 0
            assert reading.payment.currency in DECIMALS


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_name_that_stands_twice_anywhere_in_a_notification_is_refused(path: Path) -> None:
    text = path.read_text()
    for name in re.findall(r'"[a-zA-Z_.]+"(?=:)', text):
        twice = text.replace(f"{name}:", f"{name}: 0, {name}:", 1)
        assert [fault.code for reading in read_notification(twice) for fault in reading.faults] == ["repeated_name"]


@pytest.mark.requirement("EVT-21", "EVT-24")
def test_every_fault_of_an_event_is_told_and_none_repeats_a_value() -> None:
    secret = "ada.lovelace@example.org"
    document = canonical(
        secret, type=secret, amount_minor=secret, currency=secret, occurred_at=secret, customer_reference=[secret]
    )
    [reading] = read_notification(json.dumps(document))
    assert sorted(fault.field for fault in reading.faults) == [
        "amount_minor", "currency", "customer_reference", "event_id", "occurred_at", "type",
    ]  # fmt: skip
    assert secret not in str(reading.faults)
    assert reading.event_id is None


@pytest.mark.requirement("EVT-21")
def test_each_item_of_an_adyen_notification_has_its_own_identity_and_faults() -> None:
    readings = read_notification(json.dumps(adyen("GOOD1", "bad2", "GOOD3")))
    assert [reading.event_id for reading in readings] == [
        "adyen:AUTHORISATION:GOOD1:true", "adyen:AUTHORISATION:bad2:true", "adyen:AUTHORISATION:GOOD3:true",
    ]  # fmt: skip
    assert [fault.field for fault in readings[1].faults] == [
        "notificationItems[1].NotificationRequestItem.amount.currency"
    ]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("items", [[], "none", [{"NotificationRequestItem": {}}] * 101])
def test_an_adyen_notification_without_items_or_with_too_many_is_refused_whole(items: object) -> None:
    [reading] = read_notification(json.dumps({"live": "false", "notificationItems": items}))
    assert [fault.field for fault in reading.faults] == ["notificationItems"]


@pytest.mark.requirement("EVT-21")
def test_an_item_that_is_no_object_does_not_take_the_others_with_it() -> None:
    document = adyen("GOOD1")
    document["notificationItems"].append(5)
    good, bad = read_notification(json.dumps(document))
    assert good.payment is not None
    assert [fault.code for fault in bad.faults] == ["missing"]


@pytest.mark.requirement("EVT-22", "EVT-24")
def test_a_card_number_is_masked_in_what_is_kept_and_adyens_own_references_are_not_taken_for_one() -> None:
    document = adyen("8815658961765250", originalReference="4111111111111111")
    item = document["notificationItems"][0]["NotificationRequestItem"]
    item["additionalData"] = {"shopperReference": "4111111111111111"}
    [reading] = read_notification(json.dumps(document))
    assert reading.payment is not None
    assert reading.event_id == "adyen:AUTHORISATION:8815658961765250:true"
    assert reading.payment.customer_reference == "411111******1111"
    assert reading.payment.payment_reference == "411111******1111"


@pytest.mark.requirement("EVT-24")
def test_an_event_id_that_may_be_a_card_number_is_no_identity() -> None:
    [reading] = read_notification(json.dumps(canonical("4111111111111111")))
    assert (reading.event_id, [fault.code for fault in reading.faults]) == (None, ["card_number"])


@pytest.mark.requirement("EVT-22")
def test_a_refund_is_the_difference_to_what_was_refunded_before() -> None:
    document = next(d for d in DOCUMENTS if d.get("type") == "charge.refunded")
    del document["data"]["previous_attributes"]
    [reading] = read_notification(json.dumps(document))
    assert [(fault.field, fault.code) for fault in reading.faults] == [("data.previous_attributes", "missing")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(("value", "code"), [(5125, "too_precise"), (5120.0, "wrong_type"), (0, "not_positive")])
def test_stripes_amounts_are_integers_that_end_in_zero_where_a_currency_has_three_decimals(
    value: object, code: str
) -> None:
    document = {
        "object": "event", "id": "evt_1", "type": "payment_intent.succeeded", "created": 1740823200,
        "data": {
            "object": {
                "id": "pi_1", "object": "payment_intent", "amount_received": value, "currency": "kwd",
                "status": "succeeded",
            },
        },
    }  # fmt: skip
    [reading] = read_notification(json.dumps(document))
    assert [fault.code for fault in reading.faults] == [code]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("currency", ["BGN", "ANG", "STD", "CNH"])
def test_every_format_takes_currencies_that_are_retired_or_chinas_outside_china(currency: str) -> None:
    refund = {"id": "R1", "amount": {"value": "10.00", "currency_code": currency}, "status": "COMPLETED"}
    documents = [
        canonical(currency=currency),
        adyen("REF1", amount={"currency": currency, "value": 1000}),
        {
            "id": "WH-TEST0001", "event_type": "PAYMENT.CAPTURE.REFUNDED", "create_time": "2025-03-01T10:00:00Z",
            "resource_version": "2.0", "resource": refund,
        },
    ]  # fmt: skip
    for document in documents:
        [reading] = read_notification(json.dumps(document))
        assert reading.payment is not None, reading.faults
        assert reading.payment.currency == currency


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("currency", "value", "read"), [("HUF", "4990.50", False), ("HUF", "4990.00", True), ("TWD", "1.5", False)]
)
def test_paypal_takes_no_decimals_of_the_forint_and_the_taiwan_dollar(currency: str, value: str, read: bool) -> None:
    document = {
        "id": "WH-TEST0001", "event_type": "PAYMENT.SALE.COMPLETED", "create_time": "2025-03-01T10:00:00Z",
        "resource": {"id": "S1", "amount": {"total": value, "currency": currency}, "state": "completed"},
    }  # fmt: skip
    [reading] = read_notification(json.dumps(document))
    assert (reading.payment is not None) == read
    assert [fault.code for fault in reading.faults] == ([] if read else ["too_precise"])


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("create_time", "read"),
    [("2025-03-01T10:00:00Z", True), ("2025-03-01T10:00:00.123Z", True), ("2025-03-01T03:00:00-07:00", True),
     ("2025-03-01T10:00:00", True), ("2025-03-01 02:00:00 PST", True), (1740823200000, True),
     ("2025-03-01 02:00:00 XYZ", False), ("soon", False)],
)  # fmt: skip
def test_paypals_times_are_read_in_every_form_in_which_they_come(create_time: object, read: bool) -> None:
    document = {
        "id": "WH-TEST0001", "event_type": "PAYMENT.SALE.COMPLETED", "create_time": create_time,
        "resource": {"id": "S1", "amount": {"total": "1.00", "currency": "USD"}, "state": "completed"},
    }  # fmt: skip
    [reading] = read_notification(json.dumps(document))
    assert (reading.payment is not None) == read
    if reading.occurred_at is not None:
        assert reading.occurred_at.replace(microsecond=0).isoformat() == "2025-03-01T10:00:00+00:00"
