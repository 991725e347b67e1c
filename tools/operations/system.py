"""A deployed system: what the commands need from each."""

from __future__ import annotations

import heapq
from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

from boto3.dynamodb.types import TypeDeserializer

from functions.common.status_shards import status_shards
from functions.common.timestamps import to_text
from tools.deploy.target import Target
from tools.livetree import layout
from tools.measures import table
from tools.operations.dead_letters import Letter, Redriven, redrive
from tools.operations.queues import at_once, look, read
from tools.operations.trace import Traceable

_deserializer = TypeDeserializer()


class System(Traceable[Letter]):
    """A system of one environment, in the region that is named or in its only one.

    Raises Failure when it has not been applied there.
    """

    def __init__(self, target: Target, region: str | None = None) -> None:
        self.target = target
        self.region = layout.region(target.environment, self.name, region)
        self.data = self.outputs("data")
        self.service = self.outputs("service")

    def client(self, service: str) -> Any:
        """A boto3 client that acts where the system runs."""
        return self.target.client(service, self.region)

    def outputs(self, unit: str, system: str | None = None) -> dict[str, Any]:
        """The outputs of one of the system's units, or of another system's unit beside it."""
        return self.target.outputs(layout.Place(self.target.environment, self.region, system or self.name, unit))

    @property
    @abstractmethod
    def dead_letter_queues(self) -> Mapping[str, str]:
        """URLs of the dead-letter queues by the name of what they belong to."""

    @property
    @abstractmethod
    def front_door(self) -> Mapping[str, str]:
        """Where events come in: {what it is: the ARN or URL that clients of this target use}."""

    @property
    @abstractmethod
    def tables(self) -> Mapping[str, str]:
        """Names of the tables by what they are called: {"table": name}."""

    @abstractmethod
    def status(self, since: datetime) -> Iterator[str]:
        """Lines for a person: what was recorded since a time, and what went wrong."""

    @property
    def log_groups(self) -> dict[str, str]:
        return {name: function["log_group"]["name"] for name, function in self.service["functions"].items()}

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """What a person looks for: [(what it is, its address)], from the front door to the logs."""
        functions = {name: function["name"] for name, function in self.service["functions"].items()}
        queues = {name: queue["url"] for name, queue in self.service.get("queues", {}).items()}
        return [
            *self.front_door.items(),
            *((f"function {name}", address) for name, address in functions.items()),
            *self.tables.items(),
            *((f"queue {name}", address) for name, address in queues.items()),
            *((f"dead letters {name}", address) for name, address in self.dead_letter_queues.items()),
            *((f"log {name}", address) for name, address in self.log_groups.items()),
        ]


class LetterSystem(System[Letter]):
    """A system that keeps what went wrong in dead-letter queues, until somebody redrives it."""

    letter_type: type[Letter]
    # Which letters `send_again` leaves out, and what to do about them.
    left_out: ClassVar[tuple[str, str]]

    @abstractmethod
    def send_again(self, letters: Sequence[Letter]) -> Iterable[Letter]:
        """Send again what at most ten letters of one queue carry; yields each letter once its content was taken."""

    def redrive(self, queue: str, chosen: Callable[[Letter], bool] = lambda _: True) -> Redriven:
        """Send what the chosen letters of a dead-letter queue carry on its way again, and delete them."""
        sqs = self.client("sqs")
        with closing(read(sqs, self.dead_letter_queues[queue])) as messages:
            return redrive(sqs, map(self.letter_type, messages), self.send_again, chosen)

    def letters(self, *queues: str) -> list[Letter]:
        """The letters of some dead-letter queues, of all by default; they stay there and stay visible."""
        urls = [self.dead_letter_queues[name] for name in queues or self.dead_letter_queues]
        return [self.letter_type(message) for message in look(self.client("sqs"), urls)]

    def letters_by_queue(self) -> list[tuple[str, Letter]]:
        names = {url: name for name, url in self.dead_letter_queues.items()}
        return [(names[letter.message.queue_url], letter) for letter in self.letters()]

    def status_of_letters(self) -> Iterator[str]:
        """Of each dead-letter queue its letters by error."""
        letters: dict[str, Counter[str]] = defaultdict(Counter)
        for queue, letter in self.letters_by_queue():
            letters[queue][letter.error] += 1
        for queue, errors in sorted(letters.items()):
            counted = ", ".join(f"{number} {error}" for error, number in sorted(errors.items()))
            yield f"dead letters of {queue}: {counted}"


class EventSystem(LetterSystem[Letter]):
    """A system that records each event in one table."""

    # Of an item of the table: which statuses it may have, and under which attributes its kind and its time are.
    statuses: ClassVar[Sequence[str]]
    kind: ClassVar[str]
    at: ClassVar[str]

    @property
    def tables(self) -> Mapping[str, str]:
        return {"table": self.data["table"]["name"]}

    def status(self, since: datetime) -> Iterator[str]:
        """How many items of which kind and status, and of each dead-letter queue its letters by error."""
        rows = [(what, status, number) for (what, status), number in sorted(self.standing(since).items())]
        yield from table(rows, left=2)
        yield from self.status_of_letters()

    def standing(self, since: datetime) -> Counter[tuple[str, str]]:
        """Count the items written since a time by kind and status, with the table's index."""

        def count(shard: str) -> Counter[tuple[str, str]]:
            items = self.of_shard(shard, to_text(since), ProjectionExpression="#kind, #status")
            return Counter((item[self.kind], item["status"]) for item in items)

        shards = [shard for status in self.statuses for shard in status_shards(status)]
        return sum(at_once(count, shards), start=Counter())

    def of_status(self, status: str, start: str, end: str) -> Iterator[dict[str, Any]]:
        """The items of a status between two times (ISO 8601, UTC), the oldest first."""
        return heapq.merge(
            *(self.of_shard(shard, start, end) for shard in status_shards(status)), key=itemgetter(self.at)
        )

    def of_shard(self, shard: str, start: str, end: str = "9999", **more: Any) -> Iterator[dict[str, Any]]:
        """The items of one partition of the index between two times, the oldest first."""
        names = {"#at": self.at} | ({"#kind": self.kind, "#status": "status"} if more else {})
        pages = self.client("dynamodb").get_paginator("query")
        for page in pages.paginate(
            TableName=self.data["table"]["name"],
            IndexName="status-at-index",
            KeyConditionExpression="status_shard = :shard AND #at BETWEEN :start AND :end",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={":shard": {"S": shard}, ":start": {"S": start}, ":end": {"S": end}},
            **more,
        ):
            yield from map(plain, page["Items"])

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item of the system's table."""
        pages = self.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.data["table"]["name"], ConsistentRead=True):
            yield from map(plain, page["Items"])


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """A DynamoDB item without its type names: {"at": {"S": "..."}} becomes {"at": "..."}."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}
