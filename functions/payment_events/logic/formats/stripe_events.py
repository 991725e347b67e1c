"""Stripe's events, and what each means.

The events: https://docs.stripe.com/api/events/types. The statuses are those of the object's page in the API reference,
such as https://docs.stripe.com/api/disputes/object. README.md shows these tables and says why an event counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from functions.payment_events.logic.payments import Operation, PaymentType

# From this version on `refund.*` reports every refund; before, only those without a charge
# (https://docs.stripe.com/changelog/acacia/2024-10-28/refund-webhook-update).
EVERY_REFUND_SINCE = "2024-10-28"


class Counts(Enum):
    """Whether an event is the one that counts for its movement of money, in README.md's words."""

    NEVER = ""
    ALWAYS = "yes"
    REFUND_CREATED = f"yes, since {EVERY_REFUND_SINCE}"
    REFUND_SUCCEEDED = f"the first time, since {EVERY_REFUND_SINCE}"
    REFUND_FAILED = f"if it had left, since {EVERY_REFUND_SINCE}"
    REFUND_CANCELLED = f"if it had succeeded, since {EVERY_REFUND_SINCE}"
    CHARGE_REFUNDED = f"yes, before {EVERY_REFUND_SINCE}"
    CHARGE_REFUND_FAILED = f"if it had succeeded, before {EVERY_REFUND_SINCE}"


class How(Enum):
    """How the amount of the event is read from its field, in README.md's words."""

    FIELD = "{}"
    DIFFERENCE = "{}, difference"  # the field is a running total: the event moved its difference to the one before
    NEGATED = "{}, negated"
    SIGNED = "{}, of either sign"
    AT_STRIPE = "{}, at Stripe"  # without what was paid elsewhere
    MOVED = "`balance_transactions`"  # what the dispute took or gave
    MOVED_OR_FIELD = "`balance_transactions` or {}"


class Amount(NamedTuple):
    """`fields`: the amount is in the first of them that is present."""

    fields: tuple[str, ...] = ("amount",)
    how: How = How.FIELD


class Outcome(NamedTuple):
    """What an event means. With `or_zero` the amount may be zero: a capture is then only a verification."""

    type: PaymentType
    operation: Operation
    amount: Amount = Amount()
    counts: Counts = Counts.NEVER
    or_zero: bool = False


class Event(NamedTuple):
    """An event around an object of one `kind`. `field` decides the outcome; a value that is not listed contradicts.

    Without a field there is one outcome, under "". `must` and `may` are values that other fields must have: `must` for
    those that are always present, `may` for those that older versions of the API do not have.
    """

    kind: str
    outcomes: Mapping[str, Outcome]
    field: str = ""
    must: Mapping[str, tuple[str, ...]] = {}
    may: Mapping[str, tuple[str, ...]] = {}


# How the ids of each kind of object begin. Stripe may add others, so an id that begins like none of these is accepted.
ID_PREFIXES: Mapping[str, tuple[str, ...]] = {
    "charge": ("ch_", "py_"),
    "checkout.session": ("cs_",),
    "customer_cash_balance_transaction": ("ccsbtxn_",),
    "dispute": ("dp_", "du_"),
    "invoice": ("in_",),
    "invoice_payment": ("inpay_",),
    "payment_intent": ("pi_",),
    "payout": ("po_", "tr_"),  # until 2017-04-06 a payout was a kind of transfer
    "refund": ("re_", "pyr_"),
    "topup": ("tu_",),
    "transfer": ("tr_", "po_"),
}


def _authorisation(type_: PaymentType, *fields: str, or_zero: bool = False) -> Outcome:
    return Outcome(type_, Operation.AUTHORISATION, Amount(fields or ("amount",)), or_zero=or_zero)


def _by_status(kind: str, **outcomes: Outcome) -> Event:
    return Event(kind, outcomes, "status")


_AUTHORISED = _authorisation(PaymentType.AUTHORISED)
_EXPIRED = _authorisation(PaymentType.EXPIRED)
_FAILED = _authorisation(PaymentType.FAILED)
_PENDING = _authorisation(PaymentType.PENDING)
_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.CANCELLATION)

_CAPTURED = Outcome(
    PaymentType.CAPTURED, Operation.CAPTURE, Amount(("amount_captured", "amount")), counts=Counts.ALWAYS
)
_CAPTURED_MORE = _CAPTURED._replace(amount=Amount(("amount_captured",), How.DIFFERENCE))
_REFUNDED_MORE = Amount(("amount_refunded",), How.DIFFERENCE)

_REFUNDED = Outcome(PaymentType.REFUNDED, Operation.REFUND)
_REFUND_PENDING = Outcome(PaymentType.PENDING, Operation.REFUND)
_REFUND_FAILED = Outcome(PaymentType.FAILED, Operation.REFUND)
_REFUND_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.REFUND)

_DISPUTED = Outcome(PaymentType.DISPUTED, Operation.DISPUTE)
_DISPUTE_WON = Outcome(PaymentType.DISPUTE_WON, Operation.DISPUTE)
_DISPUTE_LOST = Outcome(PaymentType.DISPUTE_LOST, Operation.DISPUTE)
_DISPUTE_PREVENTED = Outcome(PaymentType.CANCELLED, Operation.DISPUTE)
_DISPUTE_OPEN = dict.fromkeys(
    ("needs_response", "under_review", "warning_needs_response", "warning_under_review"), _DISPUTED
)
# `charge_refunded` is what `won` was called until 2014-11-20 where the charge was refunded; a warning that is closed
# did not become a dispute.
_DISPUTE_CLOSED = {
    **dict.fromkeys(("won", "warning_closed", "charge_refunded"), _DISPUTE_WON),
    "lost": _DISPUTE_LOST,
    "prevented": _DISPUTE_PREVENTED,
}
_REINSTATED = Outcome(PaymentType.REINSTATED, Operation.DISPUTE, Amount(how=How.MOVED), counts=Counts.ALWAYS)

_CHECKOUT = "checkout.session"
_CHECKED_OUT = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, Amount(("amount_total",)), or_zero=True)

_INVOICE_PAID = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, Amount(("amount_paid",), How.AT_STRIPE), or_zero=True)
_WHOLE_INVOICE_PAID = Event("invoice", {"": _INVOICE_PAID}, may={"status": ("paid",), "paid": ("true",)})
_INVOICE_UNPAID = {"status": ("open", "uncollectible"), "paid": ("false",)}
_INVOICE_DUE = ("amount_remaining", "amount_due")

_PAYOUT = Amount(how=How.SIGNED)
_PAYOUT_PENDING = Outcome(PaymentType.PENDING, Operation.PAYOUT, _PAYOUT)
_PAID_OUT = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT, _PAYOUT)
_PAYOUT_FAILED = Outcome(PaymentType.FAILED, Operation.PAYOUT, _PAYOUT)
_PAYOUT_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.PAYOUT, _PAYOUT)

_TRANSFERRED = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT)
_TRANSFER_FAILED = Outcome(PaymentType.FAILED, Operation.PAYOUT, counts=Counts.ALWAYS)
_TRANSFER_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.PAYOUT, counts=Counts.ALWAYS)

_TOP_UP_PENDING = Outcome(PaymentType.PENDING, Operation.TOP_UP)
_TOPPED_UP = Outcome(PaymentType.CAPTURED, Operation.TOP_UP)

_CASH_IN = Amount(("net_amount",))
_CASH_OUT = Amount(("net_amount",), How.NEGATED)


def _moved(outcome: Outcome) -> Outcome:
    return outcome._replace(amount=Amount(how=How.MOVED_OR_FIELD), counts=Counts.ALWAYS)


def _counted(outcome: Outcome, counts: Counts = Counts.ALWAYS) -> Outcome:
    return outcome._replace(counts=counts)


EVENTS: Mapping[str, Event] = {
    "charge.captured": Event(
        "charge", {"succeeded": _CAPTURED_MORE}, "status", may={"captured": ("true",), "paid": ("true",)}
    ),
    "charge.expired": Event("charge", {"": _EXPIRED}, may={"captured": ("false",)}),
    "charge.failed": Event("charge", {"failed": _FAILED}, "status", may={"paid": ("false",)}),
    "charge.pending": _by_status("charge", pending=_PENDING),
    # Money that was not captured is not refunded, but released.
    "charge.refunded": Event(
        "charge",
        {
            "true": Outcome(PaymentType.REFUNDED, Operation.REFUND, _REFUNDED_MORE, Counts.CHARGE_REFUNDED),
            "false": _CANCELLED._replace(amount=_REFUNDED_MORE),
        },
        "captured",
        must={"status": ("succeeded",)},
    ),
    "charge.succeeded": Event(
        "charge",
        {"true": _CAPTURED, "false": _AUTHORISED},
        "captured",
        must={"status": ("succeeded",)},
        may={"paid": ("true",)},
    ),
    "charge.refund.updated": _by_status(
        "refund",
        succeeded=_REFUNDED,
        pending=_REFUND_PENDING,
        requires_action=_REFUND_PENDING,
        failed=_counted(_REFUND_FAILED, Counts.CHARGE_REFUND_FAILED),
        canceled=_counted(_REFUND_CANCELLED, Counts.CHARGE_REFUND_FAILED),
    ),
    "refund.created": _by_status(
        "refund",
        succeeded=_counted(_REFUNDED, Counts.REFUND_CREATED),
        pending=_REFUND_PENDING,
        requires_action=_REFUND_PENDING,
        failed=_REFUND_FAILED,
        canceled=_REFUND_CANCELLED,
    ),
    "refund.updated": _by_status(
        "refund",
        succeeded=_counted(_REFUNDED, Counts.REFUND_SUCCEEDED),
        pending=_REFUND_PENDING,
        requires_action=_REFUND_PENDING,
        failed=_REFUND_FAILED,
        canceled=_counted(_REFUND_CANCELLED, Counts.REFUND_CANCELLED),
    ),
    "refund.failed": _by_status("refund", failed=_counted(_REFUND_FAILED, Counts.REFUND_FAILED)),
    "charge.dispute.created": _by_status("dispute", **_DISPUTE_OPEN, lost=_DISPUTE_LOST, prevented=_DISPUTE_PREVENTED),
    "charge.dispute.updated": _by_status("dispute", **_DISPUTE_OPEN, **_DISPUTE_CLOSED),
    "charge.dispute.closed": _by_status("dispute", **_DISPUTE_CLOSED),
    "charge.dispute.funds_withdrawn": _by_status(
        "dispute",
        **dict.fromkeys((*_DISPUTE_OPEN, "prevented"), _moved(_DISPUTED)),
        lost=_moved(_DISPUTE_LOST),
    ),
    # When a dispute is lost, the amount that had been refunded before comes back
    # (https://support.stripe.com/questions/dispute-for-full-charge-amount-after-a-partial-refund-was-issued).
    "charge.dispute.funds_reinstated": _by_status(
        "dispute",
        **dict.fromkeys(("won", "charge_refunded"), _moved(_DISPUTE_WON)),
        **dict.fromkeys((*_DISPUTE_OPEN, "lost", "prevented", "warning_closed"), _REINSTATED),
    ),
    "payment_intent.amount_capturable_updated": _by_status(
        "payment_intent", requires_capture=_authorisation(PaymentType.AUTHORISED, "amount_capturable")
    ),
    "payment_intent.canceled": _by_status("payment_intent", canceled=_CANCELLED),
    # Statuses with `source` are those of versions until 2018-11-08.
    "payment_intent.created": _by_status(
        "payment_intent",
        requires_payment_method=_PENDING,
        requires_source=_PENDING,
        requires_confirmation=_PENDING,
        requires_action=_PENDING,
        requires_source_action=_PENDING,
        processing=_PENDING,
    ),
    "payment_intent.partially_funded": _by_status("payment_intent", requires_action=_PENDING),
    "payment_intent.payment_failed": _by_status(
        "payment_intent", requires_payment_method=_FAILED, requires_source=_FAILED
    ),
    "payment_intent.processing": _by_status("payment_intent", processing=_PENDING),
    "payment_intent.requires_action": _by_status(
        "payment_intent", requires_action=_PENDING, requires_source_action=_PENDING
    ),
    "payment_intent.succeeded": _by_status(
        "payment_intent",
        succeeded=Outcome(PaymentType.CAPTURED, Operation.CAPTURE, Amount(("amount_received",))),
    ),
    "checkout.session.completed": Event(
        _CHECKOUT,
        {
            "paid": _CHECKED_OUT,
            "unpaid": _authorisation(PaymentType.PENDING, "amount_total"),
            "no_payment_required": _authorisation(PaymentType.VERIFIED, "amount_total", or_zero=True),
        },
        "payment_status",
        may={"status": ("complete",)},
    ),
    "checkout.session.async_payment_failed": Event(
        _CHECKOUT,
        {"unpaid": _authorisation(PaymentType.FAILED, "amount_total")},
        "payment_status",
        may={"status": ("complete",)},
    ),
    "checkout.session.async_payment_succeeded": Event(
        _CHECKOUT, {"paid": _CHECKED_OUT}, "payment_status", may={"status": ("complete",)}
    ),
    "checkout.session.expired": Event(
        _CHECKOUT,
        {"": _authorisation(PaymentType.EXPIRED, "amount_total", or_zero=True)},
        may={"status": ("expired",), "payment_status": ("unpaid", "no_payment_required")},
    ),
    "invoice.paid": _WHOLE_INVOICE_PAID,
    "invoice.payment_succeeded": _WHOLE_INVOICE_PAID,
    "invoice.payment_action_required": Event(
        "invoice", {"": _authorisation(PaymentType.PENDING, *_INVOICE_DUE)}, may=_INVOICE_UNPAID
    ),
    "invoice.payment_failed": Event(
        "invoice", {"": _authorisation(PaymentType.FAILED, *_INVOICE_DUE)}, may=_INVOICE_UNPAID
    ),
    "invoice_payment.paid": _by_status("invoice_payment", paid=_INVOICE_PAID),
    # A payout leaves the balance when it is created. What fails or is cancelled later comes back to it
    # (https://docs.stripe.com/api/payouts/object, `failure_balance_transaction`).
    "payout.canceled": _by_status("payout", canceled=_counted(_PAYOUT_CANCELLED)),
    "payout.created": _by_status(
        "payout",
        pending=_counted(_PAYOUT_PENDING),
        in_transit=_counted(_PAYOUT_PENDING),
        paid=_counted(_PAID_OUT),
    ),
    "payout.failed": _by_status("payout", failed=_counted(_PAYOUT_FAILED)),
    "payout.paid": _by_status("payout", paid=_PAID_OUT),
    "payout.updated": _by_status(
        "payout",
        pending=_PAYOUT_PENDING,
        in_transit=_PAYOUT_PENDING,
        paid=_PAID_OUT,
        failed=_PAYOUT_FAILED,
        canceled=_PAYOUT_CANCELLED,
    ),
    # Only versions until 2017-04-06 have a transfer's status, and transfers that are paid, fail or are cancelled.
    "transfer.canceled": Event("transfer", {"": _TRANSFER_CANCELLED}, may={"status": ("canceled",)}),
    "transfer.created": Event(
        "transfer", {"": _counted(_TRANSFERRED)}, may={"status": ("pending", "in_transit", "paid")}
    ),
    "transfer.failed": Event("transfer", {"": _TRANSFER_FAILED}, may={"status": ("failed",)}),
    "transfer.paid": Event("transfer", {"": _TRANSFERRED}, may={"status": ("paid",)}),
    "transfer.reversed": Event(
        "transfer", {"": _TRANSFER_CANCELLED._replace(amount=Amount(("amount_reversed",), How.DIFFERENCE))}
    ),
    "topup.canceled": _by_status("topup", canceled=Outcome(PaymentType.CANCELLED, Operation.TOP_UP)),
    "topup.created": _by_status("topup", pending=_TOP_UP_PENDING, succeeded=_TOPPED_UP),
    "topup.failed": _by_status("topup", failed=Outcome(PaymentType.FAILED, Operation.TOP_UP)),
    "topup.reversed": _by_status("topup", reversed=_counted(Outcome(PaymentType.REFUNDED, Operation.TOP_UP))),
    "topup.succeeded": _by_status("topup", succeeded=_counted(_TOPPED_UP)),
    # Money that customers have sent and no payment has used yet is not the merchant's
    # (https://docs.stripe.com/payments/customer-balance#types).
    "customer_cash_balance_transaction.created": Event(
        "customer_cash_balance_transaction",
        {
            "adjusted_for_overdraft": Outcome(PaymentType.FAILED, Operation.CAPTURE, _CASH_IN, Counts.ALWAYS),
            "applied_to_payment": Outcome(PaymentType.CAPTURED, Operation.CAPTURE, _CASH_OUT),
            "funded": Outcome(PaymentType.PENDING, Operation.CAPTURE, _CASH_IN),
            "funding_reversed": Outcome(PaymentType.FAILED, Operation.CAPTURE, _CASH_OUT),
            "refunded_from_payment": Outcome(PaymentType.REFUNDED, Operation.REFUND, _CASH_IN),
            "return_canceled": Outcome(PaymentType.CANCELLED, Operation.REFUND, _CASH_IN),
            "return_initiated": Outcome(PaymentType.PENDING, Operation.REFUND, _CASH_OUT),
            "transferred_to_balance": Outcome(PaymentType.CAPTURED, Operation.CAPTURE, _CASH_OUT, Counts.ALWAYS),
            "unapplied_from_payment": Outcome(PaymentType.CANCELLED, Operation.CAPTURE, _CASH_IN),
        },
        "type",
    ),
}

# Events that Stripe documents as reporting something else: whole families, and single ones of the families of payments.
_OTHER_FAMILIES = (
    "account.", "application_fee.", "balance.", "balance_settings.", "billing.", "billing_portal.", "capability.",
    "cash_balance.", "climate.", "coupon.", "credit_note.", "customer.", "entitlements.", "file.",
    "financial_connections.", "identity.", "invoiceitem.", "mandate.", "order.", "order_return.", "payment_link.",
    "payment_method.", "person.", "plan.", "price.", "product.", "promotion_code.", "quote.", "radar.", "recipient.",
    "reporting.", "reserve.", "review.", "setup_intent.", "sigma.", "sku.", "source.", "subscription_schedule.", "tax.",
    "tax_rate.", "terminal.", "test_helpers.",
)  # fmt: skip
_OTHER_EVENTS = frozenset(
    {
        "charge.updated", "invoice.created", "invoice.deleted", "invoice.finalization_failed", "invoice.finalized",
        "invoice.marked_uncollectible", "invoice.overdue", "invoice.overpaid", "invoice.payment_attempt_required",
        "invoice.sent", "invoice.upcoming", "invoice.updated", "invoice.voided", "invoice.will_be_due",
        "payout.reconciliation_completed", "transfer.updated",
    }
)  # fmt: skip
_OUT_OF_SCOPE = ("issuing_", "treasury.")


def why_not_a_payment(name: str) -> str | None:
    """What an event that is not in EVENTS reports instead; None when Stripe documents no such event."""
    if name.startswith(_OUT_OF_SCOPE):
        return "Issuing and Treasury are out of scope"
    if name in _OTHER_EVENTS or name.startswith(_OTHER_FAMILIES):
        return "reports no payment"
    return None
