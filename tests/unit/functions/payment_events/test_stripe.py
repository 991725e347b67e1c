"""What Stripe documents is read as it is meant, and what it cannot mean is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.payment_events.logic.formats.stripe_events import EVENTS, ID_PREFIXES, Counts, How
from functions.payment_events.logic.notifications import read_notification
from tests.unit.functions.payment_events.expectations import outcome
from tests.unit.functions.payment_events.lifecycles.stripe import (
    LIFECYCLES,
    cash,
    charge,
    dispute,
    event,
    intent,
    invoice,
    payout,
    refund,
    session,
    top_up,
    transfer,
)
from tests.unit.functions.payment_events.readings import faults, payment, read


def smallest() -> Iterator[dict[str, Any]]:
    """An event of each meaning, with no more than it needs."""
    for name, meaning in EVENTS.items():
        for value, result in meaning.outcomes.items():
            amount = -700 if result.amount.how == How.NEGATED else 700
            fields: dict[str, Any] = dict.fromkeys(result.amount.fields[:1], amount)
            fields |= {field: words[0] for field, words in meaning.must.items()}
            if meaning.field:
                fields[meaning.field] = {"true": True, "false": False}.get(value, value)
            if result.amount.how == How.MOVED:
                fields["balance_transactions"] = [{"amount": 700, "currency": "usd"}]
            kind = {"id": f"{ID_PREFIXES[meaning.kind][0]}1", "object": meaning.kind, "currency": "usd"}
            yield event(name, kind | fields, dict.fromkeys(result.amount.fields, 0))


SMALLEST = [pytest.param(each, id=each["type"]) for each in smallest()]
EVERY_EVENT = [pytest.param(each.values[0], id=name) for name, each in {each.id: each for each in SMALLEST}.items()]


def payments(*intents: str) -> dict[str, Any]:
    """The payments of an invoice, where whoever sends it has expanded them."""
    return {"data": [{"payment": {"payment_intent": each, "type": "payment_intent"}} for each in intents]}


def with_object(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The event with its object changed. What is None is left out."""
    changed = document["data"]["object"] | changes
    its = {name: value for name, value in changed.items() if value is not None}
    return document | {"data": document["data"] | {"object": its}}


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("document", SMALLEST)
def test_every_meaning_of_every_event_is_a_payment(document: dict[str, Any]) -> None:
    its = payment(document)
    assert (its.amount_minor, its.currency) == (700, "USD")
    assert its.payment_reference == document["data"]["object"]["id"]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("document", EVERY_EVENT)
def test_no_event_is_about_an_object_of_another_kind(document: dict[str, Any]) -> None:
    other = "charge" if document["data"]["object"]["object"] != "charge" else "payout"
    assert faults(with_object(document, object=other)) == [("data.object.object", "contradiction")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("document", EVERY_EVENT)
@pytest.mark.parametrize("field", ["id", "object"])
def test_no_object_goes_without_its_id_and_its_kind(document: dict[str, Any], field: str) -> None:
    assert faults(with_object(document, **{field: None})) == [(f"data.object.{field}", "missing")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("document", EVERY_EVENT)
def test_no_object_has_the_id_of_another_kind(document: dict[str, Any]) -> None:
    other = "ch_1" if document["data"]["object"]["object"] != "charge" else "po_1"
    assert faults(with_object(document, id=other)) == [("data.object.id", "contradiction")]


@pytest.mark.requirement("EVT-21")
def test_a_dispute_of_the_oldest_versions_is_known_by_its_charge() -> None:
    old = dispute("won", balance_transaction="txn_1", payment_intent=None)
    del old["id"], old["balance_transactions"]
    assert payment(event("charge.dispute.closed", old)).payment_reference == "ch_1"


@pytest.mark.requirement("EVT-21")
def test_an_id_that_begins_in_a_new_way_is_taken() -> None:
    assert payment(event("payout.paid", payout("paid", id="pox_1"))).payment_reference == "pox_1"


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("charge.captured", charge(captured=False)),
        ("charge.captured", charge(paid=False)),
        ("charge.expired", charge(captured=True)),
        ("charge.failed", charge(status="failed", paid=True)),
        ("charge.succeeded", charge(paid=False)),
        ("charge.failed", charge()),
        ("charge.pending", charge()),
        ("charge.refunded", charge(status="failed")),
        ("charge.succeeded", charge(status="pending")),
        ("charge.dispute.created", dispute("won")),
        ("charge.dispute.closed", dispute("needs_response")),
        ("charge.dispute.closed", dispute("under_review")),
        ("charge.dispute.funds_withdrawn", dispute("won", -2000)),
        ("charge.dispute.funds_reinstated", dispute("teleported", -2000, 2000)),
        ("payment_intent.created", intent("succeeded")),
        ("payment_intent.created", intent("canceled")),
        ("payment_intent.partially_funded", intent("succeeded")),
        ("payment_intent.canceled", intent("succeeded")),
        ("payment_intent.succeeded", intent("canceled")),
        ("checkout.session.completed", session("paid", "open")),
        ("checkout.session.async_payment_failed", session("paid")),
        ("checkout.session.async_payment_failed", session("no_payment_required")),
        ("checkout.session.async_payment_succeeded", session("unpaid")),
        ("checkout.session.async_payment_succeeded", session("paid", "expired")),
        ("checkout.session.expired", session("paid", "expired")),
        ("checkout.session.expired", session("unpaid", "complete")),
        ("invoice.paid", invoice("open", 2000)),
        ("invoice.paid", invoice("void", 2000)),
        ("invoice.payment_succeeded", invoice("draft", 2000)),
        ("invoice.payment_failed", invoice("paid", 0)),
        ("invoice.payment_failed", invoice("void", 0)),
        ("invoice.payment_action_required", invoice("paid", 0)),
        ("invoice.payment_failed", invoice("open", 0) | {"paid": True}),
        ("invoice.paid", invoice("paid", 500, amount_paid_off_stripe=700)),
        ("refund.failed", refund("succeeded")),
        ("refund.updated", refund("teleported")),
        ("payout.created", payout("failed")),
        ("payout.paid", payout("failed")),
        ("payout.failed", payout("paid")),
        ("transfer.failed", transfer(status="paid")),
        ("transfer.created", transfer(status="canceled")),
        ("topup.succeeded", top_up("failed")),
        ("topup.created", top_up("reversed")),
        ("customer_cash_balance_transaction.created", cash("teleported", 500)),
    ],
)
def test_a_status_inside_that_contradicts_the_event_is_refused(name: str, subject: dict[str, Any]) -> None:
    codes = [code for _, code in faults(event(name, subject, {"amount_captured": 0, "amount_refunded": 0}))]
    assert codes[:1] == ["contradiction"]


@pytest.mark.requirement("EVT-21")
def test_a_customers_cash_that_moves_the_wrong_way_is_refused() -> None:
    document = event("customer_cash_balance_transaction.created", cash("applied_to_payment", 500))
    assert faults(document) == [("data.object.net_amount", "not_positive")]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("name", ["charge.refunded", "charge.captured", "transfer.reversed"])
def test_a_running_total_without_the_one_before_is_refused(name: str) -> None:
    subject = transfer(amount_reversed=500) if name == "transfer.reversed" else charge(amount_refunded=500)
    assert faults(event(name, subject)) == [("data.previous_attributes", "missing")]


@pytest.mark.requirement("EVT-22")
def test_a_first_capture_needs_no_total_before() -> None:
    assert payment(event("charge.captured", charge(), {"captured": False})).net_minor == 2000


@pytest.mark.requirement("EVT-22")
def test_what_comes_back_of_a_lost_dispute_has_to_be_told() -> None:
    document = event("charge.dispute.funds_reinstated", dispute("lost", -2000))
    assert faults(document) == [("data.object.balance_transactions", "missing")]


@pytest.mark.requirement("EVT-22")
def test_a_balance_in_another_currency_leaves_a_dispute_in_the_payments() -> None:
    withdrawn = dispute("needs_response", -2200)
    withdrawn["balance_transactions"][0]["currency"] = "usd"
    its = payment(event("charge.dispute.funds_withdrawn", withdrawn))
    assert (its.amount_minor, its.currency, its.net_minor) == (2000, "EUR", -2000)


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("newest_first", [True, False])
def test_the_newest_movement_of_a_dispute_is_the_events(newest_first: bool) -> None:
    again = dispute("needs_response", -2000, 2000, -1800)
    again["balance_transactions"].sort(key=lambda each: each["created"], reverse=newest_first)
    assert payment(event("charge.dispute.funds_withdrawn", again)).net_minor == -1800


@pytest.mark.requirement("EVT-21")
def test_a_dispute_with_more_movements_than_can_be_is_refused() -> None:
    many = dispute("needs_response", *[-1] * 11)
    assert faults(event("charge.dispute.funds_withdrawn", many)) == [
        ("data.object.balance_transactions", "wrong_count")
    ]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("subject", "read_as", "reference"),
    [
        (invoice("paid", 2000), ("captured", 2000), "in_1"),
        (invoice("paid", 2000, amount_paid_off_stripe=500), ("captured", 1500), "in_1"),
        (invoice("paid", 0), ("verified", 0), "in_1"),
        (invoice("paid", 2000, paid_out_of_band=True), ("verified", 0), "in_1"),
        (invoice("paid", 2000, payment_intent="pi_7"), ("captured", 2000), "pi_7"),
        (invoice("paid", 2000, charge="ch_7"), ("captured", 2000), "ch_7"),
        (invoice("paid", 2000, payments=payments("pi_7")), ("captured", 2000), "pi_7"),
        (invoice("paid", 2000, payments=payments("pi_7", "pi_8")), ("captured", 2000), "in_1"),
    ],
)
@pytest.mark.parametrize("name", ["invoice.paid", "invoice.payment_succeeded"])
def test_an_invoice_is_what_was_paid_through_stripe(
    name: str, subject: dict[str, Any], read_as: tuple[str, int], reference: str
) -> None:
    its = payment(event(name, subject))
    assert ((its.type, its.amount_minor), its.payment_reference, its.net_minor) == (read_as, reference, 0)


@pytest.mark.requirement("EVT-22")
def test_an_invoice_payment_elsewhere_is_not_captured() -> None:
    subject = {
        "id": "inpay_1", "object": "invoice_payment", "amount_paid": 2000, "currency": "eur", "invoice": "in_1",
        "payment": {"payment_record": "pr_1", "type": "payment_record"}, "status": "paid",
    }  # fmt: skip
    its = payment(event("invoice_payment.paid", subject))
    assert (its.type, its.amount_minor, its.payment_reference) == ("verified", 0, "pr_1")


@pytest.mark.requirement("EVT-22")
def test_what_is_left_of_an_invoice_is_what_could_not_be_paid() -> None:
    assert payment(event("invoice.payment_failed", invoice("open", 500))).amount_minor == 1500


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("customer.created", "not_a_payment"),
        ("customer.subscription.updated", "not_a_payment"),
        ("balance.available", "not_a_payment"),
        ("charge.updated", "not_a_payment"),
        ("invoice.finalized", "not_a_payment"),
        ("payout.reconciliation_completed", "not_a_payment"),
        ("transfer.updated", "not_a_payment"),
        ("issuing_transaction.created", "not_a_payment"),
        ("treasury.outbound_payment.posted", "not_a_payment"),
        ("setup_intent.succeeded", "not_a_payment"),
        ("application_fee.refund.updated", "not_a_payment"),
        ("payment_intent.teleported", "unknown_event"),
        ("invoice.teleported", "unknown_event"),
        ("charge.teleported", "unknown_event"),
        ("teleport.completed", "unknown_event"),
        ("customerx.created", "unknown_event"),
        ("Charge.succeeded", "unknown_event"),
    ],
)
def test_what_reports_no_payment_is_told_from_what_nobody_knows(name: str, code: str) -> None:
    assert faults(event(name, {"id": "x_1", "object": "x"})) == [("type", code)]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(("sent", "live"), [(True, True), (False, False), ("false", False), (None, True)])
def test_an_event_of_the_test_mode_says_so(sent: object, live: bool) -> None:
    assert payment(event("charge.succeeded", charge(), livemode=sent)).live is live


@pytest.mark.requirement("EVT-22")
def test_an_event_of_a_connected_account_names_it() -> None:
    assert payment(event("charge.succeeded", charge(), account="acct_7")).account == "acct_7"
    assert payment(event("charge.succeeded", charge())).account is None


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("kinds", "method"),
    [
        ([""], None),
        ([], None),
        (["", "card"], "card"),
        (["card", "ideal"], None),
        (None, None),
        (["x" * 256], "x" * 256),
    ],
)
def test_a_kind_of_method_is_kept_where_there_is_one(kinds: object, method: str | None) -> None:
    assert payment(
        event("payment_intent.succeeded", intent("succeeded", payment_method_types=kinds))
    ).payment_method == (method)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("kinds", [["x" * 257], ["x" * 130_687], ["card", "x" * 257]])
def test_an_endless_kind_of_method_is_refused(kinds: list[str]) -> None:
    document = event("payment_intent.succeeded", intent("succeeded", payment_method_types=kinds))
    assert faults(document) == [(f"data.object.payment_method_types[{len(kinds) - 1}]", "too_long")]


CARD = "4111111111111111"


@pytest.mark.requirement("EVT-22", "EVT-24")
@pytest.mark.parametrize(
    "document",
    [
        event("charge.succeeded", charge(payment_method_details={"card": {"brand": CARD}})),
        event("charge.succeeded", charge(payment_method_details={"type": CARD})),
        event("payment_intent.succeeded", intent("succeeded", payment_method_types=[CARD])),
        event("charge.succeeded", charge(customer=CARD)),
        event("charge.succeeded", charge(payment_intent=CARD)),
        event("charge.succeeded", charge(payment_intent=None, id=CARD)),
        event("charge.succeeded", charge(payment_intent=None, id=f"ch_{CARD}")),
        event("charge.succeeded", charge(), account=CARD),
    ],
)
def test_a_card_number_is_masked_wherever_it_is_kept(document: dict[str, Any]) -> None:
    assert CARD not in str(payment(document))


@pytest.mark.requirement("EVT-24")
def test_an_event_id_that_may_hold_a_card_number_is_no_identity() -> None:
    reading = read(event("charge.succeeded", charge(), id=f"evt_{CARD}"))
    assert (reading.event_id, [fault.code for fault in reading.faults]) == (None, ["card_number"])


@pytest.mark.requirement("EVT-24")
@pytest.mark.parametrize("field", ["id", "payment_intent"])
def test_free_text_is_no_id_of_stripes(field: str) -> None:
    document = event("charge.succeeded", charge(**{field: "Ada Lovelace, Ockham"}))
    assert faults(document) == [(f"data.object.{field}", "malformed")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("currency", ["bgn", "ang", "std", "hrk", "cnh"])
def test_a_refund_of_an_old_payment_comes_in_its_currency(currency: str) -> None:
    assert payment(event("refund.created", refund(currency=currency))).currency == currency.upper()


@pytest.mark.requirement("EVT-22")
def test_a_refund_whose_status_before_is_unknown_is_refused() -> None:
    document = event("refund.updated", refund(), {"status": "teleported"})
    assert faults(document) == [("data.previous_attributes.status", "unknown_value")]


@pytest.mark.requirement("EVT-22")
def test_every_event_that_counts_stands_in_a_lifecycle() -> None:
    counting = {name for name, each in EVENTS.items() for its in each.outcomes.values() if its.counts != Counts.NEVER}
    told = {step.notification["type"] for lifecycle in LIFECYCLES for step in lifecycle.steps if step.net}
    assert counting == told


LIVED = [step.notification for lifecycle in LIFECYCLES for step in lifecycle.steps]
odd: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", 0, -1, 1.5, True, False, [], {}, [{}], [None], {"x": 1}, "x", "x" * 300, 2**64, "succeeded", "eur"]
)


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A notification of a lifecycle with some of its values, anywhere in it, replaced, added or left out."""
    document: dict[str, Any] = json.loads(json.dumps(draw(st.sampled_from(LIVED))))
    for _ in range(draw(st.integers(1, 3))):
        places = [document, *(each for each in document.values() if isinstance(each, dict))]
        places += [each for place in places for each in place.values() if isinstance(each, dict)]
        place = draw(st.sampled_from(places))
        name = draw(
            st.sampled_from(sorted({*place, "status", "balance_transactions", "payment", "previous_attributes"}))
        )
        if draw(st.booleans()):
            place.pop(name, None)
        else:
            place[name] = deepcopy(draw(odd))
    return document


@pytest.mark.requirement("EVT-21")
@settings(max_examples=1000)
@given(mutated())
def test_whatever_becomes_of_an_event_it_is_read_or_refused(document: dict[str, Any]) -> None:
    [reading] = read_notification(json.dumps(document))
    assert outcome(reading)
    if reading.payment is not None:
        assert reading.payment.amount_minor >= 0
        assert abs(reading.payment.net_minor) in (0, reading.payment.amount_minor)
        assert reading.payment.payment_reference
