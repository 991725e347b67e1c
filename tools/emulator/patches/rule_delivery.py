"""A rule delivers to its targets with their permission, retries by their retry policy, and keeps what fails for good.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html (retries; what is not retried)
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html (the dead-letter queue and its attributes)
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html (who must admit a rule)
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html (256 KiB for the entries of one call)

A function, queue, topic or log group admits `events.amazonaws.com` by its resource policy; a state machine is started
in the target's role, which must trust EventBridge and allow it. A missing permission or target is not retried: the
event goes to the dead-letter queue at once. ministack asks for no permission, tries once, drops what fails, and knows
no log groups.

The waits are shorter than on AWS: from 0.2 s, doubled to at most 5 s.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

from ministack.core.concurrency import spawn_background
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import cloudwatch, cloudwatch_logs, eventbridge, sqs, stepfunctions

from tools.emulator import deliveries, places

RESTORES: Final = (
    "EventBridge: targets need permission (resource policy, or role for a state machine); retry policy, dead-letter "
    "queue, log-group targets, 256 KiB a call"
)

_EVENTS: Final = "events.amazonaws.com"
_LIMIT_BYTES: Final = 262144
_RETRIES: Final = 185
_OLDEST_S: Final = 86400
_FIRST_WAIT_S: Final = 0.2
_LONGEST_WAIT_S: Final = 5.0

# The target, the rule and the event that ministack is resolving an input for.
_current: ContextVar[tuple[dict[str, Any], dict[str, Any], str]] = ContextVar("current_target")


def apply() -> None:
    invoke = places.take(eventbridge, "_invoke_target", "550e304af080")
    put_events = places.take(eventbridge, "_put_events", "ebcda0f38061")
    to_queue = places.take(eventbridge, "_dispatch_to_sqs", "eb75981283a2")
    places.take(eventbridge, "_dispatch_to_lambda", "1f95adbaed3a")
    places.take(eventbridge, "_dispatch_to_sns", "72c921fe20b6")
    places.take(eventbridge, "_dispatch_to_stepfunctions", "d36195e1c480")

    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        text = json.dumps(view.event_with_detail(), ensure_ascii=False)
        _current.set((target, rule, text))
        if target["Arn"].split(":")[2] == "logs":
            _deliver(lambda: _write_to_log_group(target["Arn"], rule["Arn"], text))
        else:
            invoke(target, event, rule, view)

    def dispatch_to_function(arn: str, payload: str) -> None:
        source = _current.get()[1]["Arn"]
        _deliver(lambda: deliveries.invoke_asynchronously_as(_EVENTS, arn, source, json.loads(payload)))

    def dispatch_to_topic(arn: str, payload: str) -> None:
        source = _current.get()[1]["Arn"]
        _deliver(lambda: deliveries.publish_as(_EVENTS, arn, source, payload))

    def dispatch_to_queue(spec: Any, payload: str, parameters: Any = None) -> None:
        source = _current.get()[1]["Arn"]

        def attempt() -> None:
            queue = sqs._queue_by_arn(str(spec))
            policy = queue["attributes"].get("Policy") if queue is not None else None
            if queue is None:
                raise deliveries.UndeliveredError("RESOURCE_NOT_FOUND", f"The queue {spec} does not exist.")
            if not deliveries.policy_admits(policy, _EVENTS, "sqs:SendMessage", str(spec), source):
                raise deliveries.UndeliveredError("NO_PERMISSIONS", f"The policy of {spec} does not admit the rule.")
            to_queue(spec, payload, parameters)

        _deliver(attempt)

    def dispatch_to_state_machine(arn: str, payload: str) -> None:
        target, rule, _ = _current.get()
        _deliver(lambda: _start_execution(arn, target.get("RoleArn", ""), rule["Arn"], payload))

    def put_events_within_limits(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        if sum(_size(entry) for entry in data.get("Entries", [])) > _LIMIT_BYTES:
            return error_response_json(
                "ValidationException", "Total size of the entries in the request is over the limit.", 400
            )
        return put_events(data, allow_aws_source)

    places.put(eventbridge, "_invoke_target", invoke_target)
    places.put(eventbridge, "_put_events", put_events_within_limits)
    places.put(eventbridge, "_dispatch_to_lambda", dispatch_to_function)
    places.put(eventbridge, "_dispatch_to_sns", dispatch_to_topic)
    places.put(eventbridge, "_dispatch_to_sqs", dispatch_to_queue)
    places.put(eventbridge, "_dispatch_to_stepfunctions", dispatch_to_state_machine)


def _size(entry: dict[str, Any]) -> int:
    """The size of an entry in bytes, as the user guide counts it: 14 for a time, then the UTF-8 of every text."""
    texts = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *(entry.get("Resources") or [])]
    return (14 if "Time" in entry else 0) + sum(len(text.encode()) for text in texts if text)


def _deliver(attempt: Callable[[], None]) -> None:
    spawn_background(_attempts, attempt, *_current.get(), thread_name="eventbridge-delivery")


def _attempts(attempt: Callable[[], None], target: dict[str, Any], rule: dict[str, Any], event: str) -> None:
    policy = target.get("RetryPolicy") or {}
    started, retries = time.monotonic(), 0
    while True:
        try:
            attempt()
        except deliveries.UndeliveredError as error:
            wait = min(_FIRST_WAIT_S * 2**retries, _LONGEST_WAIT_S)
            exhausted = None
            if error.retryable:
                if retries >= policy.get("MaximumRetryAttempts", _RETRIES):
                    exhausted = "MaximumRetryAttempts"
                elif time.monotonic() - started + wait > policy.get("MaximumEventAgeInSeconds", _OLDEST_S):
                    exhausted = "MaximumEventAgeInSeconds"
                else:
                    time.sleep(wait)
                    retries += 1
                    continue
            _fail(target, rule, event, error, retries, exhausted)
        return


def _fail(
    target: dict[str, Any],
    rule: dict[str, Any],
    event: str,
    error: deliveries.UndeliveredError,
    retries: int,
    exhausted: str | None,
) -> None:
    eventbridge.logger.warning("%s could not deliver to %s: %s", rule["Arn"], target["Arn"], error)
    cloudwatch.record_metric("AWS/Events", "FailedInvocations", 1, "Count", {"RuleName": rule["Name"]})
    queue = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue:
        return
    attributes = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": error.code,
        "ERROR_MESSAGE": error.message,
        "RETRY_ATTEMPTS": str(retries),
    } | ({"EXHAUSTED_RETRY_CONDITION": exhausted} if exhausted else {})
    wire = {name: ("String", value) for name, value in attributes.items()}
    try:
        deliveries.send_to_queue_as(_EVENTS, queue, rule["Arn"], event, attributes=wire)
    except deliveries.UndeliveredError as refused:
        eventbridge.logger.warning("%s lost an event: %s", rule["Arn"], refused)
        cloudwatch.record_metric("AWS/Events", "InvocationsFailedToBeSentToDlq", 1, "Count", {"RuleName": rule["Name"]})


def _start_execution(arn: str, role_arn: str, rule_arn: str, payload: str) -> None:
    if not deliveries.assumed_role_allows(_EVENTS, role_arn, "states:StartExecution", arn, rule_arn):
        raise deliveries.UndeliveredError(
            "NO_PERMISSIONS", f"The role {role_arn} does not let EventBridge start {arn}."
        )
    status, _, body = stepfunctions._start_execution({"stateMachineArn": arn, "input": payload})
    if status != 200:
        answer = json.loads(body)
        code = str(answer.get("__type", "ERROR_FROM_TARGET")).rsplit("#", 1)[-1]
        raise deliveries.UndeliveredError(code, str(answer.get("message", "")), retryable=status >= 500)


def _write_to_log_group(arn: str, rule_arn: str, text: str) -> None:
    group = deliveries.log_group_of(arn)
    stream_arn = f"arn:aws:logs:{get_region()}:{get_account_id()}:log-group:{group}:log-stream:*"
    policies = [each["policyDocument"] for each in cloudwatch_logs._resource_policies.values()]
    if not any(deliveries.policy_admits(each, _EVENTS, "logs:PutLogEvents", stream_arn, rule_arn) for each in policies):
        raise deliveries.UndeliveredError(
            "NO_PERMISSIONS", f"No resource policy of the log group {group} admits the rule."
        )
    deliveries.write_to_log_group(group, f"{datetime.now(UTC):%Y-%m-%d}", [text])
