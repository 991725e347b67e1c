"""The second step of the workflow: the valid rows, in their one form, into the table (CSV-12)."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.aws.batch_table import BatchTable
from functions.common.aws.clients import client
from functions.csv_upload.aws.bucket import UploadFiles
from functions.csv_upload.aws.row_table import RowTable
from functions.csv_upload.aws.status_table import StatusTable
from functions.csv_upload.logic.processing import Outcome, Transformation
from functions.csv_upload.logic.steps import read_input

region = settings.text("REGION")
logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
dynamodb = client("dynamodb", region)
transformation = Transformation(
    UploadFiles(client("s3", region)),
    StatusTable(dynamodb, settings.text("STATUS_TABLE")),
    RowTable(BatchTable(dynamodb, settings.text("TRANSACTIONS_TABLE"), "transaction_id")),
)


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Takes an upload. Returns the outcome: STORED or OVERTAKEN. Raises TransientError."""
    given = read_input(event)
    upload = given.upload
    outcome = transformation.run(upload)
    metrics.add_metric("UploadsStored", MetricUnit.Count, int(outcome is Outcome.STORED))
    logger.info(
        "transformed",
        upload_id=upload.upload_id,
        attempt=upload.attempt,
        outcome=outcome.value,
        execution_arn=given.execution_arn,
    )
    return {"outcome": outcome}
