"""API Gateway to the router: checks who sent a webhook and what it says, records it, hands it over (WHK-10, WHK-12)."""

from __future__ import annotations

import math
import time
from typing import Any, assert_never

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common import settings
from functions.common.api_requests import answer
from functions.common.aws.clients import client
from functions.common.aws.item_table import ItemTable
from functions.common.errors import TransientError
from functions.webhooks.aws.event_table import EventTable
from functions.webhooks.aws.router_function import RouterFunction
from functions.webhooks.aws.signing_secret import SigningSecret
from functions.webhooks.logic.events import read_event
from functions.webhooks.logic.handover import HandOvers, Outcome
from functions.webhooks.logic.requests import Rejected, read_request
from functions.webhooks.logic.signatures import SecretCache, SignatureCheck, UnusableSecretError

# How long a sender is asked to wait after a fault of a service. Most of them pass within seconds.
RETRY_AFTER_S = 5

region = settings.text("REGION")
logger = Logger(release=settings.text("RELEASE"))
tracer = Tracer()
metrics = Metrics()
signature_check = (
    SignatureCheck(
        SecretCache(SigningSecret(client("secretsmanager", region), settings.text("SIGNING_SECRET_ARN")).fetch)
    )
    if settings.flag("SIGNATURE_REQUIRED")
    else None
)
hand_overs = HandOvers(
    EventTable(ItemTable(client("dynamodb", region), settings.text("DYNAMODB_TABLE"), "event_id")),
    RouterFunction(client("lambda", region), settings.text("ROUTER_LAMBDA_NAME")),
)


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_REST, clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Takes a request of the REST API. Returns one of the responses that the API's OpenAPI description lists.

    Raises what no sender can fix and no waiting helps, such as a missing permission. The API returns a 503 without
    details for it, and it counts as an error of the function.
    """
    try:
        return _receive(event, context)
    except Rejected as rejection:
        _count("WebhooksRejected")
        logger.info("rejected", status=rejection.status, codes=rejection.codes)
        return answer(rejection.status, {"error": rejection.error})
    except (TransientError, UnusableSecretError) as error:
        logger.error("not served", problem=str(error))
        return _unavailable(RETRY_AFTER_S)


def _receive(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    request = read_request(event)
    if signature_check is not None:
        signature_check.verify(request)
    webhook = read_event(request.body)
    logger.append_keys(event_id=webhook.event_id)
    receipt = hand_overs.receive(webhook, context.aws_request_id, request.id, context.get_remaining_time_in_millis())
    logger.info("received", outcome=receipt.outcome.name, transaction_type=webhook.transaction_type.value)
    if receipt.body_differs:
        logger.warning("the body is another one than was recorded under this event_id; the recorded one counts")
    if not receipt.marked:
        logger.warning("handed over, but still recorded as RECEIVED: a repeat would be routed again")
    match receipt.outcome:
        case Outcome.ACCEPTED | Outcome.COMPLETED:
            _count("WebhooksAccepted")
            if receipt.outcome is Outcome.COMPLETED:
                _count("HandOversCompletedByRetry")
            return answer(200, {"message": "Event validated and queued for processing", "event_id": webhook.event_id})
        case Outcome.DUPLICATE:
            _count("WebhooksDuplicate")
            return answer(409, {"error": "Duplicate event"})
        case Outcome.BUSY:
            return _unavailable(max(1, math.ceil(receipt.standing.lease_until / 1000 - time.time())))
        case _:
            assert_never(receipt.outcome)


def _unavailable(retry_after_s: int) -> dict[str, Any]:
    _count("WebhooksDeferred")
    return answer(503, {"error": "Service unavailable"}, {"Retry-After": str(retry_after_s)})


def _count(metric: str) -> None:
    metrics.add_metric(metric, MetricUnit.Count, 1)
