"""The messages of queues: all that a queue has when the reading begins, ten a call.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html (a receive
that does not wait asks only some of a queue's servers: an empty result does not mean an empty queue)
"""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from functions.common import batching
from tools.errors import Failure

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# The messages in one call of SQS, and the events in one call of EventBridge.
BATCH: Final = 10

# The bytes that SQS takes in one call in every region, and EventBridge, too.
MAXIMUM_BYTES: Final = 256 * 1024

# Longer than it takes to read any queue (60,000 messages at ten a call of 100 ms), so none comes back meanwhile.
READING_S: Final = 600

# The shortest wait that asks all servers of a queue, and how many empty results in a row mean its end.
WAIT_S: Final = 1
EMPTY_ANSWERS: Final = 2

Item = TypeVar("Item")


@dataclass(frozen=True)
class Message:
    """A message of a queue: its body's text, its string attributes, and the receipt that SQS wants to delete it.

    `sent_at` and `received_at` are in epoch seconds, both by the clock of SQS.
    """

    queue_url: str
    text: str
    attributes: dict[str, str]
    receipt: str
    id: str = ""
    sent_at: float = 0.0
    received_at: float = 0.0

    @property
    def size(self) -> int:
        """Bytes as SQS counts them: the body, and of each attribute its name, its type and its value."""
        attributes = (len(f"{name}String{value}".encode()) for name, value in self.attributes.items())
        return len(self.text.encode()) + sum(attributes)


def read(sqs: SQSClient, queue_url: str) -> Generator[Message, None, None]:
    """Receive every message of a queue once; each stays there, hidden for READING_S seconds or until `release`d.

    Messages that are sent after the reading began are left alone, so a queue that is filled meanwhile has an end, too.
    The end is reached after EMPTY_ANSWERS empty results in a row, or when a message comes a second time. If the reader
    stops earlier (`close`), only the messages that it got stay hidden.
    """
    seen, left, pending = set[str](), list[Message](), deque[Message]()
    until, empty = 0.0, 0
    try:
        while empty < EMPTY_ANSWERS:
            received = receive(sqs, queue_url, READING_S)
            if received and not until:
                until = received[0].received_at
            left += [message for message in received if message.id in seen or message.sent_at > until]
            pending.extend(message for message in received if message.id not in seen and message.sent_at <= until)
            around = any(message.id in seen for message in received)
            seen.update(message.id for message in received)
            empty = 0 if pending else empty + 1
            while pending:
                yield pending.popleft()
            if around:
                return
    finally:
        release(sqs, [*left, *pending])


def receive(sqs: SQSClient, queue_url: str, hidden_s: int, wait_s: int = WAIT_S) -> list[Message]:
    """At most ten messages of a queue, hidden from others for a time; waits some seconds if there are none.

    Without a wait an empty result does not mean an empty queue: only for readers that come back.
    """
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=hidden_s,
        WaitTimeSeconds=wait_s,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["SentTimestamp"],
    )
    # By the clock of SQS, in whole seconds, as `sent_at` is; without it, by that of this machine.
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    received_at = parsedate_to_datetime(date).timestamp() + 1 if date else time.time()
    return [_message(queue_url, message, received_at) for message in answer.get("Messages", [])]


def release(sqs: SQSClient, messages: Iterable[Message]) -> None:
    """Make messages that were only looked at visible again.

    A message that SQS refuses to release, for example because another reader has it, becomes visible later.
    """
    for queue_url, batch in _batches(messages):
        entries = [{**entry, "VisibilityTimeout": 0} for entry in _entries(batch)]
        sqs.change_message_visibility_batch(QueueUrl=queue_url, Entries=entries)  # type: ignore[arg-type]


def delete(sqs: SQSClient, messages: Iterable[Message]) -> None:
    """Take messages out of their queues for good. Raises Failure when SQS refuses to."""
    for queue_url, batch in _batches(messages):
        answer = sqs.delete_message_batch(QueueUrl=queue_url, Entries=_entries(batch))  # type: ignore[arg-type]
        if failed := answer.get("Failed"):
            raise Failure(
                f"{len(failed)} of {len(batch)} messages could not be deleted ({failed[0]['Code']})",
                where=queue_url,
                do="run the command again: their content may be sent twice, which does no harm",
            )


def send(sqs: SQSClient, queue_url: str, messages: Sequence[Message]) -> list[Message]:
    """Send at most ten messages to another queue. Returns those that SQS took.

    Raises Failure when it took none.
    """
    entries = [
        {
            "Id": str(number),
            "MessageBody": message.text,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        }
        for number, message in enumerate(messages)
    ]
    answer = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)  # type: ignore[arg-type]
    if not answer.get("Successful"):
        raise Failure(
            f"SQS refused {len(messages)} messages ({answer['Failed'][0]['Code']})",
            where=queue_url,
            do="run the command again: they are still where they were",
        )
    return [messages[int(taken["Id"])] for taken in answer["Successful"]]


def look(sqs: SQSClient, queue_urls: Iterable[str]) -> list[Message]:
    """Every message of some queues; they stay there and stay visible."""
    return [message for messages in at_once(lambda url: _look(sqs, url), queue_urls) for message in messages]


def at_once(work: Callable[[Any], Item], of: Iterable[Any]) -> list[Item]:
    """The results of a function for each of some values, ten at a time: the function mostly waits for AWS."""
    things = list(of)
    with ThreadPoolExecutor(max(1, min(10, len(things)))) as pool:
        return list(pool.map(work, things))


def in_batches(items: Iterable[Item], size: Callable[[Item], int] = lambda _: 0) -> Iterator[list[Item]]:
    """The items in lists of at most ten, and of at most MAXIMUM_BYTES where an item has a size in bytes."""
    return batching.in_batches(items, size, maximum_items=BATCH, maximum_bytes=MAXIMUM_BYTES)


def _look(sqs: SQSClient, queue_url: str) -> list[Message]:
    found: list[Message] = []
    try:
        found.extend(read(sqs, queue_url))
    finally:
        release(sqs, found)
    return found


def _batches(messages: Iterable[Message]) -> Iterator[tuple[str, list[Message]]]:
    for queue_url, group in itertools.groupby(messages, key=lambda message: message.queue_url):
        for batch in in_batches(group):
            yield queue_url, batch


def _entries(batch: Sequence[Message]) -> list[dict[str, Any]]:
    return [{"Id": str(number), "ReceiptHandle": message.receipt} for number, message in enumerate(batch)]


def _message(queue_url: str, message: Any, received_at: float) -> Message:
    texts = {
        name: attribute["StringValue"]
        for name, attribute in message.get("MessageAttributes", {}).items()
        if "StringValue" in attribute
    }
    sent_at = int(message["Attributes"]["SentTimestamp"]) / 1000
    return Message(
        queue_url, message["Body"], texts, message["ReceiptHandle"], message["MessageId"], sent_at, received_at
    )
