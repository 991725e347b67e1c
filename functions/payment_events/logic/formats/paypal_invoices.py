"""PayPal's invoices: which of their payments and refunds an event is about.

The amounts beside the lists are totals (invoicing_v2: "the aggregated payment amounts against this invoice"). The
amount of this event is that of the latest transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from functions.common.fields import Fields
from functions.payment_events.logic.formats.building import Outcome, read_status
from functions.payment_events.logic.formats.paypal_events import (
    EXTERNAL_PAYMENT,
    EXTERNAL_REFUND,
    Event,
)
from functions.payment_events.logic.formats.paypal_money import NO_MONEY, Money, each, find, read_money, status_of
from functions.payment_events.logic.payments import Operation

# invoicing_v2: `transactions` has at most 100.
_MAXIMUM_TRANSACTIONS = 100

_PAYPAL, _EXTERNAL = "PAYPAL", "EXTERNAL"
# invoicing_v2 (payment_type, payment_method): where the type is missing, the method implies it.
_KINDS = {
    "type": {_PAYPAL: _PAYPAL, _EXTERNAL: _EXTERNAL},
    "method": {
        "PAYPAL": _PAYPAL, "CREDIT_CARD": _PAYPAL, "DEBIT_CARD": _PAYPAL, "BANK_TRANSFER": _EXTERNAL, "CASH": _EXTERNAL,
        "CHECK": _EXTERNAL, "WIRE_TRANSFER": _EXTERNAL, "OTHER": _EXTERNAL,
    },
}  # fmt: skip

# The total of each kind, used where it can only be the amount of the one transaction.
_Totals = Mapping[str, Fields | None]


def read_invoice(resource: Fields, event: Event, _old: bool) -> tuple[Outcome | None, Money]:
    """The event's outcome and amount: money that did not go through PayPal is no capture and no refund of PayPal's."""
    invoice = resource.nested("invoice", required=False)
    outcome = status_of(invoice or resource, event.resource.value, event.outcomes)
    if outcome is None:
        return None, NO_MONEY
    refund = outcome.operation == Operation.REFUND
    listed, totals = _second_version(invoice, refund) if invoice is not None else _first_version(resource, refund)
    kind = _kind(listed[-1]) if listed else _only_kind(totals)
    if kind is None:
        resource.fault("refunds" if refund else "payments", "missing", "have to say what this event is about")
        return None, NO_MONEY
    if kind == _EXTERNAL:
        outcome = EXTERNAL_REFUND if refund else EXTERNAL_PAYMENT
    money = listed[-1].nested("amount", required=False) if listed else None
    money = money or totals.get(kind)
    if money is None:
        (listed[-1] if listed else resource).fault("amount", "missing", "is required: the others are totals")
        return outcome, NO_MONEY
    return outcome, read_money(money)


def _second_version(invoice: Fields, refund: bool) -> tuple[list[Fields], _Totals]:
    """The transactions, the latest last, and their total where there is one transaction."""
    group = invoice.nested("refunds" if refund else "payments")
    listed = _in_order(each(group, "transactions", _MAXIMUM_TRANSACTIONS)) if group is not None else []
    total = group and group.nested("refund_amount" if refund else "paid_amount", required=False)
    return listed, {_PAYPAL: total, _EXTERNAL: total} if len(listed) == 1 else {}


def _first_version(invoice: Fields, refund: bool) -> tuple[list[Fields], _Totals]:
    """The list, which has only the last transaction, often without an amount.

    Without one, it was the whole amount (invoicing_v1: "if you omit the amount, the total invoice paid amount is
    recorded as refunded"), unless the invoice is settled in parts.
    """
    name = "refunds" if refund else "payments"
    listed = _in_order(each(invoice, name, _MAXIMUM_TRANSACTIONS)) if name in invoice else []
    status = (invoice.text("status", required=False) or "").lower()
    in_parts = status == "partially_refunded" if refund else invoice.flag("allow_partial_payment", required=False)
    if in_parts or len(listed) > 1:
        return listed, {}
    summary = "refunded_amount" if refund else "paid_amount"
    return listed, {_PAYPAL: find(invoice, f"{summary}.paypal"), _EXTERNAL: find(invoice, f"{summary}.other")}


def _in_order(listed: Sequence[Fields]) -> list[Fields]:
    """By date where all have one. A date is a day: of two on the same day, the later one in the list is the latest."""
    names = ["payment_date", "refund_date", "date"]
    dates = [next((each.text(name, required=False) for name in names if name in each), None) for each in listed]
    if None in dates:
        return list(listed)
    return [listed[index] for index in sorted(range(len(listed)), key=lambda index: (dates[index] or "", index))]


def _kind(transaction: Fields) -> str | None:
    name = "type" if "type" in transaction else "method"
    return read_status(transaction, name, _KINDS[name], _KINDS[name])


def _only_kind(totals: _Totals) -> str | None:
    """Without a list: the kind of the only total that is present."""
    kinds = [kind for kind, total in totals.items() if total is not None]
    return kinds[0] if len(kinds) == 1 else None
