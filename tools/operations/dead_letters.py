"""Dead letters of any system: reading them, and sending again what they carry (EVT-25)."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from tools.operations.queues import Message, delete, in_batches, release

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
        """The error's name; UNREADABLE if its system did not write the letter."""


Letter = TypeVar("Letter", bound=DeadLetter)


@dataclass
class Redriven:
    """How many letters went, by step and error, and how many stay: they cannot be read, or were left out."""

    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: int = 0
    left_out: int = 0


def redrive(
    sqs: SQSClient,
    letters: Iterable[Letter],
    send_again: Callable[[Sequence[Letter]], Iterable[Letter]],
    chosen: Callable[[Letter], bool] = lambda _: True,
) -> Redriven:
    """Send what each chosen letter carries again, ten at a time, and delete them; the others become visible again.

    `send_again` yields each letter once its content was taken, and only then is the letter deleted. So a redrive that
    stops half-way can be run again. A letter that its system did not write stays, and one that `send_again` leaves out.
    """
    result, kept = Redriven(), list[Message]()

    def readable() -> Iterator[Letter]:
        for letter in letters:
            if chosen(letter) and letter.error != UNREADABLE:
                yield letter
                continue
            kept.append(letter.message)
            result.unreadable += letter.error == UNREADABLE

    try:
        for batch in in_batches(readable()):
            taken: list[Letter] = []
            try:
                taken.extend(send_again(batch))
                result.left_out += len(batch) - len(taken)
            finally:
                delete(sqs, [letter.message for letter in taken])
                release(sqs, [letter.message for letter in batch if letter not in taken])
                result.sent.update((letter.step, letter.error) for letter in taken)
    finally:
        release(sqs, kept)
    return result
