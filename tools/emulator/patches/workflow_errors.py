"""A workflow names errors as Step Functions does, so `Retry` and `Catch` match the same errors as on AWS.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html (256 KiB of input or output)

A throttled invocation is `Lambda.TooManyRequestsException`. Output of a state beyond 256 KiB ends the execution with
`States.DataLimitExceeded`; that and `States.Runtime` are not caught by `States.ALL`. Input of an execution beyond
256 KiB is refused. A function's answer counts as the runtime for Python 3.11 writes it, with six bytes for each
character outside ASCII (awslambdaric writes UTF-8 from 3.12 on).
A retrier's `MaxDelaySeconds` and `JitterStrategy` count.
"""

from __future__ import annotations

import json
import random
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import stepfunctions

from tools.emulator import places

RESTORES: Final = (
    "Step Functions: a throttled function is `Lambda.TooManyRequestsException`; more than 256 KiB is refused or "
    "`States.DataLimitExceeded`, which `States.ALL` does not catch; retriers keep to `MaxDelaySeconds` and jitter"
)

LIMIT_BYTES: Final = 262144
_TERMINAL: Final = ("States.DataLimitExceeded", "States.Runtime")


def apply() -> None:
    call_function = places.take(stepfunctions, "_call_lambda", "25830369b126")
    matches = places.take(stepfunctions, "_error_matches", "519b9dc729c5")
    find_retrier = places.take(stepfunctions, "_find_matching_retrier", "cb494ae8503c")
    run_task = places.take(stepfunctions, "_execute_task", "53c818d247db")
    start = places.take(stepfunctions, "_start_execution", "9923282fc76c")
    start_sync = places.take(stepfunctions, "_start_sync_execution", "8600470a0208")

    def call_function_naming_throttles(function_ref: str, event: Any) -> Any:
        try:
            answer = call_function(function_ref, event)
        except stepfunctions._ExecutionError as error:
            cause = _json(error.cause)
            if error.error == "Lambda.Unknown" and cause.get("__type") == "TooManyRequestsException":
                raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", cause["message"]) from error
            raise
        _require_size(function_ref, answer, ensure_ascii=True)
        return answer

    def matches_but_terminal(error_equals: list[str], error: str) -> bool:
        if error in _TERMINAL:
            return error in error_equals
        return bool(matches(error_equals, error))

    def find_retrier_with_its_delay(retriers: Any, error: str, counts: dict[int, int]) -> Any:
        retrier, index = find_retrier(retriers, error, counts)
        return (None if retrier is None else _with_delay(retrier, counts.get(index, 0))), index

    def run_task_within_limits(state: Any, raw_input: Any, execution: Any, context: Any) -> Any:
        output, following = run_task(state, raw_input, execution, context)
        _require_size(context["State"]["Name"], output)
        return output, following

    def start_within_limits(data: dict[str, Any]) -> Any:
        return _refused(data) or start(data)

    def start_sync_within_limits(data: dict[str, Any]) -> Any:
        return _refused(data) or start_sync(data)

    places.put(stepfunctions, "_call_lambda", call_function_naming_throttles)
    places.put(stepfunctions, "_error_matches", matches_but_terminal)
    places.put(stepfunctions, "_find_matching_retrier", find_retrier_with_its_delay)
    places.put(stepfunctions, "_execute_task", run_task_within_limits)
    places.put(stepfunctions, "_start_execution", start_within_limits)
    places.put(stepfunctions, "_start_sync_execution", start_sync_within_limits)


def _with_delay(retrier: dict[str, Any], retries: int) -> dict[str, Any]:
    """The retrier as it is for this retry: its interval is the delay itself, with nothing left to back off."""
    delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    delay = min(delay, retrier.get("MaxDelaySeconds", delay))
    if retrier.get("JitterStrategy") == "FULL":
        delay = random.uniform(0, delay)  # noqa: S311 -- spreads retries, hides nothing
    return {**retrier, "IntervalSeconds": delay, "BackoffRate": 1.0}


def _require_size(name: str, value: Any, *, ensure_ascii: bool = False) -> None:
    if len(json.dumps(value, ensure_ascii=ensure_ascii).encode()) > LIMIT_BYTES:
        raise stepfunctions._ExecutionError(
            "States.DataLimitExceeded",
            f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service "
            "limit.",
        )


def _refused(data: dict[str, Any]) -> Any:
    if len(data.get("input", "{}").encode()) <= LIMIT_BYTES:
        return None
    return error_response_json(
        "ValidationException",
        "1 validation error detected: Value at 'input' failed to satisfy constraint: "
        f"Member must have length less than or equal to {LIMIT_BYTES}",
        400,
    )


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
