"""An event source mapping works on a queue as Lambda does: in the function's role, and what failed comes back.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html (permissions of the role; the queue's
visibility timeout is not shorter than the function's timeout)
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html (partial batch responses: which are a
complete success and which a complete failure; a throttled batch is tried again until its visibility timeout)

ministack needs no permission, takes an answer that it does not understand for a success, and does not try a throttled
batch again. It also starts as many processes at once as the mapping may have executions: see `tools/emulator/pace.py`.

The wait is shorter than on AWS: what a function did not finish comes back after 2 seconds, or after the visibility
timeout if that is less.
"""

from __future__ import annotations

import time
from typing import Any, Final

from ministack.services import lambda_svc, sqs

from tools.emulator import deliveries, pace, places

RESTORES: Final = (
    "Lambda, queues: a mapping needs the role's permissions and a visibility timeout that is long enough; an invalid "
    "batch response fails the whole batch; a throttled batch is tried again; a dead letter names its first "
    "queue; a few batches run at a time"
)

_ACTIONS: Final = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
_BACK_AFTER_S: Final = 2.0
_THROTTLED_FOR_S: Final = 0.5


def apply() -> None:
    create = places.take(lambda_svc, "_create_esm", "d351521bb6cd")
    concurrency = places.take(lambda_svc, "_sqs_esm_concurrency", "d3e9d1e865aa")
    places.take(lambda_svc, "_run_sqs_batch", "f9bf630aabf3")

    def create_if_possible(request: dict[str, Any]) -> Any:
        problem = _problem(request)
        return lambda_svc._invalid_parameter_value(problem) if problem else create(request)

    def concurrency_here(esm: dict[str, Any], function: Any, config: Any, queue: Any = None) -> int:
        if not _allowed(config["Role"], "ReceiveMessage", esm["EventSourceArn"]):
            return 0  # nothing is received
        return min(pace.BATCHES, int(concurrency(esm, function, config, queue)))

    places.put(lambda_svc, "_create_esm", create_if_possible)
    places.put(lambda_svc, "_sqs_esm_concurrency", concurrency_here)
    places.put(lambda_svc, "_run_sqs_batch", _run)


def _problem(request: dict[str, Any]) -> str | None:
    """Why Lambda does not make a mapping of a queue; None for another source, and for what ministack itself refuses."""
    queue_arn = request.get("EventSourceArn", "")
    _, config, _ = lambda_svc._get_func_record_for_ref(request.get("FunctionName", ""))
    if ":sqs:" not in queue_arn or not config:
        return None
    for action in _ACTIONS:
        if not _allowed(config["Role"], action, queue_arn):
            return f"The function execution role does not have permissions to call {action} on SQS"
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return (
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    visible_after, timeout = int(queue["attributes"].get("VisibilityTimeout", 30)), int(config.get("Timeout", 3))
    if visible_after < timeout:
        return f"Queue visibility timeout: {visible_after} seconds is less than Function timeout: {timeout} seconds"
    if int(request.get("BatchSize", 10)) > 10 and not request.get("MaximumBatchingWindowInSeconds"):
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    return None


def _allowed(role_arn: str, action: str, queue_arn: str) -> bool:
    return deliveries.role_allows(role_arn, f"sqs:{action}", queue_arn)


def _run(
    esm: dict[str, Any],
    function: dict[str, Any],
    event: dict[str, Any],
    batch: list[dict[str, Any]],
    queue_url: str,
    queue_name: str,
) -> None:
    """Invoke the function with a batch, until it is not throttled. Delete what it finished."""
    # What the poller received: another receiver of a message gives it another handle.
    received = {message["id"]: message["receipt_handle"] for message in batch}
    _name_source(event, batch)
    until = min(message["visible_at"] for message in batch)
    answer = lambda_svc._execute_function(function, event)
    while answer.get("throttle") and time.time() + _THROTTLED_FOR_S < until:
        time.sleep(_THROTTLED_FOR_S)
        answer = lambda_svc._execute_function(function, event)
    failed = {*received} if answer.get("error") else _failed(esm, answer.get("body"), {*received})
    done = {received[message_id] for message_id in received.keys() - failed}
    if done and _allowed(function["config"]["Role"], "DeleteMessage", esm["EventSourceArn"]):
        sqs._delete_messages_for_esm(queue_url, done)
    _bring_back(batch, received)
    esm["LastProcessingResult"] = "OK" if not failed else f"PROBLEM: {len(failed)} of {len(batch)} records failed"
    lambda_svc.logger.info("%s: %d of %d messages failed", queue_name, len(failed), len(batch))


def _name_source(event: dict[str, Any], batch: list[dict[str, Any]]) -> None:
    """Tell from which queue a dead letter comes."""
    sources = {message["id"]: message["sys"].get("DeadLetterQueueSourceArn") for message in batch}
    for record in event["Records"]:
        if sources[record["messageId"]]:
            record["attributes"]["DeadLetterQueueSourceArn"] = sources[record["messageId"]]


def _failed(esm: dict[str, Any], answer: Any, batch: set[str]) -> set[str]:
    """The ids of the messages that come back, by the function's answer."""
    if "ReportBatchItemFailures" not in esm.get("FunctionResponseTypes", []) or answer in (None, "", {}):
        return set()
    failures = answer.get("batchItemFailures", batch) if isinstance(answer, dict) else batch
    if failures is None:
        return set()
    if not isinstance(failures, list) or not all(isinstance(failure, dict) for failure in failures):
        return batch
    ids = {failure.get("itemIdentifier") for failure in failures}
    return ids if ids <= batch else batch


def _bring_back(batch: list[dict[str, Any]], received: dict[str, str]) -> None:
    """Shorten the wait for the messages that are still in the queue."""
    with sqs._queues_lock:
        for message in batch:
            if message["receipt_handle"] == received[message["id"]]:
                message["visible_at"] = min(message["visible_at"], time.time() + _BACK_AFTER_S)
