"""Dead letters of payment-events: reading them, and putting what they carry on the bus again (EVT-25)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.errors import Failure

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_sqs import SQSClient

# How long a letter that is being read stays out of another reader's sight.
READING_S: Final = 60


@dataclass(frozen=True)
class DeadLetter:
    """A message of a dead-letter queue. `body` is its JSON; `receipt` is what SQS wants to delete it."""

    queue_url: str
    body: Any
    receipt: str

    @property
    def correlation_id(self) -> str | None:
        """The SNS message id of the notification that the letter is about, whoever wrote the letter."""
        return notification_of(self.body, None)["correlation_id"] if isinstance(self.body, dict) else None

    @property
    def error(self) -> str:
        """The error's name, "undelivered" where AWS itself gave up delivering."""
        return str(self.body.get("error", "undelivered")) if isinstance(self.body, dict) else "unreadable"

    @property
    def step(self) -> str:
        return str(self.body.get("step", "delivery")) if isinstance(self.body, dict) else "unknown"


def read(sqs: SQSClient, queue_url: str) -> Iterator[DeadLetter]:
    """Receive every letter of a queue once; each stays there, hidden for READING_S seconds or until `release`d."""
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=READING_S, WaitTimeSeconds=0
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            try:
                body = json.loads(message["Body"])
            except ValueError:
                body = message["Body"]
            yield DeadLetter(queue_url, body, message["ReceiptHandle"])


def release(sqs: SQSClient, letters: list[DeadLetter]) -> None:
    """Make letters that were only looked at visible again."""
    for letter in letters:
        sqs.change_message_visibility(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)


def notification_of(body: dict[str, Any], stored: dict[str, Any] | None) -> dict[str, Any]:
    """The entry for the bus that a dead letter carries: {"correlation_id", "received_at", "payload"}.

    Four writers, four shapes: the functions and the workflow (docs/architecture.md, "A dead letter"); EventBridge, with
    its event (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html); SNS, with its own message
    (https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html); Lambda, with the function's event
    (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). `stored` is the letter's
    payload where the letter only says where it is.
    """
    if "step" in body:
        entry = {"correlation_id": body["correlation_id"], **{
            name: body["input"].get(name) for name in ("received_at", "payload")
        }}  # fmt: skip
        return entry | (stored or {})
    if "detail" in body:
        return {name: body["detail"][name] for name in ("correlation_id", "received_at", "payload")}
    message = body["Records"][0]["Sns"] if "Records" in body else body
    return {"correlation_id": message["MessageId"], "received_at": message["Timestamp"], "payload": message["Message"]}


def stored_payload(dynamodb: DynamoDBClient, body: dict[str, Any]) -> dict[str, Any] | None:
    """The payload of a letter that was too large to carry it, from the audit item that the letter names."""
    place = body.get("payload_stored_in")
    if not place:
        return None
    item = dynamodb.get_item(
        TableName=place["table"],
        Key={"event_id": {"S": place["event_id"]}, "stage": {"S": place["stage"]}},
        ConsistentRead=True,
    ).get("Item", {})
    if "payload" not in item:
        raise Failure(
            f"the payload of {place['event_id']} is not where its dead letter says",
            where=f"table {place['table']}, stage {place['stage']}",
            do="restore the item (runbook: point-in-time restore), then redrive again; the letter stays in its queue",
        )
    return {"payload": gzip.decompress(item["payload"]["B"]).decode()}


def redrive(
    sqs: SQSClient, events: EventBridgeClient, dynamodb: DynamoDBClient, bus_name: str, letters: list[DeadLetter]
) -> int:
    """Put each letter's notification on the bus again, then delete the letter. Returns how many went.

    The correlation id stays, so the functions know the delivery again and do not take it for a duplicate. A letter is
    deleted only after the bus has taken its notification: a redrive that dies half-way may be run again.
    """
    for number, letter in enumerate(letters):
        entry = notification_of(letter.body, stored_payload(dynamodb, letter.body))
        answer = events.put_events(
            Entries=[
                {
                    "EventBusName": bus_name,
                    "Source": "payment-events",
                    "DetailType": "payment-notification",
                    "Detail": json.dumps(entry),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise Failure(
                f"the bus refused a notification ({answer['Entries'][0].get('ErrorCode')}) after {number} redriven",
                where=f"event bus {bus_name}",
                do="run the command again: this letter and those after it are still in their queue",
            )
        sqs.delete_message(QueueUrl=letter.queue_url, ReceiptHandle=letter.receipt)
    return len(letters)
