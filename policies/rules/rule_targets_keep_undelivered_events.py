"""Dead letters of EventBridge targets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._edges import not_a_target


@rule(
    "CKV_FEP_23",
    "EventBridge targets keep the events that could not be delivered",
    "aws_cloudwatch_event_target",
    rows=("PLT-31", "EVT-03"),
    reading={
        'Amazon EventBridge User Guide, "Using dead-letter queues to process undelivered events"': "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html",
    },
    fix="Set `dead_letter_config` with the ARN of a queue as `arn`, and a `retry_policy`.",
)
def rule_targets_keep_undelivered_events(target: Resource) -> Iterator[str]:
    """After its retries, EventBridge discards an event that it cannot deliver."""
    for option in options(target.get("dead_letter_config.arn")):
        yield from not_a_target(target, option, "dead_letter_config.arn")
    if not any(block.certain for block in target.blocks("retry_policy")):
        yield "retry_policy is not set: EventBridge would retry for a day"
