"""Dead letters of subscriptions."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule
from policies.rules._edges import no_dead_letter_target

TO_PEOPLE = ("email", "email-json", "sms")


@rule(
    "CKV_FEP_22",
    "Subscriptions keep the messages that could not be delivered",
    "aws_sns_topic_subscription",
    fix="Set redrive_policy = jsonencode({ deadLetterTargetArn = <a queue's ARN> }).",
)
def subscriptions_keep_undelivered_messages(subscription: Resource) -> Iterator[str]:
    """PLT-31, EVT-01: a dead-letter queue on the subscription. A message to a person is no edge of a pipeline: its
    alarm can be seen.
    """
    if subscription.get("protocol") not in TO_PEOPLE:
        yield from no_dead_letter_target(subscription, subscription.get("redrive_policy"))
