"""A system as it is deployed: what the commands ask of each, whatever it does."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tools.deploy.target import Target
from tools.livetree import layout
from tools.operations.dead_letters import Letter, Redriven, redrive
from tools.operations.queues import look, read
from tools.operations.trace import Traceable

_deserializer = TypeDeserializer()


class System(Traceable[Letter]):
    """A system of one environment, in the region that is named or in its only one.

    Raises Failure when it has not been applied there.
    """

    letter_type: type[Letter]

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
        """Where events come in, by what it is: an ARN or a URL, as clients of this target use it."""

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """What a person looks for: [(what it is, its address)], from the front door to the logs."""
        functions = {name: function["name"] for name, function in self.service["functions"].items()}
        queues = {name: queue["url"] for name, queue in self.service.get("queues", {}).items()}
        return [
            *self.front_door.items(),
            *((f"function {name}", address) for name, address in functions.items()),
            ("table", self.data["table"]["name"]),
            *((f"queue {name}", address) for name, address in queues.items()),
            *((f"dead letters {name}", address) for name, address in self.dead_letter_queues.items()),
            *((f"log {name}", address) for name, address in self.log_groups.items()),
        ]

    @abstractmethod
    def standing(self) -> Counter[tuple[str, str]]:
        """How many items of the table are of each kind and status."""

    @abstractmethod
    def send_again(self, letters: Sequence[Letter]) -> Iterable[Letter]:
        """Put what at most ten letters of one queue carry on its way again, and name each once that was taken."""

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item of the system's table."""
        pages = self.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.data["table"]["name"], ConsistentRead=True):
            yield from map(plain, page["Items"])

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


def plain(item: dict[str, Any]) -> dict[str, Any]:
    """A DynamoDB item without its type names: {"at": {"S": "..."}} becomes {"at": "..."}."""
    return {name: _deserializer.deserialize(value) for name, value in item.items()}
