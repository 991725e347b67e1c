"""The rules for customer segments and risk scores: what `rules.json` may hold, and how they apply (EVT-23)."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import msgspec

from functions.common.currencies import DECIMALS
from functions.payment_events.logic.payments import Operation, PaymentRecord, PaymentType
from functions.payment_events.logic.workflow import MAXIMUM_ENRICHMENT_BYTES, Enrichment, RiskReason

RULES_FILE = Path(__file__).with_name("rules.json")
MAXIMUM_SCORE = 100

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Points = Annotated[int, msgspec.Meta(ge=1, le=MAXIMUM_SCORE)]


class RulesError(Exception):
    """The file of rules is wrong, and the function must not start."""


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Holds when everything that is given holds. `amount_at_least` is in major units of the reference currency; an
    amount in a currency without a rate never reaches it.
    """

    types: frozenset[PaymentType] | None = None
    operations: frozenset[Operation] | None = None
    providers: frozenset[str] | None = None
    payment_methods: frozenset[str] | None = None
    customer_known: bool | None = None
    method_known: bool | None = None
    rate_known: bool | None = None
    amount_at_least: Decimal | None = None


class SegmentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    segment: Name
    when: Condition


class RiskRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Name
    points: Points
    when: Condition


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The customer's segment is the first one whose condition holds. The points of all risks that hold add up, to at
    most 100.

    `units_per_reference_unit`: what one unit of the reference currency is worth. The rates serve to compare amounts
    with thresholds. They convert no money, so they may be approximate.
    """

    version: Name
    reference_currency: str
    units_per_reference_unit: dict[str, Decimal]
    segments: list[SegmentRule]
    other_segment: Name
    risks: list[RiskRule]

    def enrich(self, payment: PaymentRecord) -> Enrichment:
        amount = self._in_reference_currency(payment)
        segment = next((rule.segment for rule in self.segments if _holds(rule.when, payment, amount)), None)
        reasons = [RiskReason(rule.reason, rule.points) for rule in self.risks if _holds(rule.when, payment, amount)]
        return Enrichment(
            rules_version=self.version,
            customer_segment=segment or self.other_segment,
            risk_score=min(MAXIMUM_SCORE, sum(reason.points for reason in reasons)),
            risk_reasons=reasons,
        )

    def _in_reference_currency(self, payment: PaymentRecord) -> Decimal | None:
        rate = self.units_per_reference_unit.get(payment.currency)
        return None if rate is None else Decimal(payment.amount_minor).scaleb(-DECIMALS[payment.currency]) / rate


def load_rules(path: Path = RULES_FILE) -> Rules:
    """Raises RulesError that names the place in the file."""
    try:
        rules = msgspec.json.decode(path.read_bytes(), type=Rules)
    except (msgspec.DecodeError, InvalidOperation) as error:
        raise RulesError(f"{path.name}: {error}") from error
    unknown = rules.units_per_reference_unit.keys() - DECIMALS.keys()
    if unknown:
        raise RulesError(f"{path.name}: no currencies of ISO 4217: {', '.join(sorted(unknown))}")
    if not all(rate.is_finite() and rate > 0 for rate in rules.units_per_reference_unit.values()):
        raise RulesError(f"{path.name}: units_per_reference_unit takes positive numbers")
    if rules.units_per_reference_unit.get(rules.reference_currency) != 1:
        raise RulesError(f"{path.name}: the rate of {rules.reference_currency}, the reference currency, has to be 1")
    reasons = [rule.reason for rule in rules.risks]
    if len(set(reasons)) != len(reasons):
        raise RulesError(f"{path.name}: a reason stands twice in risks")
    if _largest_enrichment(rules) > MAXIMUM_ENRICHMENT_BYTES:
        raise RulesError(
            f"{path.name}: what it adds to a payment may have {_largest_enrichment(rules)} bytes, "
            f"{MAXIMUM_ENRICHMENT_BYTES} is the limit: use fewer risks, or shorter names"
        )
    return rules


def _largest_enrichment(rules: Rules) -> int:
    """The bytes that an enrichment takes in a workflow's state when every risk holds."""
    segments = [rules.other_segment, *(rule.segment for rule in rules.segments)]
    reasons = [RiskReason(rule.reason, rule.points) for rule in rules.risks]
    largest = Enrichment(rules.version, max(segments, key=lambda name: len(json.dumps(name))), MAXIMUM_SCORE, reasons)
    return len(json.dumps({"enrichment": msgspec.to_builtins(largest)}))


def _holds(condition: Condition, payment: PaymentRecord, amount: Decimal | None) -> bool:
    least = condition.amount_at_least
    return all(
        (
            condition.types is None or payment.type in condition.types,
            condition.operations is None or payment.operation in condition.operations,
            condition.providers is None or payment.provider in condition.providers,
            condition.payment_methods is None or payment.payment_method in condition.payment_methods,
            condition.customer_known in (None, payment.customer_reference is not None),
            condition.method_known in (None, payment.payment_method is not None),
            condition.rate_known in (None, amount is not None),
            least is None or (amount is not None and amount >= least),
        )
    )
