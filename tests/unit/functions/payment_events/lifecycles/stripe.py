"""Lives of payments at Stripe (https://docs.stripe.com/api/events/types), in a version since 2024-10-28 if not said."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.unit.functions.payment_events.lifecycles.lifecycle import Lifecycle, Step

_NUMBERS: Iterator[int] = count(1)

AUTHORISED = "authorised/authorisation"
CAPTURED = "captured/capture"
PENDING = "pending/authorisation"
REFUNDED = "refunded/refund"
REFUND_FAILED = "failed/refund"
DISPUTED = "disputed/dispute"
PAID = {("pi_1", "EUR"): 2000}


def event(name: str, subject: dict[str, Any], before: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """An event around its object; `before` are its previous attributes."""
    number = next(_NUMBERS)
    data = {"object": subject} | ({} if before is None else {"previous_attributes": before})
    return {
        "id": f"evt_{number}", "object": "event", "api_version": "2025-03-31.basil", "type": name,
        "created": 1740823200 + number, "livemode": True, "data": data,
    } | changes  # fmt: skip


def charge(**changes: Any) -> dict[str, Any]:
    return {
        "id": "ch_1", "object": "charge", "amount": 2000, "amount_captured": 2000, "amount_refunded": 0,
        "captured": True, "currency": "eur", "payment_intent": "pi_1", "status": "succeeded",
    } | changes  # fmt: skip


def authorised(**changes: Any) -> dict[str, Any]:
    return charge(amount_captured=0, captured=False) | changes


def intent(status: str, **changes: Any) -> dict[str, Any]:
    received = 2000 if status == "succeeded" else 0
    return {
        "id": "pi_1", "object": "payment_intent", "amount": 2000, "amount_capturable": 0, "amount_received": received,
        "currency": "eur", "payment_method_types": ["card"], "status": status,
    } | changes  # fmt: skip


def session(payment_status: str, status: str = "complete", **changes: Any) -> dict[str, Any]:
    return {
        "id": "cs_test_1", "object": "checkout.session", "amount_total": 2000, "currency": "eur", "mode": "payment",
        "payment_intent": "pi_1", "payment_status": payment_status, "status": status,
    } | changes  # fmt: skip


def refund(status: str = "succeeded", amount: int = 500, **changes: Any) -> dict[str, Any]:
    return {
        "id": "re_1", "object": "refund", "amount": amount, "balance_transaction": "txn_r", "charge": "ch_1",
        "currency": "eur", "payment_intent": "pi_1", "status": status,
    } | changes  # fmt: skip


def dispute(status: str, *moved: int, **changes: Any) -> dict[str, Any]:
    """`moved` is what it took from the balance, and what it gave back."""
    transactions = [
        {"id": f"txn_{number}", "amount": amount, "created": number, "currency": "eur", "fee": 1500}
        for number, amount in enumerate(moved)
    ]
    return {
        "id": "du_1", "object": "dispute", "amount": 2000, "balance_transactions": transactions, "charge": "ch_1",
        "currency": "eur", "payment_intent": "pi_1", "status": status,
    } | changes  # fmt: skip


def payout(status: str, amount: int = 9000, **changes: Any) -> dict[str, Any]:
    return {"id": "po_1", "object": "payout", "amount": amount, "currency": "eur", "status": status} | changes


def top_up(status: str) -> dict[str, Any]:
    return {"id": "tu_1", "object": "topup", "amount": 3000, "currency": "eur", "status": status}


def transfer(**changes: Any) -> dict[str, Any]:
    return {
        "id": "tr_1", "object": "transfer", "amount": 1500, "amount_reversed": 0, "currency": "eur",
        "destination": "acct_2",
    } | changes  # fmt: skip


def invoice(status: str, paid: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": "in_1", "object": "invoice", "amount_due": 2000, "amount_paid": paid, "amount_remaining": 2000 - paid,
        "currency": "eur", "customer": "cus_1", "status": status,
    } | changes  # fmt: skip


def cash(type_: str, net_amount: int, **details: Any) -> dict[str, Any]:
    return {
        "id": "ccsbtxn_1", "object": "customer_cash_balance_transaction", "currency": "eur", "customer": "cus_1",
        "net_amount": net_amount, "type": type_, type_: details,
    }  # fmt: skip


def paid() -> list[Step]:
    return [Step(event("charge.succeeded", charge()), CAPTURED, 2000)]


def paid_by_checkout() -> list[Step]:
    return [
        Step(event("payment_intent.created", intent("requires_payment_method")), PENDING),
        *paid(),
        Step(event("payment_intent.succeeded", intent("succeeded")), CAPTURED),
        Step(event("checkout.session.completed", session("paid")), CAPTURED),
    ]


def authorised_by_hand() -> list[Step]:
    return [
        Step(event("payment_intent.created", intent("requires_payment_method")), PENDING),
        Step(event("charge.succeeded", authorised()), AUTHORISED),
        Step(
            event("payment_intent.amount_capturable_updated", intent("requires_capture", amount_capturable=2000)),
            AUTHORISED,
        ),
    ]


def refunded(number: int, amount: int, before: int) -> list[Step]:
    """One refund, in the four events that Stripe sends of it; the last two tell the bank's reference."""
    it = refund(amount=amount, id=f"re_{number}")
    reference = {"destination_details": {"card": {"reference_status": "pending"}}}
    return [
        Step(event("refund.created", it), REFUNDED, -amount),
        Step(
            event("charge.refunded", charge(amount_refunded=before + amount), {"amount_refunded": before}),
            REFUNDED,
        ),
        Step(event("charge.refund.updated", it, reference), REFUNDED),
        Step(event("refund.updated", it, reference), REFUNDED),
        Step(event("refund.updated", it, {"metadata": {}}), REFUNDED),
    ]


_FAILED_REFUND = refund("failed", failure_balance_transaction="txn_f", failure_reason="lost_or_stolen_card")
_ASYNCHRONOUS = [
    Step(event("payment_intent.created", intent("requires_payment_method")), PENDING),
    Step(event("checkout.session.completed", session("unpaid")), PENDING),
    Step(event("payment_intent.processing", intent("processing")), PENDING),
    Step(event("charge.pending", charge(status="pending")), PENDING),
]

LIFECYCLES = [
    Lifecycle("checkout", paid_by_checkout(), PAID),
    Lifecycle(
        "checkout with nothing due",
        [Step(event("checkout.session.completed", session("paid", amount_total=0)), "verified/authorisation")],
        {},
    ),
    Lifecycle(
        "checkout that nobody finished",
        [
            Step(event("payment_intent.created", intent("requires_payment_method")), PENDING),
            Step(event("checkout.session.expired", session("unpaid", "expired")), "expired/authorisation"),
            Step(event("payment_intent.canceled", intent("canceled")), "cancelled/cancellation"),
        ],
        {},
    ),
    Lifecycle(
        "a second attempt",
        [
            Step(event("charge.failed", charge(status="failed", id="ch_0")), "failed/authorisation"),
            Step(event("payment_intent.payment_failed", intent("requires_payment_method")), "failed/authorisation"),
            Step(event("payment_intent.requires_action", intent("requires_action")), PENDING),
            *paid(),
        ],
        PAID,
    ),
    Lifecycle(
        "captured by hand",
        [
            *authorised_by_hand(),
            Step(
                event("charge.captured", charge(), {"amount_captured": 0, "balance_transaction": None}), CAPTURED, 2000
            ),
            Step(event("payment_intent.succeeded", intent("succeeded")), CAPTURED),
        ],
        PAID,
    ),
    Lifecycle(
        "captured in part: the rest is released, which is told as a refund",
        [
            *authorised_by_hand(),
            Step(event("charge.captured", charge(amount_captured=1500), {"amount_captured": 0}), CAPTURED, 1500),
            Step(event("refund.created", refund(balance_transaction=None)), REFUNDED),
            Step(
                event("charge.refunded", charge(amount_captured=1500, amount_refunded=500), {"amount_refunded": 0}),
                REFUNDED,
            ),
            Step(event("payment_intent.succeeded", intent("succeeded", amount_received=1500)), CAPTURED),
        ],
        {("pi_1", "EUR"): 1500},
    ),
    Lifecycle(
        "captured in three parts",
        [
            *authorised_by_hand(),
            Step(event("charge.captured", charge(amount_captured=500), {"amount_captured": 0}), CAPTURED, 500),
            Step(event("charge.captured", charge(amount_captured=1200), {"amount_captured": 500}), CAPTURED, 700),
            Step(event("charge.captured", charge(amount_captured=1900), {"amount_captured": 1200}), CAPTURED, 700),
            Step(event("payment_intent.succeeded", intent("succeeded", amount_received=1900)), CAPTURED),
        ],
        {("pi_1", "EUR"): 1900},
    ),
    Lifecycle(
        "authorised and cancelled",
        [
            *authorised_by_hand(),
            Step(
                event("charge.refunded", authorised(amount_refunded=2000), {"amount_refunded": 0}),
                "cancelled/cancellation",
            ),
            Step(event("refund.created", refund(amount=2000, balance_transaction=None)), REFUNDED),
            Step(event("payment_intent.canceled", intent("canceled")), "cancelled/cancellation"),
        ],
        {},
    ),
    Lifecycle(
        "authorised and expired",
        [
            *authorised_by_hand(),
            Step(event("charge.expired", authorised(amount_refunded=2000)), "expired/authorisation"),
            Step(
                event(
                    "refund.created",
                    refund(amount=2000, balance_transaction=None, reason="expired_uncaptured_charge"),
                ),
                REFUNDED,
            ),
            Step(event("payment_intent.canceled", intent("canceled")), "cancelled/cancellation"),
        ],
        {},
    ),
    Lifecycle(
        "a bank debit",
        [
            *_ASYNCHRONOUS,
            *paid(),
            Step(event("payment_intent.succeeded", intent("succeeded")), CAPTURED),
            Step(event("checkout.session.async_payment_succeeded", session("paid")), CAPTURED),
        ],
        PAID,
    ),
    Lifecycle(
        "a bank debit that fails",
        [
            *_ASYNCHRONOUS,
            Step(event("charge.failed", charge(status="failed")), "failed/authorisation"),
            Step(event("payment_intent.payment_failed", intent("requires_payment_method")), "failed/authorisation"),
            Step(event("checkout.session.async_payment_failed", session("unpaid")), "failed/authorisation"),
        ],
        {},
    ),
    Lifecycle("two refunds", [*paid(), *refunded(1, 500, 0), *refunded(2, 700, 500)], {("pi_1", "EUR"): 800}),
    Lifecycle(
        "a refund that waits for money",
        [
            *paid(),
            Step(event("refund.created", refund("pending", balance_transaction=None)), "pending/refund"),
            Step(event("refund.updated", refund("pending"), {"metadata": {}}), "pending/refund"),
            Step(event("refund.updated", refund(), {"status": "pending", "balance_transaction": None}), REFUNDED, -500),
            Step(event("charge.refund.updated", refund(), {"status": "pending"}), REFUNDED),
            Step(event("refund.updated", refund(), {"metadata": {}}), REFUNDED),
        ],
        {("pi_1", "EUR"): 1500},
    ),
    Lifecycle(
        "a refund that fails after it succeeded",
        [
            *paid(),
            *refunded(1, 500, 0),
            Step(event("charge.refund.updated", _FAILED_REFUND, {"status": "succeeded"}), REFUND_FAILED),
            Step(event("refund.updated", _FAILED_REFUND, {"status": "succeeded"}), REFUND_FAILED),
            Step(event("refund.failed", _FAILED_REFUND, {"status": "succeeded"}), REFUND_FAILED, 500),
            Step(event("refund.updated", _FAILED_REFUND, {"metadata": {}}), REFUND_FAILED),
        ],
        PAID,
    ),
    Lifecycle(
        "a refund that fails, told without its previous status",
        [*paid(), *refunded(1, 500, 0), Step(event("refund.failed", _FAILED_REFUND), REFUND_FAILED, 500)],
        PAID,
    ),
    Lifecycle(
        "a refund that never leaves",
        [
            *paid(),
            Step(event("refund.created", refund("pending", balance_transaction=None)), "pending/refund"),
            Step(event("refund.updated", refund("failed"), {"status": "pending"}), REFUND_FAILED),
            Step(event("refund.failed", refund("failed"), {"status": "pending"}), REFUND_FAILED),
        ],
        PAID,
    ),
    Lifecycle(
        "a refund that is cancelled",
        [
            *paid(),
            Step(event("refund.created", refund("requires_action")), "pending/refund"),
            Step(event("refund.updated", refund("canceled"), {"status": "requires_action"}), "cancelled/refund"),
        ],
        PAID,
    ),
    Lifecycle(
        "a refund in a version before 2024-10-28, that fails later",
        [
            *paid(),
            Step(
                event("charge.refunded", charge(amount_refunded=500), {"amount_refunded": 0}, api_version="2024-06-20"),
                REFUNDED,
                -500,
            ),
            Step(event("refund.created", refund(), api_version="2024-06-20"), REFUNDED),
            Step(event("charge.refund.updated", refund(), {"metadata": {}}, api_version="2024-06-20"), REFUNDED),
            Step(
                event("charge.refund.updated", _FAILED_REFUND, {"status": "succeeded"}, api_version="2024-06-20"),
                REFUND_FAILED,
                500,
            ),
            Step(
                event("refund.failed", _FAILED_REFUND, {"status": "succeeded"}, api_version="2024-06-20"),
                REFUND_FAILED,
            ),
        ],
        PAID,
    ),
    Lifecycle(
        "a refund without a charge in a version before 2024-10-28",
        [Step(event("refund.created", refund(charge=None), api_version="2024-06-20"), REFUNDED, -500)],
        {("pi_1", "EUR"): -500},
    ),
    Lifecycle(
        "a dispute that is won",
        [
            *paid_by_checkout(),
            Step(event("charge.dispute.created", dispute("needs_response")), DISPUTED),
            Step(event("charge.dispute.funds_withdrawn", dispute("needs_response", -2000)), DISPUTED, -2000),
            Step(event("charge.dispute.updated", dispute("under_review", -2000), {"evidence": {}}), DISPUTED),
            Step(event("charge.dispute.closed", dispute("won", -2000)), "dispute_won/dispute"),
            Step(event("charge.dispute.funds_reinstated", dispute("won", -2000, 2000)), "dispute_won/dispute", 2000),
        ],
        PAID,
    ),
    Lifecycle(
        "a dispute that is lost",
        [
            *paid(),
            Step(event("charge.dispute.created", dispute("needs_response", -2000)), DISPUTED),
            Step(event("charge.dispute.funds_withdrawn", dispute("needs_response", -2000)), DISPUTED, -2000),
            Step(event("charge.dispute.closed", dispute("lost", -2000)), "dispute_lost/dispute"),
        ],
        {},
    ),
    Lifecycle(
        "a dispute that is lost after a part was refunded, which comes back",
        [
            *paid(),
            *refunded(1, 500, 0),
            Step(event("charge.dispute.created", dispute("needs_response", -2000)), DISPUTED),
            Step(event("charge.dispute.funds_withdrawn", dispute("needs_response", -2000)), DISPUTED, -2000),
            Step(event("charge.dispute.closed", dispute("lost", -2000)), "dispute_lost/dispute"),
            Step(event("charge.dispute.funds_reinstated", dispute("lost", -2000, 500)), "reinstated/dispute", 500),
        ],
        {},
    ),
    Lifecycle(
        "a bank debit that is disputed for good",
        [
            *paid(),
            Step(event("charge.dispute.created", dispute("lost")), "dispute_lost/dispute"),
            Step(event("charge.dispute.funds_withdrawn", dispute("lost", -2000)), "dispute_lost/dispute", -2000),
            Step(event("charge.dispute.closed", dispute("lost", -2000)), "dispute_lost/dispute"),
        ],
        {},
    ),
    Lifecycle(
        "an inquiry",
        [
            *paid(),
            Step(event("charge.dispute.created", dispute("warning_needs_response")), DISPUTED),
            Step(event("charge.dispute.closed", dispute("warning_closed")), "dispute_won/dispute"),
        ],
        PAID,
    ),
    Lifecycle(
        "a dispute that is prevented by a refund",
        [
            *paid(),
            Step(event("charge.dispute.created", dispute("prevented")), "cancelled/dispute"),
            *refunded(1, 2000, 0),
            Step(event("charge.dispute.closed", dispute("prevented")), "cancelled/dispute"),
        ],
        {},
    ),
    Lifecycle(
        "a payout",
        [
            Step(event("payout.created", payout("in_transit")), "pending/payout", -9000),
            Step(event("payout.updated", payout("in_transit"), {"trace_id": None}), "pending/payout"),
            Step(event("payout.paid", payout("paid"), {"status": "in_transit"}), "paid_out/payout"),
        ],
        {("po_1", "EUR"): -9000},
    ),
    Lifecycle(
        "a payout that fails after it was paid",
        [
            Step(event("payout.created", payout("pending")), "pending/payout", -9000),
            Step(event("payout.paid", payout("paid")), "paid_out/payout"),
            Step(event("payout.updated", payout("failed"), {"status": "paid"}), "failed/payout"),
            Step(event("payout.failed", payout("failed")), "failed/payout", 9000),
        ],
        {},
    ),
    Lifecycle(
        "a payout that is cancelled",
        [
            Step(event("payout.created", payout("pending")), "pending/payout", -9000),
            Step(event("payout.canceled", payout("canceled")), "cancelled/payout", 9000),
        ],
        {},
    ),
    Lifecycle(
        "a payout that is reversed by another, which debits the bank account",
        [
            Step(event("payout.created", payout("paid")), "paid_out/payout", -9000),
            Step(
                event("payout.created", payout("pending", -9000, id="po_2", original_payout="po_1")),
                "pending/top_up",
                9000,
            ),
            Step(event("payout.paid", payout("paid", -9000, id="po_2")), "captured/top_up"),
        ],
        {("po_1", "EUR"): -9000, ("po_2", "EUR"): 9000},
    ),
    Lifecycle(
        "a debit of the bank account that fails",
        [
            Step(event("payout.created", payout("pending", -9000)), "pending/top_up", 9000),
            Step(event("payout.failed", payout("failed", -9000)), "failed/top_up", -9000),
        ],
        {},
    ),
    Lifecycle(
        "a transfer that is reversed in two parts",
        [
            Step(event("transfer.created", transfer()), "paid_out/payout", -1500),
            Step(
                event("transfer.reversed", transfer(amount_reversed=400), {"amount_reversed": 0}),
                "cancelled/payout",
                400,
            ),
            Step(
                event("transfer.reversed", transfer(amount_reversed=1500), {"amount_reversed": 400}),
                "cancelled/payout",
                1100,
            ),
        ],
        {},
    ),
    Lifecycle(
        "a transfer of a version until 2017-04-06 that fails",
        [
            Step(event("transfer.created", transfer(status="pending")), "paid_out/payout", -1500),
            Step(event("transfer.paid", transfer(status="paid")), "paid_out/payout"),
            Step(event("transfer.failed", transfer(status="failed")), "failed/payout", 1500),
        ],
        {},
    ),
    Lifecycle(
        "a transfer of a version until 2017-04-06 that is cancelled",
        [
            Step(event("transfer.created", transfer(status="pending")), "paid_out/payout", -1500),
            Step(event("transfer.canceled", transfer(status="canceled")), "cancelled/payout", 1500),
        ],
        {},
    ),
    Lifecycle(
        "a bank transfer that is taken back after it was used",
        [
            *paid(),
            Step(event("customer_cash_balance_transaction.created", cash("funding_reversed", -2000)), "failed/capture"),
            Step(
                event("customer_cash_balance_transaction.created", cash("adjusted_for_overdraft", 2000)),
                "failed/capture",
                -2000,
            ),
        ],
        PAID | {("ccsbtxn_1", "EUR"): -2000},
    ),
    Lifecycle(
        "a top-up that is reversed",
        [
            Step(event("topup.created", top_up("pending")), "pending/top_up"),
            Step(event("topup.succeeded", top_up("succeeded")), "captured/top_up", 3000),
            Step(event("topup.reversed", top_up("reversed")), "refunded/top_up", -3000),
        ],
        {},
    ),
    Lifecycle(
        "a top-up that fails",
        [
            Step(event("topup.created", top_up("pending")), "pending/top_up"),
            Step(event("topup.failed", top_up("failed")), "failed/top_up"),
        ],
        {},
    ),
    Lifecycle(
        "an invoice",
        [
            Step(event("invoice.payment_action_required", invoice("open", 0)), PENDING),
            Step(event("invoice.payment_failed", invoice("open", 0)), "failed/authorisation"),
            *paid(),
            Step(event("payment_intent.succeeded", intent("succeeded")), CAPTURED),
            Step(
                event(
                    "invoice_payment.paid",
                    {
                        "id": "inpay_1",
                        "object": "invoice_payment",
                        "amount_paid": 2000,
                        "currency": "eur",
                        "invoice": "in_1",
                        "payment": {"payment_intent": "pi_1", "type": "payment_intent"},
                        "status": "paid",
                    },
                ),
                CAPTURED,
            ),
            Step(event("invoice.paid", invoice("paid", 2000)), CAPTURED),
            Step(event("invoice.payment_succeeded", invoice("paid", 2000)), CAPTURED),
        ],
        PAID,
    ),
    Lifecycle(
        "an invoice that is paid elsewhere",
        [
            Step(event("invoice.paid", invoice("paid", 2000, paid_out_of_band=True)), "verified/authorisation"),
            Step(event("invoice.paid", invoice("paid", 2000, amount_paid_off_stripe=2000)), "verified/authorisation"),
            Step(event("invoice.paid", invoice("paid", 0)), "verified/authorisation"),
        ],
        {},
    ),
    Lifecycle(
        "a bank transfer through the customer's cash balance",
        [
            Step(event("payment_intent.requires_action", intent("requires_action")), PENDING),
            Step(event("customer_cash_balance_transaction.created", cash("funded", 2500)), "pending/capture"),
            Step(
                event(
                    "customer_cash_balance_transaction.created",
                    cash("applied_to_payment", -2000, payment_intent="pi_1"),
                ),
                CAPTURED,
            ),
            *paid(),
            Step(event("payment_intent.succeeded", intent("succeeded")), CAPTURED),
            Step(
                event("customer_cash_balance_transaction.created", cash("transferred_to_balance", -500)), CAPTURED, 500
            ),
        ],
        PAID | {("ccsbtxn_1", "EUR"): 500},
    ),
]
