"""Every invocation of a function counts in `AWS/Lambda`, whatever started it; a throttled one counts as that only.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html

ministack counts what comes through the Invoke API only, and counts throttled invocations as invocations, twice.
"""

from __future__ import annotations

import time
from typing import Any, Final

from ministack.services import cloudwatch, lambda_svc

from tools.emulator import places

RESTORES: Final = "Lambda: `Invocations`, `Errors`, `Throttles`, `Duration` of every invocation, whatever started it"


def apply() -> None:
    execute = places.take(lambda_svc, "_execute_function", "3ceb16d6480a")
    places.take(lambda_svc, "_emit_lambda_metrics", "3b6689d77cf6")

    def execute_and_count(function: dict[str, Any], event: Any) -> dict[str, Any]:
        config = function.get("config") or function
        if lambda_svc._function_config_scope_mismatch(config):
            # It comes here again, in the function's own account and region.
            answer: dict[str, Any] = execute(function, event)
            return answer
        started = time.monotonic()
        answer = execute(function, event)
        _count(config["FunctionName"], answer, (time.monotonic() - started) * 1000)
        return answer

    def nothing(*_: Any, **__: Any) -> None:
        """What the Invoke API would count has been counted."""

    places.put(lambda_svc, "_execute_function", execute_and_count)
    places.put(lambda_svc, "_emit_lambda_metrics", nothing)


def _count(name: str, answer: dict[str, Any], duration_ms: float) -> None:
    dimensions = {"FunctionName": name}
    if answer.get("throttle"):
        cloudwatch.record_metric("AWS/Lambda", "Throttles", 1, "Count", dimensions)
        return
    cloudwatch.record_metric("AWS/Lambda", "Throttles", 0, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Invocations", 1, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Errors", 1 if answer.get("error") else 0, "Count", dimensions)
    cloudwatch.record_metric("AWS/Lambda", "Duration", duration_ms, "Milliseconds", dimensions)
