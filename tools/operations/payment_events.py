"""payment-events as it is deployed: its front door, and everywhere that an event can come to rest."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from operator import itemgetter
from typing import Any

from functions.payment_events.logic.audit import STATUS_SHARDS, Status
from tools.operations.drills import reserved_concurrency
from tools.operations.notification_letters import NotificationLetter, put_on_bus
from tools.operations.system import System, plain


class PaymentEvents(System[NotificationLetter]):
    name = "payment-events"
    letter_type = NotificationLetter

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: one a function, one of the subscription, one of each rule, one of
        the bus for what it could not encrypt.
        """
        functions = {name: function["dead_letters"]["url"] for name, function in self.service["functions"].items()}
        rules = {f"rule:{name}": route["dead_letters"]["url"] for name, route in self.service["bus"]["routes"].items()}
        return (
            functions
            | rules
            | {
                "bus": self.service["bus"]["dead_letters"]["url"],
                "subscription": self.service["topic"]["dead_letters"]["url"],
            }
        )

    def publish(self, text: str) -> str:
        """Send a notification to the topic; returns its message id, the correlation id from there on."""
        answer = self.client("sns").publish(TopicArn=self.service["topic"]["arn"], Message=text)
        return str(answer["MessageId"])

    def stages(self, event_id: str) -> dict[str, dict[str, Any]]:
        """The audit items of one event by stage: one query."""
        answer = self.client("dynamodb").query(
            TableName=self.data["table"]["name"],
            KeyConditionExpression="event_id = :id",
            ExpressionAttributeValues={":id": {"S": event_id}},
            ConsistentRead=True,
        )
        return {item["stage"]: item for item in map(plain, answer["Items"])}

    def of_status(self, status: Status, start: str, end: str) -> Iterator[dict[str, Any]]:
        """The audit items of a status between two times (ISO 8601, UTC), the oldest first."""
        shards = [self._of_shard(f"{status.value}#{shard}", start, end) for shard in range(STATUS_SHARDS)]
        return heapq.merge(*shards, key=itemgetter("at"))

    def _of_shard(self, status_shard: str, start: str, end: str) -> Iterator[dict[str, Any]]:
        pages = self.client("dynamodb").get_paginator("query")
        for page in pages.paginate(
            TableName=self.data["table"]["name"],
            IndexName="status-at-index",
            KeyConditionExpression="status_shard = :shard AND #at BETWEEN :start AND :end",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues={":shard": {"S": status_shard}, ":start": {"S": start}, ":end": {"S": end}},
        ):
            yield from map(plain, page["Items"])

    def standing(self) -> Counter[tuple[str, str]]:
        """How many items of the audit table are of each stage and status."""
        return Counter((item["stage"], item["status"]) for item in self.items())

    def send_again(self, letters: Sequence[NotificationLetter]) -> Iterator[NotificationLetter]:
        """Put what letters carry on the bus again."""
        events, dynamodb = self.client("events"), self.client("dynamodb")
        return put_on_bus(events, dynamodb, self.service["bus"]["name"], letters)

    @contextmanager
    def switched_off(self, function: str) -> Iterator[str]:
        """A function that takes no invocation within the block, for a drill; answers its name on AWS."""
        name = str(self.service["functions"][function]["name"])
        with reserved_concurrency(self.client("lambda"), name, 0):
            yield name
