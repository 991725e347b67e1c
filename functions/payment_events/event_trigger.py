"""SNS to EventBridge: forwards each notification as it is, or dead-letters what the workflow cannot hold (EVT-02)."""

from __future__ import annotations

import time
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.clients import client
from functions.common.aws.queues import DeadLetterQueue
from functions.payment_events.aws.audit_table import audit_trail
from functions.payment_events.aws.event_bus import EventBus
from functions.payment_events.logic.audit import Stage
from functions.payment_events.logic.deliveries import read_deliveries
from functions.payment_events.logic.forwarding import Forwarder

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
forwarder = Forwarder(
    EventBus(client("events", settings.text("REGION")), settings.text("EVENT_BUS_NAME")),
    audit_trail(Stage.TRIGGER),
    DeadLetterQueue(client("sqs", settings.text("REGION")), settings.text("DEAD_LETTER_QUEUE_URL")).send,
    pause=time.sleep,
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Takes an SNS event. Returns how many notifications were forwarded and how many were too large.

    Raises when one was neither forwarded nor dead-lettered.
    """
    notifications = read_deliveries(event)
    logger.info("received", correlation_ids=[notification.correlation_id for notification in notifications])
    result = forwarder.forward(notifications)
    metrics.add_metric("EventsForwarded", MetricUnit.Count, result.forwarded)
    metrics.add_metric("EventsTooLarge", MetricUnit.Count, result.too_large)
    logger.info("forwarded", forwarded=result.forwarded, too_large=result.too_large)
    return {"forwarded": result.forwarded, "too_large": result.too_large}
