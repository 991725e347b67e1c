"""The last step of the workflow: tells who waits for an upload how it ended (CSV-13)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.clients import client
from functions.csv_upload.aws.status_table import StatusTable
from functions.csv_upload.aws.topic import Topic
from functions.csv_upload.logic.processing import Notification, Outcome
from functions.csv_upload.logic.steps import read_input

region = settings.text("REGION")
logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
notification = Notification(
    StatusTable(client("dynamodb", region), settings.text("STATUS_TABLE")),
    Topic(client("sns", region), settings.text("TOPIC_ARN")),
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Takes an upload with the outcome of the step before: STORED, or INVALID for one that failed.

    Raises TransientError.
    """
    given = read_input(event)
    upload, outcome = given.upload, given.outcome or Outcome.INVALID
    told = notification.run(upload, outcome, given.execution_arn)
    metric = "UploadsCompleted" if outcome is Outcome.STORED else "UploadsFailed"
    metrics.add_metric(metric, MetricUnit.Count, int(told))
    logger.info(
        "told" if told else "nothing to tell",
        upload_id=upload.upload_id,
        attempt=upload.attempt,
        outcome=outcome.value,
        execution_arn=given.execution_arn,
    )
    return {"outcome": outcome}
