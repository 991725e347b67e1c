"""First step of the workflow: accepts, rejects, or recognises as duplicates the events of a notification (EVT-21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.clients import client
from functions.common.aws.queues import DeadLetterQueue
from functions.payment_events.aws.audit_table import audit_trail
from functions.payment_events.logic.audit import Stage
from functions.payment_events.logic.errors import InvalidEvent
from functions.payment_events.logic.validation import Validator
from functions.payment_events.logic.workflow import Notification, ValidatedNotification, read_state, write_state

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
validator = Validator(
    audit_trail(Stage.VALIDATOR),
    DeadLetterQueue(client("sqs", settings.text("REGION")), settings.text("DEAD_LETTER_QUEUE_URL")).send,
    maximum_age=timedelta(days=settings.positive_integer("MAXIMUM_EVENT_AGE_DAYS")),
    accept_test_events=settings.flag("ACCEPT_TEST_EVENTS"),
)


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Takes a notification and adds `events`, the accepted ones. Raises InvalidEvent when all are rejected."""
    logger.append_keys(execution_arn=event.get("execution_arn"))
    notification = read_state(event, Notification)
    decision = validator.validate(notification)
    metrics.add_metric("EventsAccepted", MetricUnit.Count, len(decision.accepted))
    metrics.add_metric("DuplicateEvents", MetricUnit.Count, len(decision.duplicates))
    metrics.add_metric("EventsRejected", MetricUnit.Count, len(decision.rejected))
    logger.info(
        "validated",
        accepted=[accepted.event_id for accepted in decision.accepted],
        duplicates=decision.duplicates,
        rejected=len(decision.rejected),
        fault_codes=sorted({fault.code for fault in decision.faults}),
    )
    if decision.all_rejected:
        raise InvalidEvent(decision.faults)
    return write_state(
        ValidatedNotification(
            notification.correlation_id, notification.received_at, notification.payload, decision.accepted
        )
    )
