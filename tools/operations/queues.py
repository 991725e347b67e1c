"""Looking at the messages of a queue without taking them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# How long a message that is being read stays out of another reader's sight.
READING_S: Final = 60


@dataclass(frozen=True)
class Message:
    """A message of a queue: its body's text, its string attributes, and the receipt that SQS wants to delete it."""

    queue_url: str
    text: str
    attributes: dict[str, str]
    receipt: str


def read(sqs: SQSClient, queue_url: str) -> Iterator[Message]:
    """Receive every message of a queue once; each stays there, hidden for READING_S seconds or until `release`d."""
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=READING_S,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            attributes = {
                name: attribute["StringValue"]
                for name, attribute in message.get("MessageAttributes", {}).items()
                if "StringValue" in attribute
            }
            yield Message(queue_url, message["Body"], attributes, message["ReceiptHandle"])


def release(sqs: SQSClient, messages: Iterable[Message]) -> None:
    """Make messages that were only looked at visible again."""
    for message in messages:
        sqs.change_message_visibility(QueueUrl=message.queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=0)


def look(sqs: SQSClient, queue_urls: Iterable[str]) -> list[Message]:
    """Every message of some queues; they stay there and stay visible."""
    found = [message for url in queue_urls for message in read(sqs, url)]
    release(sqs, found)
    return found
