"""What Adyen's webhook events mean: tables to compare with Adyen's pages.

Event codes: https://docs.adyen.com/api-explorer/Webhooks/latest/overview, whose OpenAPI document is `Webhooks-v1` of
https://github.com/Adyen/adyen-openapi; also https://docs.adyen.com/development-resources/webhooks/webhook-types.
Disputes: https://docs.adyen.com/risk-management/disputes-api/dispute-notifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from functions.payment_events.logic.formats.building import Outcome
from functions.payment_events.logic.payments import Operation, PaymentType


class Event(NamedTuple):
    """What an event means when its `success` is true, by `additionalData.disputeStatus` where there is one (the first
    holds without too), and when it is false. Without success nothing counts.

    `failure` is None where Adyen reports what has happened: there a `success` that is false is a contradiction.
    `or_zero`: the amount may be zero (a card that is verified, a contract for recurring payments).
    """

    outcomes: Mapping[str, Outcome]
    failure: Outcome | None
    or_zero: bool = False


# `disputeStatus` of Webhooks-v1 (DisputesNotificationAdditionalData). Disputes of payments in Brazil have none.
OPEN = ("Undefended", "Pending", "Unresponded", "Responded")
LOST = ("Lost", "Accepted", "Expired")
WON = ("Won",)
DISPUTE_STATUSES = (*OPEN, *LOST, *WON)


def _event(type_: PaymentType, operation: Operation, *, counts: bool = False, or_zero: bool = False) -> Event:
    """The result of a request, which may have failed."""
    return Event({"": Outcome(type_, operation, counts)}, Outcome(PaymentType.FAILED, operation), or_zero)


def _report(type_: PaymentType, operation: Operation, *, counts: bool = False, failure: Outcome | None = None) -> Event:
    """What happened without a request, or after one that had succeeded."""
    return Event({"": Outcome(type_, operation, counts)}, failure)


_DISPUTED = Outcome(PaymentType.DISPUTED, Operation.DISPUTE)
_DISPUTE_LOST = Outcome(PaymentType.DISPUTE_LOST, Operation.DISPUTE)
_DISPUTE_WON = Outcome(PaymentType.DISPUTE_WON, Operation.DISPUTE)
_REINSTATED = Outcome(PaymentType.REINSTATED, Operation.DISPUTE)


def _dispute(*cases: tuple[tuple[str, ...], Outcome], counts: bool = False) -> Event:
    outcomes = {status: outcome._replace(counts=counts) for statuses, outcome in cases for status in statuses}
    return Event(outcomes, _DISPUTED)


_CANCELLATION = _event(PaymentType.CANCELLED, Operation.CANCELLATION, or_zero=True)
_REFUND = _event(PaymentType.REFUNDED, Operation.REFUND, counts=True)
# Reports the failure of what had succeeded before: its `success` is "true".
_REFUND_FAILED = _report(PaymentType.FAILED, Operation.REFUND, counts=True)
_EXPIRED = Outcome(PaymentType.EXPIRED, Operation.AUTHORISATION)
_PAYOUT_EXPIRED = Outcome(PaymentType.EXPIRED, Operation.PAYOUT)
# A step of a dispute that takes no money: the dispute is what its status says.
_STEP = _dispute((OPEN, _DISPUTED), (LOST, _DISPUTE_LOST), (WON, _DISPUTE_WON))
_STEP_WON = _dispute((WON, _DISPUTE_WON), (OPEN, _DISPUTED))
_STEP_LOST = _dispute((LOST, _DISPUTE_LOST), (OPEN, _DISPUTED))

EVENTS: Mapping[str, Event] = {
    "AUTHORISATION": _event(PaymentType.AUTHORISED, Operation.AUTHORISATION, or_zero=True),
    "AUTHORISATION_ADJUSTMENT": _event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "AUTORESCUE": _event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "CANCELLATION": _CANCELLATION,
    "CANCEL_AUTORESCUE": _CANCELLATION,
    "CAPTURE": _event(PaymentType.CAPTURED, Operation.CAPTURE, counts=True),
    "CAPTURE_FAILED": _report(PaymentType.FAILED, Operation.CAPTURE, counts=True),
    # "the funds were deducted from your account"
    "CHARGEBACK": _dispute((OPEN, _DISPUTED), (LOST, _DISPUTE_LOST), counts=True),
    # "successfully defended", and the funds return, but "this stage is not final": pending while the bank may answer
    "CHARGEBACK_REVERSED": _dispute((WON, _DISPUTE_WON), (OPEN, _REINSTATED), counts=True),
    # "not defended the dispute within the timeframe", or "accepted liability": what CHARGEBACK took is lost
    "DISPUTE_DEFENSE_PERIOD_ENDED": _dispute(
        ((*LOST, "Undefended"), _DISPUTE_LOST), (("Pending", "Unresponded", "Responded"), _DISPUTED)
    ),
    "DONATION": _event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "EXPIRE": _report(PaymentType.EXPIRED, Operation.AUTHORISATION, failure=_EXPIRED),
    "INFORMATION_SUPPLIED": _STEP,
    "ISSUER_COMMENTS": _STEP,
    "ISSUER_RESPONSE_TIMEFRAME_EXPIRED": _STEP_WON,
    "MANUAL_REVIEW_ACCEPT": _event(PaymentType.AUTHORISED, Operation.AUTHORISATION),
    "MANUAL_REVIEW_REJECT": _event(PaymentType.FAILED, Operation.AUTHORISATION),
    # "no money is withdrawn" yet, as for a request for information: that is CHARGEBACK
    "NOTIFICATION_OF_CHARGEBACK": _STEP,
    "OFFER_CLOSED": _report(PaymentType.EXPIRED, Operation.AUTHORISATION, failure=_EXPIRED),
    "ORDER_CLOSED": Event(
        {"": Outcome(PaymentType.AUTHORISED, Operation.AUTHORISATION)},
        Outcome(PaymentType.CANCELLED, Operation.AUTHORISATION),
    ),
    "ORDER_OPENED": _event(PaymentType.PENDING, Operation.AUTHORISATION),
    "PAIDOUT_REVERSED": _report(PaymentType.FAILED, Operation.PAYOUT, counts=True),
    "PAYOUT_DECLINE": _event(PaymentType.FAILED, Operation.PAYOUT),
    "PAYOUT_EXPIRE": _report(PaymentType.EXPIRED, Operation.PAYOUT, failure=_PAYOUT_EXPIRED),
    "PAYOUT_THIRDPARTY": _event(PaymentType.PAID_OUT, Operation.PAYOUT, counts=True),
    "PENDING": _event(PaymentType.PENDING, Operation.AUTHORISATION),
    "POSTPONED_REFUND": _event(PaymentType.PENDING, Operation.REFUND),
    # The second chargeback that follows it takes the money.
    "PREARBITRATION_ACCEPTED": _STEP_LOST,
    "PREARBITRATION_DECLINED": _STEP,
    "PREARBITRATION_ISSUER_WITHDRAWN": _STEP_WON,
    "PREARBITRATION_LOST": _STEP_LOST,
    "PREARBITRATION_OPEN": _STEP,
    "PREARBITRATION_WON": _STEP_WON,
    "RECURRING_CONTRACT": _event(PaymentType.VERIFIED, Operation.AUTHORISATION, or_zero=True),
    "REFUND": _REFUND,
    "REFUNDED_REVERSED": _REFUND_FAILED,
    "REFUND_FAILED": _REFUND_FAILED,
    # "not settled 30 days after initiation. However, the customer has received the funds."
    "REFUND_NOT_CLEARED": _event(PaymentType.PENDING, Operation.REFUND),
    "REFUND_WITH_DATA": _REFUND,
    "REQUEST_FOR_INFORMATION": _dispute(
        ((*OPEN, "Expired"), _DISPUTED), (("Lost", "Accepted"), _DISPUTE_LOST), (WON, _DISPUTE_WON)
    ),
    "SCHEME_ARBITRATION": _STEP,
    # The second chargeback that follows it takes the money.
    "SCHEME_ARBITRATION_LOST": _STEP_LOST,
    "SCHEME_ARBITRATION_WON": _STEP_WON,
    # "The disputed amount is deducted from your account", again
    "SECOND_CHARGEBACK": _dispute((LOST, _DISPUTE_LOST), (OPEN, _DISPUTED), counts=True),
    "TECHNICAL_CANCEL": _CANCELLATION,
    # of a refund at a terminal that had not been carried out
    "VOID_PENDING_REFUND": _event(PaymentType.CANCELLED, Operation.REFUND),
}

# Which of the two it was is in `additionalData.modification.action`.
EITHER = frozenset({"CANCEL_OR_REFUND", "REVERSAL"})
BY_ACTION: Mapping[str, Event] = {"cancel": _CANCELLATION, "refund": _REFUND}

# What may come more than once in a dispute: under one event code and PSP reference, at another time.
REPEATING = frozenset(
    {
        "DISPUTE_DEFENSE_PERIOD_ENDED",
        "INFORMATION_SUPPLIED",
        "ISSUER_COMMENTS",
        "PREARBITRATION_ACCEPTED",
        "PREARBITRATION_DECLINED",
        "PREARBITRATION_ISSUER_WITHDRAWN",
        "PREARBITRATION_OPEN",
        "REQUEST_FOR_INFORMATION",
        "SCHEME_ARBITRATION",
    }
)

# https://docs.adyen.com/online-payments/capture/failure-reasons: the capture that had failed is made again, which comes
# as a CAPTURE under the same reference.
RECAPTURED = frozenset({"Transaction Recaptured", "Transaction Auto-recaptured"})

# The rest of the event codes that Adyen documents.
NOT_PAYMENTS = frozenset(
    {
        "ACH_NOTIFICATION_OF_CHANGE",
        "ADVICE_OF_DEBIT",
        "AUTHENTICATION",
        "DIRECT_DEBIT_NOTICE_OF_CHANGE_NOTIFICATION",
        "HANDLED_EXTERNALLY",
        "NOTIFICATION_OF_FRAUD",
        "REPORT_AVAILABLE",
    }
)

# Payouts by the Transfers API (BalancePlatformTransferNotification-v4): category and type of those that pay out.
TRANSFERS = ("balancePlatform.transfer.created", "balancePlatform.transfer.updated")
PAYOUT_CATEGORIES = frozenset({"bank", "card"})
PAYOUT_TYPES = frozenset({"bankTransfer", "cardTransfer"})

_TRANSFER_PENDING = Outcome(PaymentType.PENDING, Operation.PAYOUT)
# The transfer's newest event says whether these count, see `adyen_transfers`.
_TRANSFER_PAID_OUT = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT, counts=True)
_TRANSFER_FAILED = Outcome(PaymentType.FAILED, Operation.PAYOUT, counts=True)
_TRANSFER_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.PAYOUT, counts=True)
TRANSFER_OUTCOMES: Mapping[str, Outcome] = {
    "received": _TRANSFER_PENDING,
    "approvalPending": _TRANSFER_PENDING,
    "pendingApproval": _TRANSFER_PENDING,
    "pendingExecution": _TRANSFER_PENDING,
    "pending": _TRANSFER_PENDING,
    "authorised": _TRANSFER_PENDING,
    "bankTransferPending": _TRANSFER_PENDING,
    "bookingPending": _TRANSFER_PENDING,
    "booked": _TRANSFER_PAID_OUT,
    "bankTransfer": _TRANSFER_PAID_OUT,
    "credited": _TRANSFER_PAID_OUT,
    "failed": _TRANSFER_FAILED,
    "refused": _TRANSFER_FAILED,
    "rejected": _TRANSFER_FAILED,
    "error": _TRANSFER_FAILED,
    "returned": _TRANSFER_FAILED,
    "reversed": _TRANSFER_FAILED,
    "cancelled": _TRANSFER_CANCELLED,
    "expired": _PAYOUT_EXPIRED,
}
# The other statuses of a transfer are those of acquiring, issuing and fees.
TRANSFER_STATUSES = frozenset(TRANSFER_OUTCOMES) | frozenset(
    """
    adviceAuthorised adviceRefused atmWithdrawal atmWithdrawalReversalPending atmWithdrawalReversed
    authAdjustmentAuthorised authAdjustmentError authAdjustmentRefused capturePending captureReversalPending
    captureReversed captured capturedExternally chargeback chargebackExternally chargebackPending
    chargebackReversalPending chargebackReversed depositCorrection depositCorrectionPending dispute disputeClosed
    disputeExpired disputeNeedsReview fee feePending interchangeAdjusted internalTransfer internalTransferPending
    invoiceDeduction invoiceDeductionPending manualCorrectionPending manuallyCorrected matchedStatement
    matchedStatementPending merchantPayin merchantPayinPending merchantPayinReversed merchantPayinReversedPending
    miscCost miscCostPending paymentCost paymentCostPending refundPending refundReversalPending refundReversed refunded
    refundedExternally reserveAdjustment reserveAdjustmentPending secondChargeback secondChargebackPending undefined
    """.split()  # noqa: SIM905 -- a list to compare with Adyen's
)

# Adyen's other families of webhooks, by the beginning of their `type`: platforms (Configuration, Dispute, Report and
# others), tokenisation, Management.
OTHER_FAMILIES = (
    "balancePlatform.",
    "recurring.token.",
    "merchant.",
    "paymentMethod.",
    "paymentMethodRequest.",
    "terminal",
    "tokenization.",
)
# The same by fields that only they have: classic platforms, terminals, capital; and what most of the others share.
OTHER_FIELDS: tuple[frozenset[str], ...] = (
    frozenset({"eventType", "executingUserKey"}),
    frozenset({"eventType", "pspReference"}),
    frozenset({"eventType", "content"}),
    frozenset({"SaleToPOIRequest"}),
    frozenset({"SaleToPOIResponse"}),
    frozenset({"SaleToPOIEvent"}),
    frozenset({"EventToNotify"}),
    frozenset({"grantAccountId", "grantOfferId"}),
    frozenset({"accountHolderId", "contractType"}),
    frozenset({"data", "environment"}),
)
