"""A topic reaches a function only with its permission; what it cannot deliver, its subscription keeps as dead letter.

https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html (the function's policy must admit the topic)
https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html (a client-side error is not retried)
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html (the queue's policy must admit the topic)

A message that a function takes is an asynchronous invocation, with that one's retries. ministack invokes once, needs no
permission, and ignores the subscription's `RedrivePolicy`.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import sns, sqs

from tools.emulator import deliveries, places

RESTORES: Final = (
    "SNS: a function is invoked asynchronously and needs a permission for the topic; a subscription's `RedrivePolicy` "
    "gets what could not be delivered"
)

_SNS: Final = "sns.amazonaws.com"


def apply() -> None:
    places.take(sns, "_deliver_to_lambda", "aa6b8a8c312e")
    to_queue = places.take(sns, "_deliver_to_sqs", "f85849838cca")

    def deliver_to_function(endpoint: str, envelope: str, topic_arn: str, subscription_arn: str, *_: Any) -> None:
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        try:
            deliveries.invoke_asynchronously_as(_SNS, endpoint, topic_arn, {"Records": [record]})
        except deliveries.UndeliveredError as error:
            _redrive(topic_arn, endpoint, envelope, error)

    def deliver_to_queue(endpoint: str, envelope: str, raw: bool, raw_message: str, **options: Any) -> None:
        topic_arn = options["topic_arn"]
        queue = sqs._queue_by_arn(endpoint)
        policy = queue["attributes"].get("Policy") if queue is not None else None
        if deliveries.policy_admits(policy, _SNS, "sqs:SendMessage", endpoint, topic_arn):
            to_queue(endpoint, envelope, raw, raw_message, **options)
            return
        message = "its policy does not admit the topic" if queue is not None else "it does not exist"
        error = deliveries.UndeliveredError("AccessDenied" if queue is not None else "NonExistentQueue", message)
        _redrive(topic_arn, endpoint, raw_message if raw else envelope, error)

    places.put(sns, "_deliver_to_lambda", deliver_to_function)
    places.put(sns, "_deliver_to_sqs", deliver_to_queue)


def _redrive(topic_arn: str, endpoint: str, message: str, error: deliveries.UndeliveredError) -> None:
    sns.logger.warning("%s could not deliver to %s: %s", topic_arn, endpoint, error)
    topic = sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []}
    attributes: dict[str, str] = next(
        (each["attributes"] for each in topic["subscriptions"] if each["endpoint"] == endpoint), {}
    )
    policy = json.loads(attributes.get("RedrivePolicy") or "{}")
    if "deadLetterTargetArn" in policy:
        try:
            deliveries.send_to_queue_as(_SNS, policy["deadLetterTargetArn"], topic_arn, message)
        except deliveries.UndeliveredError as refused:
            sns.logger.warning("%s lost a message: %s", topic_arn, refused)
