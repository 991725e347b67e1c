"""Adds business context to each payment of a notification, and records it in the audit trail."""

from __future__ import annotations

import msgspec

from functions.payment_events.enrichment.rules import Rules
from functions.payment_events.logic.audit import AuditTrail, Status
from functions.payment_events.logic.workflow import EnrichedNotification, EnrichedPayment, ProcessedNotification


class Enricher:
    def __init__(self, audit: AuditTrail, rules: Rules) -> None:
        self._audit = audit
        self._rules = rules

    def enrich(self, notification: ProcessedNotification) -> EnrichedNotification:
        """Raises TransientError."""
        run = self._audit.begin(notification.correlation_id, notification.payload)
        enriched = []
        for payment in notification.payments:
            with run.failure_recorded(payment.event_id):
                enrichment = self._rules.enrich(payment)
            run.record(payment.event_id, Status.ENRICHED, output=msgspec.to_builtins(enrichment))
            enriched.append(EnrichedPayment(**msgspec.structs.asdict(payment), enrichment=enrichment))
        return EnrichedNotification(**msgspec.structs.asdict(notification) | {"payments": enriched})
