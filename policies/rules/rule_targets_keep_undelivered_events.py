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
    fix="Set dead_letter_config { arn = <a queue's ARN> } and a retry_policy.",
)
def rule_targets_keep_undelivered_events(target: Resource) -> Iterator[str]:
    """PLT-31, EVT-03: retry policy and dead-letter queue on every target."""
    for option in options(target.get("dead_letter_config.arn")):
        yield from not_a_target(target, option, "dead_letter_config.arn")
    if not any(block.certain for block in target.blocks("retry_policy")):
        yield "retry_policy is not set: EventBridge would retry for a day"
