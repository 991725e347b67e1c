"""PayPal's events are what their status says, their amounts are the event's own, and what is kept is bounded."""

from __future__ import annotations

from typing import Any

import pytest

from functions.payment_events.logic.formats.paypal import MAXIMUM_UNITS
from functions.payment_events.logic.formats.paypal_events import DISPUTE_OUTCOMES, EVENTS, NOT_PAYMENTS, Resource
from tests.unit.functions.payment_events import paypal_documents
from tests.unit.functions.payment_events.expectations import accepted, outcome, refused
from tests.unit.functions.payment_events.lifecycles.paypal import LIFECYCLES
from tests.unit.functions.payment_events.paypal_documents import (
    capture,
    dispute,
    event,
    invoice,
    money,
    order,
    refund,
    resource_of,
    transaction,
)
from tests.unit.functions.payment_events.readings import faults, payment, read


@pytest.mark.requirement("EVT-21", "EVT-22")
@pytest.mark.parametrize(
    ("name", "status", "what"),
    [
        ("PAYMENT.AUTHORIZATION.CREATED", "CREATED", "authorised/authorisation"),
        ("PAYMENT.AUTHORIZATION.CREATED", "PENDING", "pending/authorisation"),
        ("PAYMENT.AUTHORIZATION.CREATED", "DENIED", "failed/authorisation"),
        ("PAYMENT.AUTHORIZATION.CREATED", "PARTIALLY_CAPTURED", "authorised/authorisation"),
        ("PAYMENT.AUTHORIZATION.CREATED", "VOIDED", "contradiction"),
        ("PAYMENT.AUTHORIZATION.VOIDED", "VOIDED", "cancelled/cancellation"),
        ("PAYMENT.AUTHORIZATION.VOIDED", "expired", "expired/authorisation"),
        ("PAYMENT.AUTHORIZATION.VOIDED", "CAPTURED", "contradiction"),
        ("PAYMENT.CAPTURE.COMPLETED", "COMPLETED", "captured/capture"),
        ("PAYMENT.CAPTURE.COMPLETED", "PARTIALLY_REFUNDED", "captured/capture"),
        ("PAYMENT.CAPTURE.COMPLETED", "PENDING", "contradiction"),
        ("PAYMENT.CAPTURE.COMPLETED", "FAILED", "contradiction"),
        ("PAYMENT.CAPTURE.COMPLETED", "TELEPORTED", "unknown_status"),
        ("PAYMENT.CAPTURE.DENIED", "DECLINED", "failed/capture"),
        ("PAYMENT.CAPTURE.DENIED", "COMPLETED", "contradiction"),
        ("PAYMENT.CAPTURE.PENDING", "COMPLETED", "contradiction"),
        ("PAYMENT.CAPTURE.REFUNDED", "COMPLETED", "refunded/refund"),
        ("PAYMENT.CAPTURE.REFUNDED", "PENDING", "pending/refund"),
        ("PAYMENT.CAPTURE.REFUNDED", "FAILED", "failed/refund"),
        ("PAYMENT.CAPTURE.REFUNDED", "CANCELLED", "cancelled/refund"),
        ("PAYMENT.CAPTURE.REFUNDED", "PARTIALLY_REFUNDED", "contradiction"),
        ("PAYMENT.CAPTURE.REVERSED", "PENDING", "pending/refund"),
        ("PAYMENT.REFUND.PENDING", "COMPLETED", "contradiction"),
        ("PAYMENT.REFUND.FAILED", "FAILED", "failed/refund"),
        ("PAYMENT.SALE.COMPLETED", "pending", "contradiction"),
        ("PAYMENT.SALE.REFUNDED", "failed", "failed/refund"),
        ("PAYMENT.ORDER.CREATED", "AUTHORIZED", "authorised/authorisation"),
        ("PAYMENT.ORDER.CREATED", "VOIDED", "contradiction"),
        ("PAYMENT.ORDER.CANCELLED", "CAPTURED", "contradiction"),
        ("PAYMENT.ORDER.CANCELLED", "VOIDED", "cancelled/cancellation"),
        ("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "SUCCESS", "paid_out/payout"),
        ("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "FAILED", "contradiction"),
        ("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", "UNCLAIMED", "contradiction"),
        ("PAYMENT.PAYOUTS-ITEM.FAILED", "SUCCESS", "contradiction"),
        ("PAYMENT.PAYOUTSBATCH.SUCCESS", "DENIED", "contradiction"),
        ("PAYMENT.PAYOUTSBATCH.PROCESSING", "PENDING", "pending/payout"),
        ("PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED", "SUCCESS", "paid_out/payout"),
        ("PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED", "FAILED", "contradiction"),
        ("BILLING.SUBSCRIPTION.PAYMENT.FAILED", "ACTIVE", "failed/authorisation"),
        ("CHECKOUT.ORDER.APPROVED", "APPROVED", "pending/authorisation"),
        ("CHECKOUT.ORDER.APPROVED", "VOIDED", "contradiction"),
        ("CHECKOUT.ORDER.VOIDED", "VOIDED", "cancelled/cancellation"),
        ("CUSTOMER.DISPUTE.CREATED", "WAITING_FOR_SELLER_RESPONSE", "disputed/dispute"),
        ("CUSTOMER.DISPUTE.CREATED", "RESOLVED", "contradiction"),
        ("CUSTOMER.DISPUTE.RESOLVED", "OPEN", "contradiction"),
        ("CUSTOMER.DISPUTE.UPDATED", "RESOLVED", "dispute_won/dispute"),
        ("INVOICING.INVOICE.PAID", "PAYMENT_PENDING", "pending/capture"),
        ("INVOICING.INVOICE.PAID", "MARKED_AS_PAID", "verified/authorisation"),
        ("INVOICING.INVOICE.PAID", "SENT", "contradiction"),
        ("INVOICING.INVOICE.REFUNDED", "PAID", "contradiction"),
        ("INVOICING.INVOICE.REFUNDED", "MARKED_AS_REFUNDED", "verified/refund"),
        ("PAYMENTS.PAYMENT.CREATED", "failed", "failed/authorisation"),
    ],
)  # fmt: skip
def test_the_status_inside_refines_the_event_or_contradicts_it(name: str, status: str, what: str) -> None:
    document = event(name, resource_of(EVENTS[name].resource, status))
    read_as = outcome(read(document))
    value = 3000 if "PAYOUTS-ITEM" in name else 6000 if "PAYOUTSBATCH" in name else 10000
    assert read_as == (accepted(what, value, "EUR") if "/" in what else refused(what))


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("name", EVENTS)
def test_every_documented_status_of_every_event_is_read_or_contradicts(name: str) -> None:
    kind = EVENTS[name].resource
    for status in kind.value.statuses:
        reading = read(event(name, resource_of(kind, status)))
        codes = {fault.code for fault in reading.faults}
        assert codes <= ({"contradiction", "missing"} if kind == Resource.ORDER else {"contradiction"}), (status, codes)
        assert (status in EVENTS[name].outcomes) == ("contradiction" not in codes), status


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("payments", "what", "amount"),
    [
        ({"captures": [capture()]}, "captured/capture", 10000),
        ({"captures": [capture("DECLINED")]}, "failed/capture", 10000),
        ({"captures": [capture("PENDING")]}, "pending/capture", 10000),
        ({"captures": [capture("DECLINED", "40.00"), capture(value="60.00")]}, "captured/capture", 6000),
        ({"authorizations": [capture("CREATED")]}, "authorised/authorisation", 10000),
        ({"authorizations": [capture("PENDING")]}, "pending/authorisation", 10000),
        ({"authorizations": [capture("DENIED")]}, "failed/authorisation", 10000),
        ({"authorizations": [capture("CAPTURED")], "captures": [capture()]}, "captured/capture", 10000),
    ],
)
@pytest.mark.parametrize("name", ["CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.PROCESSED"])
def test_a_completed_order_is_what_its_payments_are(
    name: str, payments: dict[str, Any], what: str, amount: int
) -> None:
    read_as = payment(event(name, order(payments=payments)))
    assert (f"{read_as.type}/{read_as.operation}", read_as.amount_minor, read_as.counts) == (what, amount, False)


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("intent", ["CAPTURE", "AUTHORIZE"])
def test_a_completed_order_without_payments_does_not_say_what_became_of_it(intent: str) -> None:
    document = event("CHECKOUT.ORDER.COMPLETED", order(intent=intent))
    assert faults(document) == [("resource.purchase_units[0].payments", "missing")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("name", ["CHECKOUT.ORDER.APPROVED", "CHECKOUT.ORDER.COMPLETED"])
def test_an_order_of_more_units_than_paypal_takes_leaves_one_fault(name: str) -> None:
    units = [{"amount": money("1.00"), "payments": {"captures": [capture(value="1.00")]}}] * MAXIMUM_UNITS
    status = name.rpartition(".")[2]
    assert payment(event(name, order(status, purchase_units=units))).amount_minor == 100 * MAXIMUM_UNITS
    document = event(name, order(status, purchase_units=[{}] * 6000))
    assert faults(document) == [("resource.purchase_units", "wrong_count")]


@pytest.mark.requirement("EVT-21")
def test_an_order_of_more_payments_than_are_read_leaves_one_fault() -> None:
    document = event("CHECKOUT.ORDER.COMPLETED", order(payments={"captures": [{}] * 6000}))
    assert faults(document) == [("resource.purchase_units", "wrong_count")]


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("name", "subject", "what", "amount"),
    [
        ("INVOICING.INVOICE.REFUNDED",
         invoice("PARTIALLY_REFUNDED", refunds=[transaction("30.00"), transaction("20.00")]), "refunded/refund", 2000),
        ("INVOICING.INVOICE.PAID",
         invoice("PAID", [transaction("40.00"), transaction("60.00")]), "captured/capture", 6000),
        ("INVOICING.INVOICE.PAID",
         invoice("PAID", [transaction("60.00", date="2025-03-02"), transaction("40.00", date="2025-03-01")]),
         "captured/capture", 6000),
        ("INVOICING.INVOICE.PAID", invoice("PAYMENT_PENDING", [transaction("60.00")]), "pending/capture", 6000),
        ("INVOICING.INVOICE.PAID", invoice("PAID", [transaction("60.00"), transaction("40.00", "EXTERNAL")]),
         "verified/authorisation", 4000),
        ("INVOICING.INVOICE.PAID", invoice("PARTIALLY_PAID", [{"method": "CASH", "amount": money("40.00")}]),
         "verified/authorisation", 4000),
        ("INVOICING.INVOICE.REFUNDED", invoice("REFUNDED", refunds=[transaction("20.00", "EXTERNAL")]),
         "verified/refund", 2000),
    ],
)  # fmt: skip
def test_an_invoices_event_is_its_latest_transaction_and_not_the_total(
    name: str, subject: dict[str, Any], what: str, amount: int
) -> None:
    read_as = payment(event(name, subject))
    assert (f"{read_as.type}/{read_as.operation}", read_as.amount_minor) == (what, amount)
    assert read_as.payment_reference == "INV2-1"
    assert read_as.counts == (what in ("captured/capture", "refunded/refund"))


V1_TOTAL = {"currency": "USD", "value": "100.00"}
V1_PAYPAL, V1_OTHER = {"currency": "USD", "value": "60.00"}, {"currency": "USD", "value": "40.00"}


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paid_amount": {"paypal": V1_TOTAL}}, accepted("captured/capture", 10000, "USD")),
        ({"paid_amount": {"other": V1_TOTAL}}, accepted("verified/authorisation", 10000, "USD")),
        ({"paid_amount": {"paypal": V1_PAYPAL, "other": V1_OTHER}}, refused("missing")),
        ({"paid_amount": {"paypal": V1_PAYPAL, "other": V1_OTHER}, "payments": [{"type": "PAYPAL"}]},
         accepted("captured/capture", 6000, "USD")),
        ({"paid_amount": {"paypal": V1_PAYPAL, "other": V1_OTHER}, "payments": [{"type": "EXTERNAL"}]},
         accepted("verified/authorisation", 4000, "USD")),
        ({"paid_amount": {"paypal": V1_TOTAL}, "payments": [{"type": "PAYPAL", "amount": V1_OTHER}]},
         accepted("captured/capture", 4000, "USD")),
        ({"paid_amount": {"paypal": V1_TOTAL}, "payments": [{"type": "PAYPAL"}], "allow_partial_payment": True},
         refused("missing")),
        ({}, refused("missing")),
    ],
)  # fmt: skip
def test_an_invoice_of_the_first_version_never_falls_through_to_its_total(
    changes: dict[str, Any], expected: Any
) -> None:
    subject = {"id": "INV2-1", "status": "PAID", "total_amount": V1_TOTAL} | changes
    assert outcome(read(event("INVOICING.INVOICE.PAID", subject, version="1.0"))) == expected


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("status", "refunds", "expected"),
    [
        ("REFUNDED", [{"type": "PAYPAL"}], accepted("refunded/refund", 6000, "USD")),
        ("REFUNDED", [{"type": "EXTERNAL"}], accepted("verified/refund", 4000, "USD")),
        ("PARTIALLY_REFUNDED", [{"type": "PAYPAL"}], refused("missing")),
        ("PARTIALLY_REFUNDED", [{"type": "PAYPAL", "amount": V1_OTHER}], accepted("refunded/refund", 4000, "USD")),
        ("REFUNDED", [{"type": "PAYPAL"}, {"type": "PAYPAL"}], refused("missing")),
    ],
)
def test_a_refund_of_an_invoice_of_the_first_version_without_an_amount_is_the_whole(
    status: str, refunds: list[dict[str, Any]], expected: Any
) -> None:
    subject = {
        "id": "INV2-1", "status": status, "total_amount": V1_TOTAL, "paid_amount": {"paypal": V1_TOTAL},
        "refunded_amount": {"paypal": V1_PAYPAL, "other": V1_OTHER}, "refunds": refunds,
    }  # fmt: skip
    assert outcome(read(event("INVOICING.INVOICE.REFUNDED", subject, version="1.0"))) == expected


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("name", ["INVOICING.INVOICE.PAID", "INVOICING.INVOICE.REFUNDED"])
def test_an_invoice_that_has_only_totals_is_refused(name: str) -> None:
    subject = invoice("PAID" if name.endswith("PAID") else "REFUNDED", [transaction("60.00")], [transaction("60.00")])
    for group in ("payments", "refunds"):
        del subject["invoice"][group]["transactions"]
    assert {code for _, code in faults(event(name, subject))} == {"missing"}


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("code", DISPUTE_OUTCOMES)
def test_a_resolved_dispute_is_what_its_outcome_says(code: str) -> None:
    lost = code in ("RESOLVED_BUYER_FAVOUR", "ACCEPTED")
    expected = "disputed" if code == "NONE" else "dispute_lost" if lost else "dispute_won"
    read_as = payment(event("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", code)))
    assert (read_as.type, read_as.payment_reference, read_as.counts) == (expected, "CAP1", False)


@pytest.mark.requirement("EVT-21")
def test_a_resolved_dispute_without_an_outcome_or_with_an_unknown_one_is_refused() -> None:
    assert faults(event("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED"))) == [("resource.dispute_outcome", "missing")]
    document = event("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", "SETTLED_BY_COIN"))
    assert faults(document) == [("resource.dispute_outcome.outcome_code", "unknown_status")]


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize(
    ("name", "code"),
    [*((name, "not_a_payment") for name in sorted(NOT_PAYMENTS)), ("PAYMENT.TELEPORTED", "unknown_event")],
)
def test_news_is_told_from_noise(name: str, code: str) -> None:
    assert faults(event(name, {})) == [("event_type", code)]


def test_no_event_is_both_a_payment_and_none() -> None:
    assert not NOT_PAYMENTS & EVENTS.keys()


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("document", "live"),
    [
        (event("PAYMENT.CAPTURE.COMPLETED", capture()), True),
        (event("PAYMENT.CAPTURE.COMPLETED", capture(), sandbox=True), False),
        (event("PAYMENT.CAPTURE.COMPLETED", capture(), links=[]), True),
        (event("PAYMENT.CAPTURE.COMPLETED",
               capture(links=[{"rel": "self", "href": "https://api.sandbox.paypal.com/v1/x"}]), links=None), False),
        (event("PAYMENT.CAPTURE.COMPLETED", capture(), links=[{"href": "https://x.example/sandbox.paypal.com"}]), True),
        (event("PAYMENT.CAPTURE.COMPLETED", capture(), links="none"), True),
    ],
)  # fmt: skip
def test_an_event_that_links_to_the_sandbox_is_a_test(document: dict[str, Any], live: bool) -> None:
    assert payment(document).live == live


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize(
    ("name", "resource", "account"),
    [
        ("PAYMENT.CAPTURE.COMPLETED", capture(), "MERCHANT22222"),
        ("PAYMENT.CAPTURE.REFUNDED", refund(payer={"merchant_id": "MERCHANT22222"}), "MERCHANT22222"),
        ("CUSTOMER.DISPUTE.CREATED", dispute(), "MERCHANT22222"),
        ("CHECKOUT.ORDER.APPROVED",
         order("APPROVED", purchase_units=[{"amount": money(), "payee": {"merchant_id": "MERCHANT22222"}}]),
         "MERCHANT22222"),
        ("CHECKOUT.ORDER.APPROVED",
         order("APPROVED", purchase_units=[
             {"amount": money(), "payee": {"merchant_id": each}} for each in ("MERCHANT22222", "MERCHANT33333")
         ]), None),
        ("PAYMENT.CAPTURE.COMPLETED", capture(payee={"email_address": "shop@example.org"}), None),
    ],
)  # fmt: skip
def test_the_account_is_the_payees(name: str, resource: dict[str, Any], account: str | None) -> None:
    assert payment(event(name, resource)).account == account


@pytest.mark.requirement("EVT-22")
def test_the_reference_is_what_all_events_of_a_payment_share() -> None:
    sale_refund = {"id": "REF1", "sale_id": "SALE1", "amount": money(), "state": "completed"}
    references = {
        "PAYMENT.CAPTURE.REFUNDED": (refund(), "CAP1"),
        "PAYMENT.SALE.REFUNDED": (sale_refund, "SALE1"),
        "CUSTOMER.DISPUTE.CREATED": (dispute(), "CAP1"),
        "BILLING.SUBSCRIPTION.PAYMENT.FAILED": (resource_of(Resource.SUBSCRIPTION, "ACTIVE"), "I-SUB1"),
        "PAYMENT.PAYOUTSBATCH.SUCCESS": (paypal_documents.payout_batch(), "BATCH1"),
    }
    for name, (resource, reference) in references.items():
        assert payment(event(name, resource)).payment_reference == reference


@pytest.mark.requirement("EVT-21", "EVT-24")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": "ada@example.org"}, "resource.id"),
        ({"id": "C" * 65}, "resource.id"),
        ({"payer": {"payer_id": "Ada Lovelace"}}, "resource.payer.payer_id"),
        ({"payee": {"merchant_id": "shop@example.org"}}, "resource.payee.merchant_id"),
    ],
)
def test_free_text_in_the_place_of_an_id_is_refused(changes: dict[str, Any], field: str) -> None:
    assert faults(event("PAYMENT.CAPTURE.COMPLETED", capture(**changes))) == [(field, "malformed")]


@pytest.mark.requirement("EVT-24")
def test_a_card_number_in_an_id_is_masked_and_in_an_event_id_refused() -> None:
    number = "4111111111111111"
    read_as = payment(event("PAYMENT.CAPTURE.COMPLETED", capture(id=number, payer={"payer_id": f"P-{number}"})))
    assert (read_as.payment_reference, read_as.customer_reference) == ("411111******1111", "P-411111******1111")
    reading = read(event("PAYMENT.CAPTURE.COMPLETED", capture(), id=f"WH-{number}"))
    assert (reading.event_id, [fault.code for fault in reading.faults]) == (None, ["card_number"])


@pytest.mark.requirement("EVT-22")
def test_every_event_that_counts_stands_in_a_lifecycle() -> None:
    counting = {name for name, each in EVENTS.items() if any(its.counts for its in each.outcomes.values())}
    told = {step.notification["event_type"] for lifecycle in LIFECYCLES for step in lifecycle.steps if step.net}
    assert counting == told
