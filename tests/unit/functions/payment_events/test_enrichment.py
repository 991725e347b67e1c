"""Segments and risk scores come from the rules, and wrong rules stop the function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.currencies import DECIMALS
from functions.payment_events.enrichment.rules import RULES_FILE, RulesError, load_rules
from functions.payment_events.logic.payments import SCHEMA, Operation, PaymentRecord, PaymentType, RawReference


def payment(**changes: Any) -> PaymentRecord:
    facts: dict[str, Any] = {
        "schema": SCHEMA, "event_id": "canonical:e1", "provider": "canonical", "provider_event_id": "e1",
        "type": PaymentType.CAPTURED, "operation": Operation.CAPTURE, "amount_minor": 5000, "currency": "EUR",
        "occurred_at": "2025-03-01T11:00:00.000Z", "customer_reference": "c1", "payment_method": "visa",
        "payment_reference": None, "counts": True, "net_minor": 5000, "live": True, "account": None,
        "raw_reference": RawReference("m1", 0, "0" * 64),
    }  # fmt: skip
    return PaymentRecord(**facts | changes)


@pytest.mark.requirement("EVT-23")
@pytest.mark.parametrize(
    ("changes", "segment", "score", "reasons"),
    [
        ({}, "returning", 0, []),
        ({"customer_reference": None}, "guest", 10, ["unknown_customer"]),
        ({"amount_minor": 100_000}, "business", 15, ["amount_from_1000"]),
        ({"amount_minor": 99_999}, "returning", 0, []),
        ({"amount_minor": 200_000, "currency": "JPY"}, "business", 15, ["amount_from_1000"]),
        ({"amount_minor": 1_000_000}, "key-account", 40, ["amount_from_1000", "amount_from_10000"]),
        ({"type": PaymentType.DISPUTED, "operation": Operation.DISPUTE}, "returning", 50, ["disputed"]),
        ({"currency": "XPF"}, "returning", 15, ["currency_without_rate"]),
        (
            {"type": PaymentType.DISPUTE_LOST, "operation": Operation.REFUND, "amount_minor": 1_000_000},
            "key-account",
            100,
            ["dispute_lost", "refund", "amount_from_1000", "amount_from_10000"],
        ),
        ({"operation": Operation.PAYOUT, "type": PaymentType.PAID_OUT}, "payee", 10, ["payout"]),
    ],
)
def test_a_payment_is_judged_by_the_rules(
    changes: dict[str, Any], segment: str, score: int, reasons: list[str]
) -> None:
    enrichment = load_rules().enrich(payment(**changes))
    assert (enrichment.customer_segment, enrichment.risk_score) == (segment, score)
    assert [reason.reason for reason in enrichment.risk_reasons] == reasons
    assert enrichment.rules_version == json.loads(RULES_FILE.read_text())["version"]


@pytest.mark.requirement("EVT-23")
@given(
    st.sampled_from(PaymentType), st.sampled_from(Operation), st.integers(0, 2**53), st.sampled_from(sorted(DECIMALS)),
    st.none() | st.just("c"),
)  # fmt: skip
def test_a_score_is_the_sum_of_its_reasons_and_never_above_100(
    kind: PaymentType, operation: Operation, amount: int, currency: str, customer: str | None
) -> None:
    enrichment = load_rules().enrich(
        payment(type=kind, operation=operation, amount_minor=amount, currency=currency, customer_reference=customer)
    )
    assert enrichment.risk_score == min(100, sum(reason.points for reason in enrichment.risk_reasons))


@pytest.mark.requirement("EVT-23")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"version": ""}, "version"),
        ({"extra": 1}, "extra"),
        ({"units_per_reference_unit": {"EUR": "1", "ZZZ": "2"}}, "ZZZ"),
        ({"units_per_reference_unit": {"EUR": "1", "USD": "0"}}, "positive"),
        ({"units_per_reference_unit": {"EUR": "2"}}, "reference currency"),
        ({"risks": [{"reason": "x", "points": 101, "when": {}}]}, r"risks\[0\]\.points"),
        ({"risks": [{"reason": "x", "points": 1, "when": {"kinds": []}}]}, "kinds"),
        ({"risks": [{"reason": "x", "points": 1, "when": {}}] * 2}, "twice"),
        ({"risks": [{"reason": f"{n:064}", "points": 1, "when": {}} for n in range(10)]}, "bytes"),
        ({"segments": [{"segment": "x", "when": {"types": ["teleported"]}}]}, r"segments\[0\]\.when\.types"),
    ],
)
def test_wrong_rules_are_refused_by_name(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(json.loads(RULES_FILE.read_text()) | change))
    with pytest.raises(RulesError, match=says):
        load_rules(file)
