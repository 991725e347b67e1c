"""SQS queues that functions write to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from functions.common.aws.attempts import Attempts
from functions.common.aws.clients import transient_errors
from functions.common.batching import in_batches
from functions.common.dead_letters import DeadLetter
from functions.common.messages import MAXIMUM_MESSAGE_BYTES

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# As many messages as one call takes, which together are no larger than one may be (SendMessageBatch).
MESSAGES_AT_ONCE: Final = 10


class Queue:
    def __init__(self, client: SQSClient, url: str, pause: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._url = url
        self._pause = pause

    def send(self, body: str, attributes: Mapping[str, str] | None = None) -> None:
        """Raises TransientError. The message may have been sent all the same: a response can be lost on its way."""
        with transient_errors(self._sending):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
                },
            )

    def send_all(self, bodies: Sequence[str]) -> None:
        """Send any number of messages. Raises TransientError, after which some are sent and some are not."""
        batches = in_batches(
            bodies,
            lambda body: len(body.encode()),
            maximum_items=MESSAGES_AT_ONCE,
            maximum_bytes=MAXIMUM_MESSAGE_BYTES,
        )
        for batch in batches:
            left, attempts = batch, Attempts(self._pause)
            while left := self._send_batch(left):
                attempts.failed(f"{self._sending}: {len(left)} of {len(batch)} messages were not taken")

    def _send_batch(self, bodies: Sequence[str]) -> list[str]:
        """Returns those that the queue did not take. Raises ValueError for one that it will never take."""
        with transient_errors(self._sending):
            sent = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)],
            )
        failed = sent.get("Failed", [])
        if refused := sorted({each["Code"] for each in failed if each["SenderFault"]}):
            raise ValueError(f"{self._sending}: {', '.join(refused)}")
        return [bodies[int(each["Id"])] for each in failed]

    @property
    def _sending(self) -> str:
        return f"sending to {self._url.rpartition('/')[2]}"


class DeadLetterQueue:
    def __init__(self, client: SQSClient, url: str) -> None:
        self._queue = Queue(client, url)

    def send(self, letter: DeadLetter) -> None:
        """Raises TransientError."""
        self._queue.send(letter.encode())
