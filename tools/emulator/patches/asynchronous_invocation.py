"""An asynchronous invocation is retried; what fails for good goes to the function's dead letters and destinations.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (two retries; throttles do not count)
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html (dead letters, destinations)
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html (reserved concurrency 0: no attempt at all)

A dead letter is the event itself, with the attributes `RequestID`, `ErrorCode`, `ErrorMessage`; a destination gets an
invocation record. Both are sent in the function's role, which must allow it; when it does not, the event is lost and
counted in `DeadLetterErrors` or `DestinationDeliveryFailures`, as on AWS. ministack sends one invented record to one
of the two, checks no permission, and counts a throttled attempt as a failed one.

The waits are shorter than on AWS (1 and 2 seconds for 1 and 2 minutes; ministack's LAMBDA_ASYNC_RETRY_BASE_SECONDS).
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any, Final

from ministack.core.concurrency import spawn_background
from ministack.core.responses import new_uuid
from ministack.services import cloudwatch, eventbridge, lambda_svc, sns

from tools.emulator import deliveries, pace, places

RESTORES: Final = (
    "Lambda, asynchronous: throttles are retried without counting, reserved concurrency 0 fails at once, dead letters "
    "and destination records have AWS's form and need the role's permission"
)

_RETRIES: Final = 2  # where the function has no setting of its own
_OLDEST_S: Final = 21600


def apply() -> None:
    places.take(lambda_svc, "invoke_async_with_retry", "289fe4d3cbd4")

    def invoke_asynchronously(function: dict[str, Any], event: Any) -> None:
        config = function.get("config") or function
        spawn_background(
            lambda_svc._run_with_function_config_scope,
            config,
            _attempts,
            config["FunctionArn"],
            event,
            thread_name="lambda-asynchronous",
        )

    places.put(lambda_svc, "invoke_async_with_retry", invoke_asynchronously)


def _attempts(function_arn: str, event: Any) -> None:
    """Invoke until the function succeeds, or its retries or the age of the event are used up."""
    request_id, started, failed, waits = new_uuid(), time.monotonic(), 0, 0
    while True:
        # Looked up each time: code, settings and concurrency may have changed since.
        found, config, _ = lambda_svc._get_func_record_for_ref(function_arn)
        if not found or not config:
            return
        function = lambda_svc._execution_record_for_config(found, config)
        settings = lambda_svc._event_invoke_config(found, _qualifier(function_arn)) or {}
        outcome = _Outcome(function_arn, config, settings, request_id, event)
        if lambda_svc._reserved_concurrency(function, config) == 0:
            outcome.failed("ZeroReservedConcurrency", failed, {"throttle": True})
            return
        with pace.INVOCATIONS:
            answer = lambda_svc._execute_function(function, event)
        if not answer.get("error"):
            outcome.succeeded(failed + 1, answer)
            return
        failed += 0 if answer.get("throttle") else 1
        if failed > settings.get("MaximumRetryAttempts", _RETRIES):
            outcome.failed("RetriesExhausted", failed, answer)
            return
        wait = min(lambda_svc._LAMBDA_ASYNC_RETRY_BASE_SECONDS * 2**waits, lambda_svc._LAMBDA_ASYNC_RETRY_MAX_SECONDS)
        if time.monotonic() - started + wait > settings.get("MaximumEventAgeInSeconds", _OLDEST_S):
            outcome.failed("EventAgeExceeded", failed, answer)
            return
        time.sleep(wait)
        waits += 1


def _qualifier(function_arn: str) -> str | None:
    parts = function_arn.split(":")
    return parts[7] if len(parts) > 7 else None


class _Outcome:
    """Where the result of one asynchronous invocation is sent."""

    def __init__(
        self, function_arn: str, config: dict[str, Any], settings: dict[str, Any], request_id: str, event: Any
    ) -> None:
        self._arn = function_arn
        self._config = config
        self._destinations = settings.get("DestinationConfig") or {}
        self._request_id = request_id
        self._event = event

    def succeeded(self, attempts: int, answer: dict[str, Any]) -> None:
        target = (self._destinations.get("OnSuccess") or {}).get("Destination")
        if target:
            self._send_record(target, "Success", attempts, answer)

    def failed(self, condition: str, attempts: int, answer: dict[str, Any]) -> None:
        letters = (self._config.get("DeadLetterConfig") or {}).get("TargetArn")
        if letters:
            self._send_dead_letter(letters, answer)
        target = (self._destinations.get("OnFailure") or {}).get("Destination")
        if target:
            self._send_record(target, condition, attempts, answer)

    def _send_dead_letter(self, target: str, answer: dict[str, Any]) -> None:
        body = answer.get("body")
        message = str(body.get("errorMessage", "")) if isinstance(body, dict) else ""
        attributes = {
            "RequestID": ("String", self._request_id),
            "ErrorCode": ("Number", "429" if answer.get("throttle") else "200"),
            "ErrorMessage": ("String", (message or "Rate Exceeded.")[:1024]),
        }
        self._send(target, json.dumps(self._event, ensure_ascii=False), "DeadLetterErrors", attributes)

    def _send_record(self, target: str, condition: str, attempts: int, answer: dict[str, Any]) -> None:
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "requestContext": {
                "requestId": self._request_id,
                "functionArn": self._arn if _qualifier(self._arn) else f"{self._arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": self._event,
        }
        if not answer.get("throttle"):
            record["responseContext"] = {"statusCode": 200, "executedVersion": self._config.get("Version", "$LATEST")}
            if answer.get("error"):
                record["responseContext"]["functionError"] = answer.get("function_error") or "Unhandled"
            record["responsePayload"] = answer.get("body")
        self._send(target, json.dumps(record, ensure_ascii=False), "DestinationDeliveryFailures")

    def _send(
        self, target: str, body: str, metric_of_failure: str, attributes: dict[str, tuple[str, str]] | None = None
    ) -> None:
        try:
            _send_in_role(self._config["Role"], target, body, attributes)
        except deliveries.UndeliveredError as error:
            lambda_svc.logger.warning("%s: nothing sent to %s: %s", self._arn, target, error)
            cloudwatch.record_metric(
                "AWS/Lambda", metric_of_failure, 1, "Count", {"FunctionName": self._config["FunctionName"]}
            )


def _send_in_role(role_arn: str, target: str, body: str, attributes: dict[str, tuple[str, str]] | None) -> None:
    """Send to a queue, topic, function or event bus in a function's role; raises UndeliveredError."""
    service = target.split(":")[2]
    action = {
        "events": "events:PutEvents",
        "lambda": "lambda:InvokeFunction",
        "sns": "sns:Publish",
        "sqs": "sqs:SendMessage",
    }.get(service)
    if action is None:
        raise deliveries.UndeliveredError("InvalidParameterValue", f"{target} is no destination.")
    if not deliveries.role_allows(role_arn, action, target):
        raise deliveries.UndeliveredError("AccessDenied", f"{role_arn} is not allowed {action} on it.")
    if service == "sqs":
        deliveries.send_to_queue(target, body, attributes)
    elif service == "sns":
        sns._fanout(target, new_uuid(), body, "", "", {})
    elif service == "lambda":
        found, config, name = lambda_svc._get_func_record_for_ref(target)
        if not found or not config:
            raise deliveries.UndeliveredError("ResourceNotFoundException", f"The function {name} does not exist.")
        lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(found, config), json.loads(body))
    else:
        entry = {"Source": "lambda", "DetailType": "Lambda Function Invocation Result", "Detail": body}
        eventbridge._put_events({"Entries": [{**entry, "EventBusName": target}]})
