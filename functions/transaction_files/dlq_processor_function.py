"""The dead-letter queue to the table of errors: keeps what could not be stored, and why (TXF-31)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.clients import client
from functions.common.timestamps import from_epoch
from functions.transaction_files.aws.error_table import ErrorTable
from functions.transaction_files.logic.letters import Letter, read_letter

logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
errors = ErrorTable(
    client("dynamodb", settings.text("REGION")), settings.text("ERRORS_TABLE"), settings.text("RELEASE")
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Takes messages of the dead-letter queue. Returns those that have to come again."""
    return process_partial_response(event, _keep, BatchProcessor(EventType.SQS), context)


def _keep(record: SQSRecord) -> None:
    try:
        for error in read_letter(_letter(record), datetime.now(UTC)):
            errors.put(error)
            metrics.add_metric(f"Errors{error.classification.name.title().replace('_', '')}", MetricUnit.Count, 1)
            logger.info(
                "kept",
                error_id=error.error_id,
                classification=error.classification.value,
                codes=sorted({fault.code for fault in error.faults}),
                file=error.file,
                line=error.number,
            )
    except Exception:
        logger.exception("the letter comes again", message_id=record.message_id)
        raise


def _letter(record: SQSRecord) -> Letter:
    attributes = record.attributes
    return Letter(
        id=record.message_id,
        body=record.body,
        sent_at=_moment(attributes.sent_timestamp),
        first_received_at=_moment(attributes.approximate_first_receive_timestamp),
        received=int(attributes.approximate_receive_count),
    )


def _moment(milliseconds: str) -> datetime:
    return from_epoch(int(milliseconds) // 1000, int(milliseconds) % 1000)
