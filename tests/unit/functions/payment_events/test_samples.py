"""Each notification in tests/samples is accepted as what it is, or refused for the right reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.functions.payment_events.expectations import Expectation, accepted, check, check_all_listed, refused

SAMPLES = Path(__file__).parents[3] / "samples"

EXPECTED: dict[str, Expectation | list[Expectation]] = {
    "adyen/AUTHORISATION--booleans-and-text-amount.json": accepted("authorised/authorisation", 2599, "EUR"),
    "adyen/AUTHORISATION--card-verification.json": accepted("authorised/authorisation", 0, "EUR"),
    "adyen/AUTHORISATION--refused.json": accepted("failed/authorisation", 2599, "EUR"),
    "adyen/AUTHORISATION.json": accepted("authorised/authorisation", 2599, "EUR"),
    "adyen/CANCEL_OR_REFUND--refund.json": accepted("refunded/refund", 2599, "EUR"),
    "adyen/CAPTURE--clp.json": accepted("captured/capture", 999, "CLP"),
    "adyen/CAPTURE--idr.json": accepted("captured/capture", 15_000_000, "IDR"),
    "adyen/CAPTURE_FAILED.json": accepted("failed/capture", 2599, "EUR"),
    "adyen/CHARGEBACK.json": accepted("disputed/dispute", 2599, "EUR"),
    "adyen/REFUND--luhn-valid-reference.json": accepted("refunded/refund", 800, "EUR"),
    "adyen/REPORT_AVAILABLE--not-a-payment.json": refused("not_a_payment"),
    "adyen/three-items--one-bad.json": [
        accepted("authorised/authorisation", 1000, "EUR"),
        refused("malformed", "not_positive"),
        accepted("refunded/refund", 300, "EUR"),
    ],
    "adyen/tokenisation--other-family.json": refused("unsupported_family"),
    "canonical/amount-as-float.json": refused("wrong_type"),
    "canonical/captured.json": accepted("captured/capture", 1025, "EUR"),
    "canonical/failed--without-operation.json": refused("missing"),
    "canonical/many-faults.json": refused(
        "unknown_value", "unknown_currency", "not_positive", "malformed", "wrong_type"
    ),
    "canonical/newer-version.json": refused("unsupported_family"),
    "canonical/refund-failed.json": accepted("failed/refund", 1025, "EUR"),
    "canonical/verified--zero.json": accepted("verified/authorisation", 0, "EUR"),
    "paypal/CHECKOUT.ORDER.APPROVED.v2--two-units.json": accepted("pending/authorisation", 1525, "EUR"),
    "paypal/CUSTOMER.DISPUTE.RESOLVED--seller.json": accepted("dispute_won/dispute", 1230, "GBP"),
    "paypal/PAYMENT.CAPTURE.COMPLETED.v2--huf.json": accepted("captured/capture", 499_000, "HUF"),
    "paypal/PAYMENT.CAPTURE.COMPLETED.v2--jpy.json": accepted("captured/capture", 1200, "JPY"),
    "paypal/PAYMENT.CAPTURE.COMPLETED.v2.json": accepted("captured/capture", 1230, "GBP"),
    "paypal/PAYMENT.CAPTURE.DECLINED.v2.json": accepted("failed/capture", 1230, "GBP"),
    "paypal/PAYMENT.CAPTURE.REFUNDED.v2.json": accepted("refunded/refund", 230, "GBP"),
    "paypal/PAYMENT.PAYOUTS-ITEM.RETURNED.json": accepted("failed/payout", 2500, "USD"),
    "paypal/PAYMENT.SALE.COMPLETED.v1--zone-name.json": accepted("captured/capture", 750, "USD"),
    "paypal/PAYMENT.SALE.REVERSED.v1--negative.json": accepted("refunded/refund", 750, "USD"),
    "paypal/VAULT.PAYMENT-TOKEN.CREATED--not-a-payment.json": refused("not_a_payment"),
    "paypal/contradiction--completed-but-declined.json": refused("contradiction"),
    "stripe/charge.dispute.closed--lost.json": accepted("dispute_lost/dispute", 4200, "EUR"),
    "stripe/charge.refunded--second-partial.json": accepted("refunded/refund", 1200, "EUR"),
    "stripe/charge.succeeded--authorised.json": accepted("authorised/authorisation", 4200, "EUR"),
    "stripe/charge.succeeded.json": accepted("captured/capture", 4200, "EUR"),
    "stripe/checkout.session.completed--free.json": accepted("verified/authorisation", 0, "USD"),
    "stripe/contradiction--succeeded-but-failed.json": refused("contradiction"),
    "stripe/payment_intent.amount_capturable_updated.json": accepted("authorised/authorisation", 1500, "JPY"),
    "stripe/payment_intent.payment_failed.json": accepted("failed/authorisation", 1500, "JPY"),
    "stripe/payment_intent.succeeded--isk.json": accepted("captured/capture", 500, "ISK"),
    "stripe/payment_intent.succeeded--jpy.json": accepted("captured/capture", 1500, "JPY"),
    "stripe/payment_intent.succeeded--kwd.json": accepted("captured/capture", 5120, "KWD"),
    "stripe/product.created--not-a-payment.json": refused("not_a_payment"),
    "stripe/refund.updated--pending.json": accepted("pending/refund", 900, "USD"),
    "stripe/thin-event.json": refused("unsupported_family"),
}


@pytest.mark.requirement("EVT-21", "EVT-22")
@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_is_read_as_what_it_is(name: str) -> None:
    check(SAMPLES / name, EXPECTED[name])


def test_every_sample_has_an_expectation() -> None:
    check_all_listed(SAMPLES, set(EXPECTED))
