"""What a body has to be, and what the sender is told when it is not (WHK-02 to WHK-06)."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from functions.webhooks.logic.events import TransactionType, read_event
from functions.webhooks.logic.requests import MAXIMUM_BODY_BYTES, MAXIMUM_ENCODED_BYTES, Rejected
from tests.unit.functions.webhooks.fakes import payload
from tools.project import ROOT

CONTRACT = ROOT / "modules" / "systems" / "webhooks" / "service" / "openapi.yaml"
NO_TYPE = f"Field transaction_type is none of {', '.join(TransactionType)}"


def refusal(body: str | bytes) -> Rejected:
    with pytest.raises(Rejected) as caught:
        read_event(body.encode() if isinstance(body, str) else body)
    return caught.value


def test_the_types_of_events_are_those_of_the_contract() -> None:
    text = CONTRACT.read_text(encoding="utf-8")
    of_the_contract = yaml.safe_load(text)["components"]["schemas"]["WebhookEvent"]["properties"]["transaction_type"]
    assert of_the_contract["enum"] == list(TransactionType), "say the same in openapi.yaml and in TransactionType"
    assert f"error: {NO_TYPE}\n" in text, "the example unknown_transaction_type of openapi.yaml names other types"


@pytest.mark.requirement("WHK-02")
@pytest.mark.parametrize("transaction_type", TransactionType)
def test_an_event_of_each_type_is_read_with_its_text_byte_for_byte(transaction_type: TransactionType) -> None:
    text = '{ "amount": 0.10, "event_id":"é 1", "timestamp":"2026-03-01T10:15:30+01:00", "note": {"x": 1e2},\n'
    text += f'"transaction_type": "{transaction_type}" }}'

    event = read_event(text.encode())

    assert (event.event_id, event.transaction_type) == ("é 1", transaction_type)
    assert event.payload == text


@pytest.mark.requirement("WHK-05")
@pytest.mark.parametrize("field", ["event_id", "transaction_type", "amount", "timestamp"])
@pytest.mark.parametrize("value", [..., None])
def test_a_field_that_is_missing_is_named_in_the_words_of_the_specification(field: str, value: object) -> None:
    refused = refusal(payload(**{field: value}))

    assert (refused.status, refused.error) == (400, f"Missing required field: {field}")


@pytest.mark.requirement("WHK-05")
def test_of_several_faults_the_first_is_answered_and_all_are_logged() -> None:
    refused = refusal('{"amount": -1}')

    assert refused.error == "Missing required field: event_id"
    assert refused.codes == ("event_id:missing", "transaction_type:missing", "amount:negative", "timestamp:missing")


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("event_id", 7, "Field event_id is not a string"),
        ("event_id", "x" * 257, "Field event_id is longer than 256 characters"),
        ("event_id", "a\x00b", "Field event_id is not free of control characters"),
        ("event_id", "a\nb", "Field event_id is not free of control characters"),
        ("transaction_type", "parcel", NO_TYPE),
        ("transaction_type", "Payment", NO_TYPE),
        ("transaction_type", ["payment"], "Field transaction_type is not a string"),
        ("amount", "10.25", "Field amount is not a number"),
        ("amount", True, "Field amount is not a number"),
        ("amount", [1], "Field amount is not a number"),
        ("amount", -0.01, "Field amount is negative"),
        ("amount", 10**400, "Field amount is not a finite number"),
        ("amount", float("nan"), "Field amount is not a finite number"),
        ("amount", float("inf"), "Field amount is not a finite number"),
        ("amount", float("-inf"), "Field amount is not a finite number"),
        ("timestamp", "yesterday", "Field timestamp is not an ISO 8601 date and time"),
        ("timestamp", "2026-02-30T00:00:00Z", "Field timestamp is not an ISO 8601 date and time: there is no such day"),
        ("timestamp", "0000-01-01T00:00:00Z", "Field timestamp is not an ISO 8601 date and time: there is no such day"),
        ("timestamp", "2026-03-01T24:00:00Z",
         "Field timestamp is not an ISO 8601 date and time: there is no such time of day"),
        ("timestamp", "2026-03-01T10:00:60Z",
         "Field timestamp is not an ISO 8601 date and time: there is no such time of day"),
        ("timestamp", "2026-03-01T10:00:00+99:99",
         "Field timestamp is not an ISO 8601 date and time: there is no such offset from UTC"),
        ("timestamp", "2026-03-01T10:00:00-01:60",
         "Field timestamp is not an ISO 8601 date and time: there is no such offset from UTC"),
        ("event_id", "4111 1111 1111 1111",
         "Field event_id holds what may be a card number: send an id that is no such number"),
        ("event_id", "evt-5500005555555559",
         "Field event_id holds what may be a card number: send an id that is no such number"),
        ("event_id", "order 7 of ada@example.org",
         "Field event_id holds an e-mail address: send an id that holds none"),
        ("event_id", "ada%40example.org", "Field event_id holds an e-mail address: send an id that holds none"),
        ("timestamp", 1772359200, "Field timestamp is not a string"),
    ],
)  # fmt: skip
def test_a_field_that_is_wrong_is_named_with_what_is_wrong(field: str, value: object, error: str) -> None:
    refused = refusal(payload(**{field: value}))

    assert (refused.status, refused.error) == (400, error)


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize(
    "literal",
    ["1e999", "-1e999", "9" * 400, "9" * 4_301, "-" + "9" * 5_000, "1e99999999999999999999", "1E+99999999999999999999"],
    ids=lambda literal: f"{literal[:8]}, {len(literal)}",
)
def test_an_amount_beyond_what_a_double_holds_is_not_finite(literal: str) -> None:
    refused = refusal(payload(amount="AMOUNT").replace('"AMOUNT"', literal))

    assert refused.error == "Field amount is not a finite number"


@pytest.mark.parametrize(
    "literal", ["0", "0.00", "-0.0", "1e3", "0.1", "9007199254740993", "1e-99999999999999999999", "0." + "1" * 5_000]
)
def test_every_other_amount_that_is_not_negative_is_taken(literal: str) -> None:
    body = payload(amount="AMOUNT").replace('"AMOUNT"', literal)

    assert read_event(body.encode()).payload == body


@pytest.mark.parametrize(
    "timestamp", ["2026-03-01T10:15:30", "2026-03-01 10:15:30.123456789Z", "2026-03-01T10:15:30-0500"]
)
def test_a_timestamp_may_have_any_offset_or_none(timestamp: str) -> None:
    assert read_event(payload(timestamp=timestamp).encode()).timestamp == timestamp


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", "Request body is empty"),
        ("{", "Request body is not JSON"),
        ("event_id=1", "Request body is not JSON"),
        (b'{"event_id": "\xff"}', "Request body is not JSON in UTF-8"),
        ("{}".encode("utf-16"), "Request body is not JSON in UTF-8"),
        ("[" * 100_000, "Request body is nested more than 64 levels deep"),
        ('{"a":' * 65 + "1" + "}" * 65, "Request body is nested more than 64 levels deep"),
        ('{"amount": ' + "9" * 5_000, "Request body is not JSON"),
        ('{"fee": NaN, "amount": 1}', "Request body is not JSON"),
        ("[]", "Request body is not a JSON object"),
        ("null", "Request body is not a JSON object"),
        ('"text"', "Request body is not a JSON object"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_body_that_is_no_json_object_is_refused(body: str | bytes, error: str) -> None:
    refused = refusal(body)

    assert (refused.status, refused.error) == (400, error)


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize("depth", [63, 64, 500, 984, 985, 986, 987, 988, 989, 990, 995, 1_000, 50_000])
def test_a_body_is_taken_down_to_64_levels_and_refused_below_them(depth: int) -> None:
    body = payload()[:-1] + f', "note": {"[" * depth}{"]" * depth}}}'

    if depth < 64:
        assert read_event(body.encode()).payload == body
    else:
        assert refusal(body).error == "Request body is nested more than 64 levels deep"


def test_brackets_in_text_do_not_count_as_levels() -> None:
    body = payload(note='"[{\\' * 1_000)

    assert read_event(body.encode()).payload == body


def test_a_number_that_no_field_is_read_from_may_be_of_any_size() -> None:
    body = payload(note="NOTE").replace('"NOTE"', f"[{'9' * 5_000}, -{'9' * 5_000}, 1e{'9' * 5_000}]")

    assert read_event(body.encode()).payload == body


@pytest.mark.parametrize(
    "repeat", ['"amount": 1, "amount": 2', '"event_id": "evt-1", "event_id": "evt-2"', '"note": {"a": 1, "a": 1}']
)
def test_a_body_that_readers_may_read_differently_is_refused(repeat: str) -> None:
    refused = refusal(payload()[:-1] + f", {repeat}}}")

    assert refused.error == "Request body holds an object in which a name stands twice"


def test_a_body_that_no_queue_would_carry_is_refused() -> None:
    refused = refusal(payload()[:-1] + ', "note": "\uffff"}')

    assert refused.error == "Request body holds U+FFFE or U+FFFF, which a queue does not carry"


@pytest.mark.requirement("WHK-06")
def test_a_body_whose_quotes_would_make_it_too_large_for_the_router_is_refused() -> None:
    quotes, rest = ",".join(['""'] * 40_000), ",0" * 25_000
    body = payload()[:-1] + f', "note": [{quotes}{rest}]}}'
    assert len(body) < MAXIMUM_BODY_BYTES

    refused = refusal(body)

    assert refused.status == 413
    assert str(MAXIMUM_ENCODED_BYTES) in refused.error


# What SQS takes in a message's body and in an attribute (SendMessage, "MessageBody").
SENDABLE = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=10,
)


@pytest.mark.requirement("WHK-06")
@given(
    st.dictionaries(st.sampled_from(["event_id", "transaction_type", "amount", "timestamp", "more"]), json_values)
    .map(json.dumps)
    .map(str.encode)
    | st.binary()
    | st.builds(
        lambda event_id, note: payload(event_id=event_id, note="NOTE").replace("NOTE", note).encode(),
        st.text(),
        st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\ufffe\uffff\x7f\x85\u2028")),
    )
)
def test_every_body_is_read_or_refused_with_a_reason(body: bytes) -> None:
    try:
        event = read_event(body)
    except Rejected as rejection:
        refused = rejection
    else:
        assert event.payload.encode() == body
        assert all(SENDABLE.fullmatch(text) for text in (event.payload, event.event_id, event.timestamp))
        return
    assert refused.status == 400
    assert refused.error
    assert refused.codes


@given(st.text(min_size=1))
def test_no_value_of_the_body_is_in_what_is_answered_or_logged(secret: str) -> None:
    marked = f"4111-private-{secret}"

    for field in ("transaction_type", "amount", "timestamp"):
        refused = refusal(payload(**{field: marked}))
        assert "private" not in refused.error + "".join(refused.codes)
