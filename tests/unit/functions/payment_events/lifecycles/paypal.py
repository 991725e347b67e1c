"""Lives of payments at PayPal (https://developer.paypal.com/api/rest/webhooks/event-names)."""

from __future__ import annotations

from typing import Any

from tests.unit.functions.payment_events.lifecycles.lifecycle import Lifecycle, Step
from tests.unit.functions.payment_events.paypal_documents import (
    capture,
    dispute,
    event,
    invoice,
    money,
    order,
    payout_batch,
    payout_item,
    refund,
    transaction,
)


def told(name: str, resource: dict[str, Any], what: str, net: int = 0) -> Step:
    return Step(event(name, resource), what, net)


def authorization(status: str) -> dict[str, Any]:
    return {"id": "AUTH1", "status": status, "amount": money()}


def sale(state: str, total: str = "100.00") -> dict[str, Any]:
    return {"id": "SALE1", "state": state, "amount": {"total": total, "currency": "EUR"}}


def sale_refund(total: str) -> dict[str, Any]:
    whole = {"total": "30.00", "currency": "EUR"}
    return sale("completed", total) | {"id": "REF1", "sale_id": "SALE1", "total_refunded_amount": whole}


_CAPTURED = told("PAYMENT.CAPTURE.COMPLETED", capture(), "captured/capture", 10000)
_SALE = told("PAYMENT.SALE.COMPLETED", sale("completed"), "captured/capture", 10000)
_DISPUTED = told("CUSTOMER.DISPUTE.CREATED", dispute(), "disputed/dispute")

LIFECYCLES = [
    Lifecycle(
        "an order that is captured",
        [
            told("CHECKOUT.ORDER.APPROVED", order("APPROVED"), "pending/authorisation"),
            _CAPTURED,
            told("CHECKOUT.ORDER.COMPLETED", order(payments={"captures": [capture()]}), "captured/capture"),
        ],
        {("CAP1", "EUR"): 10000},
    ),
    Lifecycle(
        "an order whose capture waits, and is denied",
        [
            told("PAYMENT.CAPTURE.PENDING", capture("PENDING"), "pending/capture"),
            told("CHECKOUT.ORDER.COMPLETED", order(payments={"captures": [capture("PENDING")]}), "pending/capture"),
            told("PAYMENT.CAPTURE.DENIED", capture("DECLINED"), "failed/capture"),
        ],
        {},
    ),
    Lifecycle(
        "an authorisation that is captured in two parts, of which one is refunded in two parts, and voided",
        [
            told("PAYMENT.AUTHORIZATION.CREATED", authorization("CREATED"), "authorised/authorisation"),
            told(
                "CHECKOUT.ORDER.COMPLETED",
                order(intent="AUTHORIZE", payments={"authorizations": [authorization("CREATED")]}),
                "authorised/authorisation",
            ),
            told("PAYMENT.CAPTURE.COMPLETED", capture(value="60.00"), "captured/capture", 6000),
            told("PAYMENT.CAPTURE.COMPLETED", capture(value="30.00", identifier="CAP2"), "captured/capture", 3000),
            told("PAYMENT.AUTHORIZATION.VOIDED", authorization("VOIDED"), "cancelled/cancellation"),
            told("PAYMENT.CAPTURE.REFUNDED", refund(value="20.00"), "refunded/refund", -2000),
            told("PAYMENT.CAPTURE.REFUNDED", refund(value="10.00", id="REF2"), "refunded/refund", -1000),
        ],
        {("CAP1", "EUR"): 3000, ("CAP2", "EUR"): 3000},
    ),
    Lifecycle(
        "a sale that is refunded in part and reversed for the rest",
        [
            _SALE,
            told("PAYMENT.SALE.REFUNDED", sale_refund("10.00"), "refunded/refund", -1000),
            told("PAYMENT.SALE.REVERSED", sale_refund("90.00"), "refunded/refund", -9000),
        ],
        {("SALE1", "EUR"): 0},
    ),
    Lifecycle(
        "a refund that waits and fails, and another that waits and succeeds",
        [
            _CAPTURED,
            told("PAYMENT.REFUND.PENDING", refund("PENDING"), "pending/refund"),
            told("PAYMENT.REFUND.FAILED", refund("FAILED"), "failed/refund"),
            told("PAYMENT.CAPTURE.REFUNDED", refund("PENDING", id="REF2"), "pending/refund"),
            told("PAYMENT.CAPTURE.REFUNDED", refund("COMPLETED", id="REF2"), "refunded/refund", -10000),
        ],
        {("CAP1", "EUR"): 0},
    ),
    Lifecycle(
        "a dispute whose money was held only, and that is won",
        [
            _CAPTURED,
            _DISPUTED,
            told("CUSTOMER.DISPUTE.UPDATED", dispute("UNDER_REVIEW"), "disputed/dispute"),
            told("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", "RESOLVED_SELLER_FAVOUR"), "dispute_won/dispute"),
        ],
        {("CAP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a dispute that PayPal decides by a reversal",
        [
            _CAPTURED,
            _DISPUTED,
            told("PAYMENT.CAPTURE.REVERSED", refund(), "refunded/refund", -10000),
            told("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", "RESOLVED_BUYER_FAVOUR"), "dispute_lost/dispute"),
        ],
        {("CAP1", "EUR"): 0},
    ),
    Lifecycle(
        "a dispute that the merchant settles by a refund of a part",
        [
            _CAPTURED,
            _DISPUTED,
            told("PAYMENT.CAPTURE.REFUNDED", refund(value="40.00"), "refunded/refund", -4000),
            told("CUSTOMER.DISPUTE.RESOLVED", dispute("RESOLVED", "ACCEPTED"), "dispute_lost/dispute"),
        ],
        {("CAP1", "EUR"): 6000},
    ),
    Lifecycle(
        "an invoice that is paid in two parts, one of them in cash, and refunded in two parts",
        [
            told("INVOICING.INVOICE.PAID", invoice("PARTIALLY_PAID", [transaction("60.00")]), "captured/capture", 6000),
            told(
                "INVOICING.INVOICE.PAID",
                invoice("PAID", [transaction("60.00"), transaction("40.00", "EXTERNAL")]),
                "verified/authorisation",
            ),
            told(
                "INVOICING.INVOICE.REFUNDED",
                invoice("PARTIALLY_REFUNDED", refunds=[transaction("30.00")]),
                "refunded/refund",
                -3000,
            ),
            told(
                "INVOICING.INVOICE.REFUNDED",
                invoice("PARTIALLY_REFUNDED", refunds=[transaction("30.00"), transaction("20.00")]),
                "refunded/refund",
                -2000,
            ),
        ],
        {("INV2-1", "EUR"): 1000},
    ),
    Lifecycle(
        "a batch of two payouts, of which one is not claimed and comes back",
        [
            told("PAYMENT.PAYOUTSBATCH.PROCESSING", payout_batch("PROCESSING"), "pending/payout"),
            told("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", payout_item(), "paid_out/payout", -3000),
            told("PAYMENT.PAYOUTS-ITEM.UNCLAIMED", payout_item("UNCLAIMED", identifier="ITEM2"), "pending/payout"),
            told("PAYMENT.PAYOUTSBATCH.SUCCESS", payout_batch(), "paid_out/payout"),
            told("PAYMENT.PAYOUTS-ITEM.RETURNED", payout_item("RETURNED", identifier="ITEM2"), "failed/payout"),
        ],
        {("ITEM1", "EUR"): -3000},
    ),
    Lifecycle(
        "a payout that was paid and is refunded",
        [
            told("PAYMENT.PAYOUTS-ITEM.SUCCEEDED", payout_item(), "paid_out/payout", -3000),
            told("PAYMENT.PAYOUTS-ITEM.REFUNDED", payout_item("REFUNDED"), "failed/payout", 3000),
        ],
        {("ITEM1", "EUR"): 0},
    ),
    Lifecycle(
        "a capture for a seller whose money is released later",
        [
            _CAPTURED,
            told(
                "PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED",
                {"item_id": "I1", "reference_id": "CAP1", "processing_state": {"status": "SUCCESS"}}
                | {"payout_amount": money()},
                "paid_out/payout",
            ),
        ],
        {("CAP1", "EUR"): 10000},
    ),
]
