"""Second step of the workflow: makes the canonical payment record of each accepted event (EVT-22)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.payment_events.aws.audit_table import audit_trail
from functions.payment_events.logic.audit import Stage
from functions.payment_events.logic.processing import Processor
from functions.payment_events.logic.workflow import ValidatedNotification, read_state, write_state

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
processor = Processor(audit_trail(Stage.PROCESSOR))


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Takes a validated notification, and adds `payments`, the records of its accepted events."""
    logger.append_keys(execution_arn=event.get("execution_arn"))
    result = processor.process(read_state(event, ValidatedNotification))
    metrics.add_metric("EventsProcessed", MetricUnit.Count, len(result.payments))
    logger.info("processed", event_ids=[payment.event_id for payment in result.payments])
    return write_state(result)
