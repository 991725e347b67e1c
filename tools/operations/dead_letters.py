"""Dead letters of any system: reading them, and putting what they carry on its way again (EVT-25)."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from tools.errors import Failure
from tools.operations.queues import Message

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

UNREADABLE = "unreadable"


@dataclass(frozen=True)
class DeadLetter(ABC):
    """A message of a dead-letter queue, read as the JSON that its writer wrote; text where it is none."""

    message: Message

    @cached_property
    def body(self) -> Any:
        try:
            return json.loads(self.message.text)
        except ValueError:
            return self.message.text

    @property
    @abstractmethod
    def step(self) -> str:
        """Where it went wrong."""

    @property
    @abstractmethod
    def error(self) -> str:
        """The error's name; UNREADABLE where the letter is not what its system writes."""


Letter = TypeVar("Letter", bound=DeadLetter)


def redrive(sqs: SQSClient, letters: Iterable[Letter], send_again: Callable[[Letter], None]) -> int:
    """Send what each letter carries again, then delete the letter. Returns how many went.

    A letter is deleted only after its content was taken: a redrive that dies half-way may be run again. Raises Failure
    at a letter that is not what its system writes; it and those after it stay in their queue.
    """
    number = 0
    for letter in letters:
        if letter.error == UNREADABLE:
            raise Failure(
                "a dead letter is not what the system writes, so that nothing can be sent again",
                where=letter.message.queue_url,
                do="redrive the others with `--error <name>`; look at this one in its queue, and delete it there",
            )
        send_again(letter)
        sqs.delete_message(QueueUrl=letter.message.queue_url, ReceiptHandle=letter.message.receipt)
        number += 1
    return number
