"""Last step of the workflow: adds customer segment and risk score to each payment (EVT-23)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.payment_events.aws.audit_table import audit_trail
from functions.payment_events.enrichment.enricher import Enricher
from functions.payment_events.enrichment.rules import load_rules
from functions.payment_events.logic.audit import Stage
from functions.payment_events.logic.workflow import ProcessedNotification, read_state, write_state

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
enricher = Enricher(audit_trail(Stage.ENRICHER), load_rules())


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Takes a processed notification, and adds `enrichment` to each of its payments."""
    logger.append_keys(execution_arn=event.get("execution_arn"))
    result = enricher.enrich(read_state(event, ProcessedNotification))
    metrics.add_metric("EventsEnriched", MetricUnit.Count, len(result.payments))
    logger.info("enriched", event_ids=[payment.event_id for payment in result.payments])
    return write_state(result)
