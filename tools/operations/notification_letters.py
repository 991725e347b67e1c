"""Dead letters of payment-events, and the notification in each (EVT-25)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from functions.payment_events.logic.notifications import read_notification
from functions.payment_events.logic.sizes import MAXIMUM_WORKFLOW_BYTES, workflow_bytes
from functions.payment_events.logic.workflow import DETAIL_TYPE, EVENT_SOURCE, Notification
from tools.errors import Failure
from tools.operations.dead_letters import UNREADABLE, DeadLetter
from tools.operations.queues import in_batches

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient


class NotificationLetter(DeadLetter):
    @cached_property
    def notification(self) -> dict[str, Any] | None:
        """What `notification_of` returns; None for a letter of another form, or an event that is no notification."""
        try:
            return None if self.is_of_no_route else notification_of(self.body, None)
        except (AttributeError, IndexError, KeyError, TypeError):
            return None

    @property
    def is_of_no_route(self) -> bool:
        """Whether it holds an event that matches no route, and that EventBridge could not write to the log group."""
        if not isinstance(self.body, dict) or not {"source", "detail-type", "detail"} <= self.body.keys():
            return False
        return (self.body["source"], self.body["detail-type"]) != (EVENT_SOURCE, DETAIL_TYPE)

    @property
    def correlation_id(self) -> str | None:
        """The SNS message id of the letter's notification, for each of the four writers of letters."""
        return self.notification["correlation_id"] if self.notification else None

    @property
    def error(self) -> str:
        """ "undelivered" where AWS itself gave up delivering."""
        if self.is_of_no_route:
            return "undelivered"
        return str(self.body.get("error", "undelivered")) if self.notification else UNREADABLE

    @property
    def step(self) -> str:
        return str(self.body.get("step", "delivery")) if isinstance(self.body, dict) else "unknown"

    def entry(self, dynamodb: DynamoDBClient) -> dict[str, str]:
        """What puts it on the bus again: {"Source", "DetailType", "Detail"}; an event of no route as it was."""
        if self.is_of_no_route:
            source, detail_type, detail = (self.body[name] for name in ("source", "detail-type", "detail"))
        else:
            source, detail_type = EVENT_SOURCE, DETAIL_TYPE
            detail = notification_of(self.body, stored_payload(dynamodb, self.body))
        return {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}


def notification_of(body: dict[str, Any], stored: dict[str, Any] | None) -> dict[str, Any]:
    """The entry for the bus that a dead letter carries: {"correlation_id", "received_at", "payload"}.

    Four writers, four shapes: the functions and the workflow (docs/architecture.md, "A dead letter"); EventBridge, with
    its event, or with the part of it that the rule passes on, which is the entry itself (the page does not say which:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html); SNS, with its own message
    (https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html); Lambda, with the function's event
    (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). `stored` is the letter's
    payload if the letter only says where it is.
    """
    if "step" in body:
        entry = {"correlation_id": body["correlation_id"], **{
            name: body["input"].get(name) for name in ("received_at", "payload")
        }}  # fmt: skip
        return entry | (stored or {})
    detail = body.get("detail", body)
    if "payload" in detail:
        return {name: detail[name] for name in Notification.__struct_fields__}
    message = body["Records"][0]["Sns"] if "Records" in body else body
    return {"correlation_id": message["MessageId"], "received_at": message["Timestamp"], "payload": message["Message"]}


def stored_payload(dynamodb: DynamoDBClient, body: dict[str, Any]) -> dict[str, Any] | None:
    """The payload that was too large for its letter, from the audit item that the letter names."""
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
            do="restore the item (point-in-time recovery), then redrive again; the letter stays in its queue",
        )
    return {"payload": gzip.decompress(item["payload"]["B"]).decode()}


def put_on_bus(
    events: EventBridgeClient, dynamodb: DynamoDBClient, bus_name: str, letters: Iterable[NotificationLetter]
) -> Iterator[NotificationLetter]:
    """Put the notifications of letters on the bus again. Yields each letter whose notification the bus took.

    The correlation id stays the same, so the functions recognise the delivery and do not treat it as a duplicate. A
    notification that is too large for the workflow is left out: its execution would fail without a dead letter. Raises
    Failure for what the bus refuses, after it has yielded the others of the same call.
    """
    each = ((letter, letter.entry(dynamodb)) for letter in letters)
    entries = ((letter, entry) for letter, entry in each if letter.is_of_no_route or _fits(entry["Detail"]))
    for batch in in_batches(entries, size=lambda each: sum(len(text.encode()) for text in each[1].values())):
        named: Any = [{"EventBusName": bus_name, **entry} for _, entry in batch]
        answer = events.put_events(Entries=named)
        refusals = [entry.get("ErrorCode") for entry in answer["Entries"]]
        yield from (letter for (letter, _), refusal in zip(batch, refusals, strict=True) if refusal is None)
        if refused := sorted({refusal for refusal in refusals if refusal is not None}):
            raise Failure(
                f"the bus refused {answer['FailedEntryCount']} notifications ({', '.join(refused)})",
                where=f"event bus {bus_name}",
                do="run the command again: their letters and those after them are still in their queue",
            )


def _fits(detail: str) -> bool:
    notification = Notification(**json.loads(detail))
    return workflow_bytes(notification, read_notification(notification.payload)) <= MAXIMUM_WORKFLOW_BYTES
