"""One queue of SQS with a clock of its own: it answers as several servers do, and forgets no visibility."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

BEGINNING = 1_800_000_000.0


@dataclass
class Stored:
    id: str
    body: str
    sent_at: float
    visible_at: float = 0.0
    receipt: str = ""
    receives: int = 0


class FakeSqs:
    """A queue with these bodies. `call_s` passes with every call; `on_receive` is called before each receive.

    A receive that does not wait leaves out a part of the messages; one that waits sees them all, but comes with fewer
    than it might, as on AWS.
    """

    def __init__(self, *bodies: str, call_s: float = 0.1) -> None:
        self.now = BEGINNING
        self.calls: list[str] = []
        self.messages = [Stored(str(number), body, BEGINNING - 60) for number, body in enumerate(bodies)]
        self.call_s = call_s
        self.on_receive: Callable[[], object] = lambda: None
        self._random = random.Random(1)  # noqa: S311 -- a test's order

    @property
    def client(self) -> Any:
        names = ("receive_message", "delete_message_batch", "change_message_visibility_batch", "send_message_batch")
        return SimpleNamespace(**{name: getattr(self, f"_{name}") for name in names})

    def put(self, body: str) -> None:
        self.messages.append(Stored(f"later-{len(self.calls)}-{len(self.messages)}", body, self.now))

    def visible(self) -> list[Stored]:
        return [message for message in self.messages if message.visible_at <= self.now]

    def _call(self, name: str) -> None:
        self.calls.append(name)
        self.now += self.call_s

    def _receive_message(self, **wanted: Any) -> dict[str, Any]:
        self._call("receive")
        self.on_receive()
        found = self.visible()
        self._random.shuffle(found)
        if not wanted["WaitTimeSeconds"]:
            found = found[: len(found) // 2]
        elif not found:
            self.now += wanted["WaitTimeSeconds"]
        found = found[: min(self._random.randint(5, 10), wanted["MaxNumberOfMessages"])]
        for message in found:
            message.visible_at = self.now + wanted["VisibilityTimeout"]
            message.receives += 1
            message.receipt = f"{message.id}/{message.receives}"
        return {
            "Messages": [
                {
                    "MessageId": message.id,
                    "Body": message.body,
                    "ReceiptHandle": message.receipt,
                    "Attributes": {"SentTimestamp": str(int(message.sent_at * 1000))},
                }
                for message in found
            ],
            "ResponseMetadata": {"HTTPHeaders": {"date": formatdate(self.now, usegmt=True)}},
        }

    def _held(self, entries: list[dict[str, Any]]) -> tuple[list[Stored], list[dict[str, str]]]:
        """The messages whose newest receipt is given, and the refusals of the others."""
        assert 0 < len(entries) <= 10
        by_receipt = {message.receipt: message for message in self.messages}
        held = [by_receipt[entry["ReceiptHandle"]] for entry in entries if entry["ReceiptHandle"] in by_receipt]
        gone = [entry for entry in entries if entry["ReceiptHandle"] not in by_receipt]
        return held, [{"Id": entry["Id"], "Code": "ReceiptHandleIsInvalid"} for entry in gone]

    def _delete_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._call("delete")
        held, failed = self._held(Entries)
        self.messages = [message for message in self.messages if message not in held]
        return {"Failed": failed}

    def _change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._call("release")
        held, failed = self._held(Entries)
        for message in held:
            message.visible_at = self.now
        return {"Failed": failed}

    def _send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        self._call("send")
        assert 0 < len(Entries) <= 10
        for entry in Entries:
            self.put(entry["MessageBody"])
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}
