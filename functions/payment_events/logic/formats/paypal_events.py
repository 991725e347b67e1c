"""What PayPal's webhook events mean: tables to compare with PayPal's pages.

Events: https://developer.paypal.com/api/rest/webhooks/event-names. Statuses and fields: the OpenAPI documents of
https://github.com/paypal/paypal-rest-api-specifications, named at each table.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from functions.payment_events.logic.formats.building import Outcome
from functions.payment_events.logic.payments import Operation, PaymentType


class Shape(NamedTuple):
    """An object of PayPal's: where it has its status and its amount, and every status that is documented.

    v1 writes `state` where v2 writes `status`. All statuses are in lower case here, as v1 has them.
    """

    statuses: frozenset[str]
    status: tuple[str, ...] = ("status", "state")
    amount: tuple[str, ...] = ("amount",)


def _set_of(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Resource(Enum):
    """What an event carries in `resource`."""

    # payments_payment_v2 (authorization_status), payments_payment_v1 (authorization)
    AUTHORIZATION = Shape(
        _set_of("created captured denied partially_captured voided pending authorized expired"),
    )
    # payments_payment_v2 (capture_status), payments_payment_v1 (capture, sale)
    CAPTURE = Shape(_set_of("completed declined partially_refunded pending refunded failed denied"))
    # payments_payment_v2 (refund_status), payments_payment_v1 (refund); what a capture is in after a refund is none
    REFUND = Shape(_set_of("cancelled failed pending completed refunded partially_refunded"))
    # checkout_orders_v2 (order_status), checkout_orders_v1 (order)
    ORDER = Shape(
        _set_of("created saved approved voided completed payer_action_required failed"),
        amount=("gross_amount", "gross_total_amount", "purchase_units"),
    )
    # payments_payment_v1 (payment)
    PAYMENT = Shape(_set_of("created approved failed"), amount=("transactions",))
    # payments_payment_v1 (order)
    PAYMENT_ORDER = Shape(_set_of("pending authorized captured completed voided"))
    # payments_payouts_batch_v1 (transaction_enum, and the older DENIED, CANCELED)
    PAYOUT_ITEM = Shape(
        _set_of("success failed pending unclaimed returned onhold blocked refunded reversed denied canceled"),
        status=("transaction_status",),
        amount=("payout_item.amount",),
    )
    # payments_payouts_batch_v1 (batch_enum)
    PAYOUT_BATCH = Shape(
        _set_of("denied pending processing success canceled"),
        status=("batch_header.batch_status",),
        amount=("batch_header.amount",),
    )
    # https://developer.paypal.com/docs/api/referenced-payouts/v1 (processing_state)
    REFERENCED_PAYOUT = Shape(
        _set_of("success failed pending processing"), status=("processing_state.status",), amount=("payout_amount",)
    )
    # billing_subscriptions_v1 (subscription_status)
    SUBSCRIPTION = Shape(
        _set_of("approval_pending approved active suspended cancelled expired"),
        amount=("billing_info.last_failed_payment.amount",),
    )
    # invoicing_v2 (invoice_status), invoicing_v1 (invoice)
    INVOICE = Shape(
        _set_of(
            "draft sent scheduled paid marked_as_paid cancelled refunded partially_paid partially_refunded "
            "marked_as_refunded unpaid payment_pending"
        )
    )
    # customer_disputes_v1 (status)
    DISPUTE = Shape(
        _set_of("open waiting_for_buyer_response waiting_for_seller_response under_review resolved other"),
        status=("status",),
        amount=("dispute_amount",),
    )
    # deprecated by PayPal: its `dispute_status` is a number
    RISK_DISPUTE = Shape(frozenset(), status=(), amount=("dispute_amount",))


class Event(NamedTuple):
    """`outcomes` has the outcome for each status of the resource. The first one also holds without a status."""

    resource: Resource
    outcomes: Mapping[str, Outcome]


def _when(*cases: tuple[str, Outcome]) -> dict[str, Outcome]:
    return {status: outcome for statuses, outcome in cases for status in statuses.split()}


_AUTHORISED = Outcome(PaymentType.AUTHORISED, Operation.AUTHORISATION)
_AUTHORISATION_FAILED = Outcome(PaymentType.FAILED, Operation.AUTHORISATION)
_AUTHORISATION_PENDING = Outcome(PaymentType.PENDING, Operation.AUTHORISATION)
_AUTHORISATION_EXPIRED = Outcome(PaymentType.EXPIRED, Operation.AUTHORISATION)
_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.CANCELLATION)
_CAPTURED = Outcome(PaymentType.CAPTURED, Operation.CAPTURE, counts=True)
_CAPTURE_TOLD = Outcome(PaymentType.CAPTURED, Operation.CAPTURE)
_CAPTURE_FAILED = Outcome(PaymentType.FAILED, Operation.CAPTURE)
_CAPTURE_PENDING = Outcome(PaymentType.PENDING, Operation.CAPTURE)
_REFUNDED = Outcome(PaymentType.REFUNDED, Operation.REFUND, counts=True)
_REFUND_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.REFUND)
_REFUND_FAILED = Outcome(PaymentType.FAILED, Operation.REFUND)
_REFUND_PENDING = Outcome(PaymentType.PENDING, Operation.REFUND)
_DISPUTED = Outcome(PaymentType.DISPUTED, Operation.DISPUTE)
_DISPUTE_LOST = Outcome(PaymentType.DISPUTE_LOST, Operation.DISPUTE)
_DISPUTE_WON = Outcome(PaymentType.DISPUTE_WON, Operation.DISPUTE)
_PAID_OUT = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT, counts=True)
_PAYOUT_TOLD = Outcome(PaymentType.PAID_OUT, Operation.PAYOUT)
_PAYOUT_CAME_BACK = Outcome(PaymentType.FAILED, Operation.PAYOUT, counts=True)
_PAYOUT_CANCELLED = Outcome(PaymentType.CANCELLED, Operation.PAYOUT)
_PAYOUT_FAILED = Outcome(PaymentType.FAILED, Operation.PAYOUT)
_PAYOUT_PENDING = Outcome(PaymentType.PENDING, Operation.PAYOUT)
# Paid or refunded by cash, cheque or bank transfer, and noted by the merchant: PayPal moved no money.
EXTERNAL_PAYMENT = Outcome(PaymentType.VERIFIED, Operation.AUTHORISATION)
EXTERNAL_REFUND = Outcome(PaymentType.VERIFIED, Operation.REFUND)

# A capture that has been refunded stays a capture: each refund is an event of its own.
_CAPTURE_COMPLETED = Event(Resource.CAPTURE, _when(("completed partially_refunded refunded", _CAPTURED)))
_CAPTURE_DENIED = Event(Resource.CAPTURE, _when(("declined denied failed", _CAPTURE_FAILED)))
_CAPTURE_WAITS = Event(Resource.CAPTURE, _when(("pending", _CAPTURE_PENDING)))
_CAPTURE_REFUNDED = Event(
    Resource.REFUND,
    _when(
        ("completed", _REFUNDED),
        ("pending", _REFUND_PENDING),
        ("failed", _REFUND_FAILED),
        ("cancelled", _REFUND_CANCELLED),
    ),
)
_DISPUTE_OPEN = "open waiting_for_buyer_response waiting_for_seller_response under_review other"
_ORDER_COMPLETED = Event(Resource.ORDER, _when(("completed", _CAPTURE_TOLD)))

EVENTS: Mapping[str, Event] = {
    "BILLING.SUBSCRIPTION.PAYMENT.FAILED": Event(
        Resource.SUBSCRIPTION, _when(("active suspended cancelled expired", _AUTHORISATION_FAILED))
    ),
    "CHECKOUT.ORDER.APPROVED": Event(Resource.ORDER, _when(("approved completed saved", _AUTHORISATION_PENDING))),
    # The payments of a completed order decide its outcome, see ORDER_CAPTURES and ORDER_AUTHORIZATIONS.
    "CHECKOUT.ORDER.COMPLETED": _ORDER_COMPLETED,
    "CHECKOUT.ORDER.DECLINED": Event(
        Resource.ORDER,
        _when(("created saved approved voided payer_action_required failed", _AUTHORISATION_FAILED)),
    ),
    "CHECKOUT.ORDER.PROCESSED": _ORDER_COMPLETED,
    "CHECKOUT.ORDER.SAVED": Event(Resource.ORDER, _when(("saved", _AUTHORISATION_PENDING))),
    "CHECKOUT.ORDER.VOIDED": Event(Resource.ORDER, _when(("voided", _CANCELLED))),
    # The outcome of a resolved dispute decides its type, see DISPUTE_OUTCOMES.
    "CUSTOMER.DISPUTE.CREATED": Event(Resource.DISPUTE, _when((_DISPUTE_OPEN, _DISPUTED))),
    "CUSTOMER.DISPUTE.RESOLVED": Event(Resource.DISPUTE, _when(("resolved", _DISPUTED))),
    "CUSTOMER.DISPUTE.UPDATED": Event(Resource.DISPUTE, _when((f"{_DISPUTE_OPEN} resolved", _DISPUTED))),
    # The last of the invoice's transactions says which payment or refund it was.
    "INVOICING.INVOICE.PAID": Event(
        Resource.INVOICE,
        _when(
            ("paid partially_paid refunded partially_refunded", _CAPTURED),
            ("payment_pending", _CAPTURE_PENDING),
            ("marked_as_paid marked_as_refunded", EXTERNAL_PAYMENT),
        ),
    ),
    "INVOICING.INVOICE.REFUNDED": Event(
        Resource.INVOICE,
        _when(("refunded partially_refunded", _REFUNDED), ("marked_as_refunded", EXTERNAL_REFUND)),
    ),
    "PAYMENT.AUTHORIZATION.CREATED": Event(
        Resource.AUTHORIZATION,
        _when(
            ("created authorized captured partially_captured", _AUTHORISED),
            ("pending", _AUTHORISATION_PENDING),
            ("denied", _AUTHORISATION_FAILED),
        ),
    ),
    "PAYMENT.AUTHORIZATION.VOIDED": Event(
        Resource.AUTHORIZATION, _when(("voided", _CANCELLED), ("expired", _AUTHORISATION_EXPIRED))
    ),
    "PAYMENT.CAPTURE.COMPLETED": _CAPTURE_COMPLETED,
    "PAYMENT.CAPTURE.DECLINED": _CAPTURE_DENIED,
    "PAYMENT.CAPTURE.DENIED": _CAPTURE_DENIED,
    "PAYMENT.CAPTURE.PENDING": _CAPTURE_WAITS,
    "PAYMENT.CAPTURE.REFUNDED": _CAPTURE_REFUNDED,
    "PAYMENT.CAPTURE.REVERSED": _CAPTURE_REFUNDED,
    # PayPal's own samples of a cancelled and of a created order are completed: they show the capture of the order.
    "PAYMENT.ORDER.CANCELLED": Event(Resource.PAYMENT_ORDER, _when(("voided completed", _CANCELLED))),
    "PAYMENT.ORDER.CREATED": Event(
        Resource.PAYMENT_ORDER,
        _when(("pending completed", _AUTHORISATION_PENDING), ("authorized", _AUTHORISED), ("captured", _CAPTURE_TOLD)),
    ),
    "PAYMENT.PAYOUTS-ITEM.BLOCKED": Event(Resource.PAYOUT_ITEM, _when(("blocked", _PAYOUT_FAILED))),
    "PAYMENT.PAYOUTS-ITEM.CANCELED": Event(Resource.PAYOUT_ITEM, _when(("canceled returned", _PAYOUT_CANCELLED))),
    "PAYMENT.PAYOUTS-ITEM.DENIED": Event(Resource.PAYOUT_ITEM, _when(("denied failed", _PAYOUT_FAILED))),
    "PAYMENT.PAYOUTS-ITEM.FAILED": Event(Resource.PAYOUT_ITEM, _when(("failed", _PAYOUT_FAILED))),
    "PAYMENT.PAYOUTS-ITEM.HELD": Event(Resource.PAYOUT_ITEM, _when(("onhold pending", _PAYOUT_PENDING))),
    "PAYMENT.PAYOUTS-ITEM.REFUNDED": Event(Resource.PAYOUT_ITEM, _when(("refunded reversed", _PAYOUT_CAME_BACK))),
    # Only an unclaimed item is returned, and it has not counted.
    "PAYMENT.PAYOUTS-ITEM.RETURNED": Event(Resource.PAYOUT_ITEM, _when(("returned", _PAYOUT_FAILED))),
    "PAYMENT.PAYOUTS-ITEM.SUCCEEDED": Event(Resource.PAYOUT_ITEM, _when(("success", _PAID_OUT))),
    "PAYMENT.PAYOUTS-ITEM.UNCLAIMED": Event(Resource.PAYOUT_ITEM, _when(("unclaimed", _PAYOUT_PENDING))),
    "PAYMENT.PAYOUTSBATCH.DENIED": Event(
        Resource.PAYOUT_BATCH, _when(("denied", _PAYOUT_FAILED), ("canceled", _PAYOUT_CANCELLED))
    ),
    "PAYMENT.PAYOUTSBATCH.PROCESSING": Event(Resource.PAYOUT_BATCH, _when(("processing pending", _PAYOUT_PENDING))),
    "PAYMENT.PAYOUTSBATCH.SUCCESS": Event(Resource.PAYOUT_BATCH, _when(("success", _PAYOUT_TOLD))),
    "PAYMENT.REFERENCED-PAYOUT-ITEM.COMPLETED": Event(Resource.REFERENCED_PAYOUT, _when(("success", _PAYOUT_TOLD))),
    "PAYMENT.REFERENCED-PAYOUT-ITEM.FAILED": Event(Resource.REFERENCED_PAYOUT, _when(("failed", _PAYOUT_FAILED))),
    "PAYMENT.REFUND.FAILED": Event(
        Resource.REFUND, _when(("failed", _REFUND_FAILED), ("cancelled", _REFUND_CANCELLED))
    ),
    "PAYMENT.REFUND.PENDING": Event(Resource.REFUND, _when(("pending", _REFUND_PENDING))),
    "PAYMENT.SALE.COMPLETED": _CAPTURE_COMPLETED,
    "PAYMENT.SALE.DENIED": _CAPTURE_DENIED,
    "PAYMENT.SALE.PENDING": _CAPTURE_WAITS,
    "PAYMENT.SALE.REFUNDED": _CAPTURE_REFUNDED,
    "PAYMENT.SALE.REVERSED": _CAPTURE_REFUNDED,
    "PAYMENTS.PAYMENT.CREATED": Event(
        Resource.PAYMENT, _when(("created approved", _AUTHORISATION_PENDING), ("failed", _AUTHORISATION_FAILED))
    ),
    "RISK.DISPUTE.CREATED": Event(Resource.RISK_DISPUTE, {"": _DISPUTED}),
}

# The outcome of an order by its payments, the decisive one first: one completed capture makes the order captured.
# checkout_orders_v2 (order_status): "a completed order can indicate a payment was authorized, an authorized payment was
# captured, or a payment was declined". Nothing counts: each capture is an event of its own.
ORDER_CAPTURES: Mapping[str, Outcome] = _when(
    ("completed partially_refunded refunded", _CAPTURE_TOLD),
    ("pending", _CAPTURE_PENDING),
    ("declined denied failed", _CAPTURE_FAILED),
)
ORDER_AUTHORIZATIONS: Mapping[str, Outcome] = _when(
    ("created authorized captured partially_captured", _AUTHORISED),
    ("pending", _AUTHORISATION_PENDING),
    ("denied", _AUTHORISATION_FAILED),
    ("voided", _CANCELLED),
    ("expired", _AUTHORISATION_EXPIRED),
)

# customer_disputes_v1 (dispute_outcome): as the merchant sees it. NONE: "a dispute was created for the same transaction
# ID, and the previous dispute was closed without any decision".
DISPUTE_OUTCOMES: Mapping[str, Outcome] = _when(
    ("RESOLVED_BUYER_FAVOUR ACCEPTED", _DISPUTE_LOST),
    ("RESOLVED_SELLER_FAVOUR RESOLVED_WITH_PAYOUT CANCELED_BY_BUYER DENIED", _DISPUTE_WON),
    ("NONE", _DISPUTED),
)

# The rest of PayPal's list: events that report no payment, or (payment approval reversed) no amount.
NOT_PAYMENTS = _set_of(
    """
    BILLING.PLAN.ACTIVATED BILLING.PLAN.CREATED BILLING.PLAN.DEACTIVATED BILLING.PLAN.PRICING-CHANGE.ACTIVATED
    BILLING.PLAN.PRICING-CHANGE.INPROGRESS BILLING.PLAN.UPDATED BILLING.SUBSCRIPTION.ACTIVATED
    BILLING.SUBSCRIPTION.CANCELLED BILLING.SUBSCRIPTION.CREATED BILLING.SUBSCRIPTION.EXPIRED
    BILLING.SUBSCRIPTION.RE-ACTIVATED BILLING.SUBSCRIPTION.RENEWED BILLING.SUBSCRIPTION.SUSPENDED
    BILLING.SUBSCRIPTION.UPDATED BILLING_AGREEMENTS.AGREEMENT.CANCELLED BILLING_AGREEMENTS.AGREEMENT.CREATED
    CATALOG.PRODUCT.CREATED CATALOG.PRODUCT.UPDATED CHECKOUT.CHECKOUT.BUYER-APPROVED
    CHECKOUT.PAYMENT-APPROVAL.REVERSED CUSTOMER.ACCOUNT-LIMITATION.ADDED CUSTOMER.ACCOUNT-LIMITATION.ESCALATED
    CUSTOMER.ACCOUNT-LIMITATION.LIFTED CUSTOMER.ACCOUNT-LIMITATION.UPDATED CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-CREATED
    CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-STATUS-CHANGED CUSTOMER.MANAGED-ACCOUNT.ACCOUNT-UPDATED
    CUSTOMER.MANAGED-ACCOUNT.CREATED CUSTOMER.MANAGED-ACCOUNT.CREATION-FAILED
    CUSTOMER.MANAGED-ACCOUNT.NEGATIVE-BALANCE-DEBIT-INITIATED CUSTOMER.MANAGED-ACCOUNT.NEGATIVE-BALANCE-NOTIFIED
    CUSTOMER.MANAGED-ACCOUNT.RISK-ASSESSED CUSTOMER.MANAGED-ACCOUNT.UPDATED
    CUSTOMER.MERCHANT-INTEGRATION.CAPABILITY-UPDATED CUSTOMER.MERCHANT-INTEGRATION.PRODUCT-SUBSCRIPTION-UPDATED
    CUSTOMER.MERCHANT-INTEGRATION.SELLER-ALREADY-INTEGRATED CUSTOMER.MERCHANT-INTEGRATION.SELLER-CONSENT-GRANTED
    CUSTOMER.MERCHANT-INTEGRATION.SELLER-EMAIL-CONFIRMED CUSTOMER.MERCHANT-INTEGRATION.SELLER-ONBOARDING-INITIATED
    IDENTITY.AUTHORIZATION-CONSENT.REVOKED INVOICING.INVOICE.CANCELLED INVOICING.INVOICE.CREATED
    INVOICING.INVOICE.SCHEDULED INVOICING.INVOICE.UPDATED MERCHANT.ONBOARDING.COMPLETED
    MERCHANT.PARTNER-CONSENT.REVOKED VAULT.CREDIT-CARD.CREATED VAULT.CREDIT-CARD.DELETED VAULT.CREDIT-CARD.UPDATED
    VAULT.PAYMENT-TOKEN.CREATED VAULT.PAYMENT-TOKEN.DELETED VAULT.PAYMENT-TOKEN.DELETION-INITIATED
    """
)
