"""Two functions: the API that takes uploads (CSV-02, CSV-03), and the first step of the workflow (CSV-11).

Their roles differ, and so do their environments: each makes its own parts at its first call.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.api_requests import answer, body_of, headers_of
from functions.common.aws.clients import client
from functions.common.errors import TransientError
from functions.csv_upload.aws.bucket import UploadBucket, UploadFiles
from functions.csv_upload.aws.status_table import StatusTable
from functions.csv_upload.logic.api import Api, Refused
from functions.csv_upload.logic.processing import Outcome, Validation
from functions.csv_upload.logic.steps import read_input

# How long a client is asked to wait after a fault of a service. Most of them pass within seconds.
RETRY_AFTER_S: Final = 5

region = settings.text("REGION")
logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
statuses = StatusTable(client("dynamodb", region), settings.text("STATUS_TABLE"))
s3 = client("s3", region)


@cache
def api() -> Api:
    return Api(UploadBucket(s3, settings.text("BUCKET_NAME"), settings.text("BUCKET_KEY_ARN")), statuses)


@cache
def validation() -> Validation:
    return Validation(UploadFiles(s3), statuses, settings.positive_integer("MINIMUM_VALID_PERCENT"))


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def api_handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Takes a request of the REST API. Returns one of the responses that the API's OpenAPI description lists."""
    try:
        status, content = _serve(event)
    except Refused as refusal:
        logger.info("refused", status=refusal.status, codes=[fault.code for fault in refusal.faults])
        metrics.add_metric("UploadsRefused", MetricUnit.Count, 1)
        return answer(refusal.status, refusal.content)
    except TransientError as error:
        logger.error("not served", problem=str(error))
        metrics.add_metric("RequestsDeferred", MetricUnit.Count, 1)
        return answer(503, {"error": "Service unavailable"}, {"Retry-After": str(RETRY_AFTER_S)})
    logger.info("served", status=status, upload_id=content["upload_id"])
    metrics.add_metric("RequestsServed", MetricUnit.Count, 1)
    return answer(status, content)


def _serve(event: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    context = event["requestContext"]
    base_url = f"https://{context['domainName']}/{context['stage']}"
    match event["httpMethod"], event["resource"]:
        case "POST", "/upload":
            try:
                body = body_of(event)
            except ValueError as error:
                raise Refused(400, "the body is not base64") from error
            return api().take(headers_of(event), body, base_url)
        case "POST", "/uploads":
            return api().announce(base_url)
        case "GET", "/uploads/{id}":
            return api().tell(event["pathParameters"]["id"])
        case method, resource:
            raise ValueError(f"the API has no {method} {resource}")


@logger.inject_lambda_context
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Takes an upload. Returns the outcome: VALID, INVALID or OVERTAKEN. Raises TransientError."""
    given = read_input(event)
    upload = given.upload
    outcome = validation().run(upload)
    metrics.add_metric("UploadsInvalid", MetricUnit.Count, int(outcome is Outcome.INVALID))
    logger.info(
        "validated",
        upload_id=upload.upload_id,
        attempt=upload.attempt,
        outcome=outcome.value,
        execution_arn=given.execution_arn,
    )
    return {"outcome": outcome}
