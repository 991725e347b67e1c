"""Validator to queues: sends each event to the queue of its type (WHK-11)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.clients import client
from functions.common.aws.queues import Queue
from functions.webhooks.logic.events import TransactionType
from functions.webhooks.logic.routing import read_hand_over, route

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
sqs = client("sqs", settings.text("REGION"))
queues = {type_: Queue(sqs, settings.text(f"{type_.name}S_QUEUE_URL")) for type_ in TransactionType}


@logger.inject_lambda_context(correlation_id_path="correlation_id")
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Takes a hand-over from the validator. Raises UnroutableEvent, or TransientError.

    Whatever is raised, Lambda tries again, and in the end puts event and reason into the function's dead-letter queue.
    """
    hand_over = read_hand_over(event)
    route(hand_over, queues)
    metrics.add_metric("EventsRouted", MetricUnit.Count, 1)
    logger.info("routed", event_id=hand_over.event_id, transaction_type=hand_over.transaction_type)
