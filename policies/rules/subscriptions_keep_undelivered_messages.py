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
    rows=("PLT-31", "EVT-01"),
    reading={
        'Amazon SNS Developer Guide, "Amazon SNS dead-letter queues"': "https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html",
    },
    fix="Set `redrive_policy = jsonencode({ deadLetterTargetArn = <the ARN of a queue> })`.",
)
def subscriptions_keep_undelivered_messages(subscription: Resource) -> Iterator[str]:
    """After its retries, SNS discards a message that it cannot deliver. Subscriptions of people (e-mail, SMS) need no
    queue: the alarm that they announce can still be seen in CloudWatch.
    """
    if subscription.get("protocol") not in TO_PEOPLE:
        yield from no_dead_letter_target(subscription, subscription.get("redrive_policy"))
