"""Dead letters of queues."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from policies.model import MISSING, Resource, decode, options, points_at
from policies.rule import rule
from policies.rules._edges import no_dead_letter_target, sends

# Where a queue is named as a place for dead letters: type of resource, path of its attribute.
DEAD_LETTER_TARGETS: Final = (
    ("aws_cloudwatch_event_bus", "dead_letter_config.arn"),
    ("aws_cloudwatch_event_target", "dead_letter_config.arn"),
    ("aws_lambda_event_source_mapping", "destination_config.on_failure.destination_arn"),
    ("aws_lambda_function", "dead_letter_config.target_arn"),
    ("aws_lambda_function_event_invoke_config", "destination_config.on_failure.destination"),
)
REDRIVEN: Final = ("aws_sns_topic_subscription", "aws_sqs_queue")
MOST_ATTEMPTS: Final = 10


@rule(
    "CKV_FEP_33",
    "Queues that are consumed have a dead-letter queue",
    "aws_sqs_queue",
    rows=("PLT-31", "WHK-21", "TXF-30"),
    fix="Set `redrive_policy = jsonencode({ deadLetterTargetArn = <the ARN of a queue>, maxReceiveCount = 3 })`.",
)
def queues_have_a_dead_letter_queue(queue: Resource) -> Iterator[str]:
    """Without one, a message that its consumer cannot process comes back until its retention ends, and is then lost. A
    queue that itself holds dead letters needs none.
    """
    if queue.get("redrive_policy") is MISSING and _holds_dead_letters(queue):
        return
    yield from no_dead_letter_target(queue, queue.get("redrive_policy"))
    for option in options(queue.get("redrive_policy")):
        if option is MISSING:
            continue
        if points_at(_target(option), queue):
            yield "its dead letters go to the queue itself"
        count = decode(option).get("maxReceiveCount")
        if not isinstance(count, int) or not 1 <= count <= MOST_ATTEMPTS:
            yield f"maxReceiveCount is {count}: give 1 to {MOST_ATTEMPTS}"


def _holds_dead_letters(queue: Resource) -> bool:
    if queue.get("redrive_allow_policy") is not MISSING:
        return True
    if any(queue.world.pointing_at(queue, type_, path) for type_, path in DEAD_LETTER_TARGETS):
        return True
    if _gets_what_a_workflow_catches(queue):
        return True
    return any(
        points_at(_target(option), queue)
        for source in queue.world.of(*REDRIVEN, near=queue)
        for option in options(source.get("redrive_policy"))
        if option is not MISSING
    )


def _gets_what_a_workflow_catches(queue: Resource) -> bool:
    """Raises Undecidable where a workflow is not known."""
    for workflow in queue.world.of("aws_sfn_state_machine", near=queue):
        for option in options(workflow.get("definition")):
            states = decode(option).get("States", {})
            caught = {catch.get("Next") for state in states.values() for catch in state.get("Catch") or []}
            letters = [state for name, state in states.items() if name in caught and sends(state)]
            given = [state.get("Arguments") or state.get("Parameters") or {} for state in letters]
            if any(points_at(each.get("QueueUrl"), queue) for each in given):
                return True
    return False


def _target(redrive_policy: Any) -> Any:
    return decode(redrive_policy).get("deadLetterTargetArn")
