"""A state machine writes its events to its log group, at the level and with the data that `loggingConfiguration` names.

https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html (levels ALL, ERROR, FATAL, OFF; the form of an entry)

ministack keeps the configuration and writes nothing. Here the events are written when an execution ends. An Express
workflow emits no status events to EventBridge, as on AWS.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final

from ministack.services import stepfunctions

from tools.emulator import deliveries, places

RESTORES: Final = (
    "Step Functions: the events of an execution in the log group, by level, with or without execution data"
)

_FATAL: Final = ("ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
_ERROR: Final = (*_FATAL, "TaskFailed", "TaskTimedOut", "FailStateEntered", "MapIterationFailed", "ParallelStateFailed")
_DATA: Final = ("input", "output")


def apply() -> None:
    run = places.take(stepfunctions, "_run_execution", "996dff84e0e0")
    emit_status = places.take(stepfunctions, "_emit_execution_status_event", "9c89e45693e3")

    def run_and_log(execution_arn: str) -> None:
        run(execution_arn)
        execution = stepfunctions._executions.get(execution_arn)
        machine = stepfunctions._state_machines.get((execution or {}).get("stateMachineArn"))
        if execution is not None and machine is not None:
            _log(execution, machine)

    def emit_status_of_standard(execution: dict[str, Any]) -> None:
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"], {})
        if machine.get("type") != "EXPRESS":
            emit_status(execution)

    places.put(stepfunctions, "_run_execution", run_and_log)
    places.put(stepfunctions, "_emit_execution_status_event", emit_status_of_standard)


def _log(execution: dict[str, Any], machine: dict[str, Any]) -> None:
    configuration = machine["loggingConfiguration"]
    level = configuration.get("level", "OFF")
    kept = {"ALL": None, "ERROR": _ERROR, "FATAL": _FATAL}.get(level, ())
    lines = [
        json.dumps(_entry(event, execution["executionArn"], bool(configuration.get("includeExecutionData"))))
        for event in list(execution["events"])
        if kept is None or event["type"] in kept
    ]
    stream = f"states/{machine['name']}/{datetime.now(UTC):%Y-%m-%d-%H-%M}/{execution['name'][:8]}"
    for destination in configuration.get("destinations", []) if lines else []:
        try:
            group = deliveries.log_group_of(destination["cloudWatchLogsLogGroup"]["logGroupArn"])
            deliveries.write_to_log_group(group, stream, lines)
        except deliveries.UndeliveredError as error:
            stepfunctions.logger.warning("execution log of %s: %s", machine["name"], error)


def _entry(event: dict[str, Any], execution_arn: str, with_data: bool) -> dict[str, Any]:
    """{"id", "type", "details", "previous_event_id", "event_timestamp", "execution_arn", "redrive_count"}, all text."""
    details: dict[str, Any] = {}
    for name, value in event.items():
        if name.endswith("Details"):
            details |= {key: text for key, text in value.items() if with_data or key not in _DATA}
    written = datetime.fromisoformat(event["timestamp"].replace("Z", "+00:00"))
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["id"] - 1),
        "event_timestamp": str(int(written.timestamp() * 1000)),
        "execution_arn": execution_arn,
        "redrive_count": "0",
    }
