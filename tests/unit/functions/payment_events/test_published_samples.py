"""Notifications that providers and others have published go through: accepted as what they are, or refused rightly.

The files are not part of this repository. Each expectation was compared with the type, status and amount in its file.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from functions.common.timestamps import to_text
from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.validation import judge_age
from tests.unit.functions.payment_events.expectations import Accepted, Expectation, accepted, check, refused

SAMPLES = Path(__file__).parents[4].parent / "shared" / "samples"
PROVIDERS = ("adyen", "paypal", "stripe")

EXPECTED: dict[str, Expectation] = {
    "adyen/AUTHORISATION_ADJUSTMENT--spec.json": accepted("authorised/authorisation", 1000, "EUR"),
    "adyen/CANCEL_OR_REFUND--spec.json": accepted("cancelled/cancellation", 1000, "EUR"),
    "adyen/CAPTURE_FAILED--spec.json": accepted("failed/capture", 1000, "EUR"),
    "adyen/CHARGEBACK--spec.json": accepted("disputed/dispute", 1000, "EUR"),
    "adyen/CHARGEBACK_REVERSED--spec.json": accepted("dispute_won/dispute", 1000, "EUR"),
    "adyen/EXPIRE--spec.json": accepted("expired/authorisation", 1000, "EUR"),
    "adyen/MANUAL_REVIEW_REJECT--spec.json": accepted("failed/authorisation", 1000, "EUR"),
    "adyen/NOTIFICATION_OF_CHARGEBACK--spec.json": accepted("disputed/dispute", 1000, "EUR"),
    "adyen/ORDER_OPENED--spec.json": accepted("pending/authorisation", 1000, "EUR"),
    "adyen/RECURRING_CONTRACT--spec.json": accepted("verified/authorisation", 0, "USD"),
    "adyen/REFUND--spec.json": accepted("failed/refund", 1000, "EUR"),
    "adyen/REFUND_FAILED--spec.json": accepted("failed/refund", 1000, "EUR"),
    "adyen/REFUND_WITH_DATA--spec.json": accepted("refunded/refund", 1000, "EUR"),
    "adyen/REPORT_AVAILABLE--spec.json": refused("not_a_payment"),
    "adyen/REQUEST_FOR_INFORMATION--spec.json": accepted("disputed/dispute", 1000, "EUR"),
    "adyen/TECHNICAL_CANCEL--spec.json": accepted("cancelled/cancellation", 1000, "EUR"),
    "adyen/authorisation-true--compact.json": accepted("authorised/authorisation", 21000, "EUR"),
    "adyen/authorisation-true--payment-link.json": accepted("authorised/authorisation", 10100, "EUR"),
    "adyen/authorisation-true--recurring.json": accepted("authorised/authorisation", 32500, "EUR"),
    "adyen/authorisation-true.json": accepted("authorised/authorisation", 10100, "EUR"),
    "adyen/cancellation-true.json": accepted("cancelled/cancellation", 500, "EUR"),
    "adyen/capture-false--signed.json": accepted("failed/capture", 100, "EUR"),
    "adyen/capture-false.json": accepted("failed/capture", 23623, "USD"),
    "adyen/capture-true.json": accepted("captured/capture", 23623, "USD"),
    "adyen/chargeback.json": accepted("disputed/dispute", 1000, "EUR"),
    "adyen/item--authorisation-false.json": refused("partial"),
    "adyen/item--forwardslash--signed.json": refused("partial"),
    "adyen/item--slashes-and-colons--signed.json": refused("partial"),
    "adyen/platform--transfer-created.json": refused("not_a_payment"),
    "adyen/refund-false--commercetools.json": accepted("failed/refund", 200, "EUR"),
    "adyen/refund-false.json": accepted("failed/refund", 1500, "EUR"),
    "adyen/refund-true.json": accepted("refunded/refund", 1500, "EUR"),
    "paypal/BILLING.PLAN.CREATED.v1.json": refused("not_a_payment"),
    "paypal/CHECKOUT.ORDER.COMPLETED.v2.json": accepted("captured/capture", 10000, "USD"),
    "paypal/CUSTOMER.DISPUTE.CREATED.json": accepted("disputed/dispute", 1156, "USD"),
    "paypal/CUSTOMER.DISPUTE.RESOLVED.json": accepted("dispute_lost/dispute", 998, "USD"),
    "paypal/INVOICING.INVOICE.PAID.json": accepted("captured/capture", 100, "USD"),
    "paypal/MERCHANT.ONBOARDING.COMPLETED.json": refused("not_a_payment"),
    "paypal/PAYMENT.AUTHORIZATION.CREATED.v1.json": accepted("authorised/authorisation", 48, "USD"),
    "paypal/PAYMENT.AUTHORIZATION.VOIDED.v1.json": accepted("cancelled/cancellation", 48, "USD"),
    "paypal/PAYMENT.CAPTURE.COMPLETED.v1.json": accepted("captured/capture", 747, "USD"),
    "paypal/PAYMENT.CAPTURE.COMPLETED.v2.json": accepted("captured/capture", 251, "USD"),
    "paypal/PAYMENT.CAPTURE.DENIED.v2.json": accepted("failed/capture", 251, "AUD"),
    "paypal/PAYMENT.CAPTURE.PENDING.v1.json": accepted("pending/capture", 225, "EUR"),
    "paypal/PAYMENT.CAPTURE.REFUNDED.v2.json": accepted("refunded/refund", 99, "USD"),
    "paypal/PAYMENT.CAPTURE.REVERSED.v1.json": accepted("refunded/refund", 35, "USD"),
    "paypal/PAYMENT.ORDER.CREATED.v1.json": accepted("pending/authorisation", 454, "USD"),
    "paypal/PAYMENT.PAYOUTS-ITEM.SUCCEEDED.v1.json": accepted("paid_out/payout", 100, "USD"),
    "paypal/PAYMENT.PAYOUTSBATCH.SUCCESS.v1.json": accepted("paid_out/payout", 2500, "CAD"),
    "paypal/PAYMENT.SALE.COMPLETED.v1.json": accepted("captured/capture", 48, "USD"),
    "paypal/PAYMENT.SALE.DENIED.v1.json": accepted("failed/capture", 1747, "EUR"),
    "paypal/PAYMENT.SALE.PENDING.v1.json": accepted("pending/capture", 376, "EUR"),
    "paypal/PAYMENT.SALE.REFUNDED.v1.json": accepted("refunded/refund", 2, "USD"),
    "paypal/RISK.DISPUTE.CREATED.json": accepted("disputed/dispute", 100100, "USD"),
    "paypal/verify-webhook-signature-request.json": refused("unsupported_family"),
    "stripe/balance.available.json": refused("not_a_payment"),
    "stripe/charge.captured.json": accepted("captured/capture", 100, "USD"),
    "stripe/charge.dispute.closed.json": accepted("dispute_won/dispute", 1000, "USD"),
    "stripe/charge.dispute.created.json": accepted("disputed/dispute", 100, "USD"),
    "stripe/charge.dispute.funds_withdrawn--sync.json": accepted("disputed/dispute", 1000, "USD"),
    "stripe/charge.dispute.updated.json": accepted("disputed/dispute", 1000, "USD"),
    "stripe/charge.expired--sync.json": accepted("expired/authorisation", 2500, "USD"),
    "stripe/charge.failed.json": accepted("failed/authorisation", 2000, "USD"),
    "stripe/charge.refund.updated.json": accepted("refunded/refund", 100, "USD"),
    "stripe/charge.refunded.json": accepted("refunded/refund", 100, "USD"),
    "stripe/charge.succeeded.json": accepted("captured/capture", 2000, "USD"),
    "stripe/checkout.session.completed--setup-mode.json": refused("not_a_payment"),
    "stripe/checkout.session.completed.json": accepted("captured/capture", 3000, "USD"),
    "stripe/customer.updated--not-a-payment.json": refused("not_a_payment"),
    "stripe/invoice.payment_failed.json": accepted("failed/authorisation", 2000, "USD"),
    "stripe/object--charge.json": refused("partial"),
    "stripe/object--event-envelope.json": refused("not_a_payment"),
    "stripe/object--payment_intent.json": refused("partial"),
    "stripe/object--refund.json": refused("partial"),
    "stripe/payment_intent.amount_capturable_updated.json": accepted("authorised/authorisation", 2000, "USD"),
    "stripe/payment_intent.canceled.json": accepted("cancelled/cancellation", 2000, "USD"),
    "stripe/payment_intent.created.json": accepted("pending/authorisation", 2000, "USD"),
    "stripe/payment_intent.payment_failed.json": accepted("failed/authorisation", 2000, "USD"),
    "stripe/payment_intent.processing--eur.json": accepted("pending/authorisation", 900, "EUR"),
    "stripe/payment_intent.succeeded.json": accepted("captured/capture", 2000, "USD"),
    "stripe/payout.paid.json": accepted("paid_out/payout", 1100, "USD"),
    "stripe/refund.created.json": accepted("refunded/refund", 1000, "USD"),
    "stripe/review.opened--sync.json": refused("not_a_payment"),
    "stripe/transfer.failed.json": accepted("failed/payout", 67, "USD"),
}

pytestmark = pytest.mark.skipif(
    not all((SAMPLES / provider).is_dir() for provider in PROVIDERS),
    reason="the published samples do not lie beside this checkout, in ../shared/samples",
)


@pytest.mark.requirement("EVT-21", "EVT-22")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_published_sample_is_read_as_what_it_is(name: str) -> None:
    check(SAMPLES / name, EXPECTED[name])


@pytest.mark.requirement("EVT-21")
@pytest.mark.parametrize("name", [name for name, expected in EXPECTED.items() if isinstance(expected, Accepted)])
def test_a_published_sample_is_judged_by_the_time_at_which_it_was_received(name: str) -> None:
    [reading] = read_notification((SAMPLES / name).read_text(encoding="utf-8"))
    assert reading.occurred_at is not None
    in_time = to_text(reading.occurred_at + timedelta(hours=1))
    too_late = to_text(reading.occurred_at + timedelta(days=31))
    assert judge_age(reading, in_time, timedelta(days=30)) == reading
    assert [fault.code for fault in judge_age(reading, too_late, timedelta(days=30)).faults] == ["too_old"]


def test_every_published_sample_has_an_expectation() -> None:
    found = {f"{provider}/{file.name}" for provider in PROVIDERS for file in (SAMPLES / provider).glob("*.json")}
    assert found == set(EXPECTED)
