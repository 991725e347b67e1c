"""Lives of payments at Adyen (https://docs.adyen.com/development-resources/webhooks/webhook-types)."""

from __future__ import annotations

from typing import Any

from tests.unit.functions.payment_events.adyen_documents import booked, dispute, notification, transfer
from tests.unit.functions.payment_events.lifecycles.lifecycle import Lifecycle, Step


def told(code: str, what: str, net: int = 0, reference: str = "MOD1", **changes: Any) -> Step:
    """What became of a modification of the payment PSP1."""
    return Step(notification(code, reference, originalReference="PSP1", **changes), what, net)


def disputed(code: str, status: str | None, what: str, net: int = 0) -> Step:
    return Step(dispute(code, status), what, net)


_AUTHORISED = Step(notification("AUTHORISATION"), "authorised/authorisation")
_CAPTURED = told("CAPTURE", "captured/capture", 10000)
_PAID = [_AUTHORISED, _CAPTURED]
_CHARGEBACK = [
    disputed("NOTIFICATION_OF_CHARGEBACK", "Undefended", "disputed/dispute"),
    disputed("CHARGEBACK", "Undefended", "disputed/dispute", -10000),
]
_DEFENDED = [
    disputed("INFORMATION_SUPPLIED", "Pending", "disputed/dispute"),
    disputed("CHARGEBACK_REVERSED", "Pending", "reinstated/dispute", 10000),
]

LIFECYCLES = [
    Lifecycle("a payment that is captured", _PAID, {("PSP1", "EUR"): 10000}),
    Lifecycle(
        "a payment that is captured in two parts and refunded in two parts, whose rest expires",
        [
            _AUTHORISED,
            told("CAPTURE", "captured/capture", 6000, "CAP1", value=6000),
            told("CAPTURE", "captured/capture", 3000, "CAP2", value=3000),
            told("CAPTURE", "failed/capture", 0, "CAP3", value=9000, success="false"),
            told("REFUND", "refunded/refund", -2000, "REF1", value=2000),
            told("REFUND", "refunded/refund", -1000, "REF2", value=1000),
            told("REFUND", "failed/refund", 0, "REF3", value=9000, success="false"),
            Step(notification("EXPIRE"), "expired/authorisation"),
        ],
        {("PSP1", "EUR"): 6000},
    ),
    Lifecycle("a payment that is cancelled", [_AUTHORISED, told("CANCELLATION", "cancelled/cancellation")], {}),
    Lifecycle(
        "a capture that the scheme rejects after it had succeeded",
        [*_PAID, told("CAPTURE_FAILED", "failed/capture", -10000)],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "a capture that failed and is made again",
        [
            *_PAID,
            told("CAPTURE_FAILED", "failed/capture", -10000),
            told("CAPTURE", "captured/capture", 10000, reason="Transaction Recaptured"),
        ],
        {("PSP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a refund that fails after it had succeeded, and one that the bank returns",
        [
            *_PAID,
            told("REFUND", "refunded/refund", -4000, "REF1", value=4000),
            told("REFUND_FAILED", "failed/refund", 4000, "REF1", value=4000),
            told("REFUND", "refunded/refund", -5000, "REF2", value=5000),
            told("REFUND_NOT_CLEARED", "pending/refund", 0, "REF2", value=5000),
            told("REFUNDED_REVERSED", "failed/refund", 5000, "REF2", value=5000),
        ],
        {("PSP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a reversal, which is a refund where the payment was captured",
        [
            *_PAID,
            told("REVERSAL", "refunded/refund", -10000, additionalData={"modification.action": "refund"}),
        ],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "refunds at a terminal: one that refers to the payment, one that does not, and one that is called off",
        [
            *_PAID,
            told("CANCEL_OR_REFUND", "refunded/refund", -10000, additionalData={"modification.action": "refund"}),
            Step(notification("REFUND_WITH_DATA", "PSP2", value=2500), "refunded/refund", -2500),
            told("VOID_PENDING_REFUND", "cancelled/refund", 0, "MOD3"),
        ],
        {("PSP1", "EUR"): 0, ("PSP2", "EUR"): -2500},
    ),
    Lifecycle(
        "a chargeback that is not defended",
        [*_PAID, *_CHARGEBACK, disputed("DISPUTE_DEFENSE_PERIOD_ENDED", "Lost", "dispute_lost/dispute")],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "a chargeback that is defended and won",
        [
            *_PAID,
            *_CHARGEBACK,
            *_DEFENDED,
            disputed("ISSUER_RESPONSE_TIMEFRAME_EXPIRED", "Won", "dispute_won/dispute"),
        ],
        {("PSP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a chargeback that is defended and lost by a second chargeback",
        [
            *_PAID,
            *_CHARGEBACK,
            *_DEFENDED,
            disputed("SECOND_CHARGEBACK", "Lost", "dispute_lost/dispute", -10000),
        ],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "a chargeback that goes through arbitration and is lost",
        [
            *_PAID,
            *_CHARGEBACK,
            *_DEFENDED,
            disputed("PREARBITRATION_OPEN", "Undefended", "disputed/dispute"),
            disputed("PREARBITRATION_DECLINED", "Pending", "disputed/dispute"),
            disputed("SCHEME_ARBITRATION", "Pending", "disputed/dispute"),
            disputed("SCHEME_ARBITRATION_LOST", "Lost", "dispute_lost/dispute"),
            disputed("SECOND_CHARGEBACK", None, "dispute_lost/dispute", -10000),
        ],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "a chargeback whose pre-arbitration the issuer withdraws",
        [
            *_PAID,
            *_CHARGEBACK,
            *_DEFENDED,
            disputed("PREARBITRATION_OPEN", None, "disputed/dispute"),
            disputed("PREARBITRATION_ISSUER_WITHDRAWN", None, "dispute_won/dispute"),
        ],
        {("PSP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a request for information that no chargeback follows",
        [*_PAID, disputed("REQUEST_FOR_INFORMATION", "Expired", "disputed/dispute")],
        {("PSP1", "EUR"): 10000},
    ),
    Lifecycle(
        "a payout by the older interface that the bank rejects",
        [
            Step(notification("PAYOUT_THIRDPARTY"), "paid_out/payout", -10000),
            Step(notification("PAIDOUT_REVERSED", "MOD1", originalReference="PSP1"), "failed/payout", 10000),
        ],
        {("PSP1", "EUR"): 0},
    ),
    Lifecycle(
        "a transfer to a bank account, on which more is told after it was booked",
        [
            Step(transfer("received"), "pending/payout"),
            Step(transfer("authorised", 2), "pending/payout"),
            Step(transfer("booked", 3, event=booked(3)), "paid_out/payout", -10000),
            Step(transfer("booked", 4, event={"type": "tracking"}, tracking={"status": "credited"}), "paid_out/payout"),
        ],
        {("TRANSFER1", "EUR"): -10000},
    ),
    Lifecycle(
        "a transfer that the bank returns, and one that was refused before it was booked",
        [
            Step(transfer("booked", 3, event=booked(3)), "paid_out/payout", -10000),
            Step(transfer("returned", 4, event=booked(4)), "failed/payout", 10000),
            Step(transfer("refused", 2, id="TRANSFER2"), "failed/payout"),
        ],
        {("TRANSFER1", "EUR"): 0},
    ),
]
