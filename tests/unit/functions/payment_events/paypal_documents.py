"""PayPal's webhooks for tests: the smallest resource of each kind, and the event around it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

from functions.payment_events.logic.formats.paypal_events import EVENTS, Resource

_NUMBERS: Iterator[int] = count(1)
_LIVE, _SANDBOX = "https://api-m.paypal.com", "https://api-m.sandbox.paypal.com"


def money(value: str = "100.00", currency: str = "EUR") -> dict[str, str]:
    return {"currency_code": currency, "value": value}


def event(
    name: str, resource: object, *, version: str = "2.0", sandbox: bool = False, **changes: Any
) -> dict[str, Any]:
    number = next(_NUMBERS)
    host = _SANDBOX if sandbox else _LIVE
    return {
        "id": f"WH-TEST{number:08}", "event_type": name, "create_time": f"2025-03-01T10:00:{number % 60:02}Z",
        "resource_version": version, "resource": resource,
        "links": [{"rel": "self", "href": f"{host}/v1/notifications/webhooks-events/WH-TEST{number:08}"}],
    } | changes  # fmt: skip


def capture(
    status: str = "COMPLETED", value: str = "100.00", identifier: str = "CAP1", **changes: Any
) -> dict[str, Any]:
    return {
        "id": identifier,
        "status": status,
        "amount": money(value),
        "payee": {"merchant_id": "MERCHANT22222"},
    } | changes


def refund(
    status: str = "COMPLETED", value: str = "100.00", capture_id: str = "CAP1", **changes: Any
) -> dict[str, Any]:
    links = [
        {"rel": "self", "href": f"{_LIVE}/v2/payments/refunds/REF1"},
        {"rel": "up", "href": f"{_LIVE}/v2/payments/captures/{capture_id}"},
    ]
    return {"id": "REF1", "status": status, "amount": money(value), "links": links} | changes


def order(status: str = "COMPLETED", payments: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    unit: dict[str, Any] = {"reference_id": "default", "amount": money()}
    if payments is not None:
        unit["payments"] = payments
    return {"id": "ORDER1", "intent": "CAPTURE", "status": status, "purchase_units": [unit]} | changes


def invoice(status: str, payments: list[Any] | None = None, refunds: list[Any] | None = None) -> dict[str, Any]:
    """Of v2. The lists are transactions; their totals stand beside them."""
    subject: dict[str, Any] = {"id": "INV2-1", "status": status}
    for name, total, listed in (("payments", "paid_amount", payments), ("refunds", "refund_amount", refunds)):
        if listed is not None:
            whole = str(sum(Decimal(each["amount"]["value"]) for each in listed))
            subject[name] = {total: money(whole), "transactions": listed}
    return {"invoice": subject}


def transaction(value: str, kind: str = "PAYPAL", date: str | None = None) -> dict[str, Any]:
    method = "PAYPAL" if kind == "PAYPAL" else "CASH"
    return {"type": kind, "method": method, "amount": money(value)} | ({"payment_date": date} if date else {})


def dispute(status: str = "OPEN", outcome: str | None = None, **changes: Any) -> dict[str, Any]:
    subject: dict[str, Any] = {
        "dispute_id": "PP-D-1", "status": status, "dispute_amount": money(),
        "disputed_transactions": [{"seller_transaction_id": "CAP1", "seller": {"merchant_id": "MERCHANT22222"}}],
    }  # fmt: skip
    return subject | ({"dispute_outcome": {"outcome_code": outcome}} if outcome else {}) | changes


def payout_item(status: str = "SUCCESS", value: str = "30.00", identifier: str = "ITEM1") -> dict[str, Any]:
    return {
        "payout_item_id": identifier, "payout_batch_id": "BATCH1", "transaction_status": status,
        "payout_item": {"amount": {"currency": "EUR", "value": value}, "receiver": "ada@example.org"},
    }  # fmt: skip


def payout_batch(status: str = "SUCCESS", value: str = "60.00") -> dict[str, Any]:
    amount = {"currency": "EUR", "value": value}
    return {"batch_header": {"payout_batch_id": "BATCH1", "batch_status": status, "amount": amount}}


def resource_of(kind: Resource, status: str) -> dict[str, Any]:
    """A resource of that kind in that status."""
    v1_amount = {"total": "100.00", "currency": "EUR"}
    simple: dict[Resource, dict[str, Any]] = {
        Resource.AUTHORIZATION: {"id": "AUTH1", "status": status, "amount": money()},
        Resource.CAPTURE: capture(status),
        Resource.REFUND: refund(status),
        Resource.ORDER: order(status),
        Resource.PAYMENT: {"id": "PAY-1", "state": status, "transactions": [{"amount": v1_amount}]},
        Resource.PAYMENT_ORDER: {"id": "O-1", "state": status, "amount": v1_amount},
        Resource.PAYOUT_ITEM: payout_item(status),
        Resource.PAYOUT_BATCH: payout_batch(status),
        Resource.REFERENCED_PAYOUT: {
            "item_id": "I1", "reference_id": "CAP1", "processing_state": {"status": status}, "payout_amount": money(),
        },
        Resource.SUBSCRIPTION: {
            "id": "I-SUB1", "status": status, "subscriber": {"payer_id": "PAYER22222222"},
            "billing_info": {"last_failed_payment": {"amount": money()}, "outstanding_balance": money("999.00")},
        },
        Resource.INVOICE: invoice(status, [transaction("100.00")], [transaction("100.00")]),
        Resource.DISPUTE: dispute(status, "RESOLVED_SELLER_FAVOUR" if status.lower() == "resolved" else None),
        Resource.RISK_DISPUTE: {
            "dispute_id": "PP-1", "seller_payment_id": "CAP1", "dispute_amount": {"currency": "EUR", "value": "100"},
        },
    }  # fmt: skip
    return simple[kind]


def notifications() -> Iterator[dict[str, Any]]:
    """One valid notification of each event."""
    for name, meaning in EVENTS.items():
        resource = resource_of(meaning.resource, next(iter(meaning.outcomes)))
        if name in ("CHECKOUT.ORDER.COMPLETED", "CHECKOUT.ORDER.PROCESSED"):
            resource = order(payments={"captures": [capture()]})
        yield event(name, resource)
