"""SQS queues that functions write to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from functions.common.aws.clients import transient_errors
from functions.common.dead_letters import DeadLetter

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class Queue:
    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, body: str, attributes: Mapping[str, str] | None = None) -> None:
        """Raises TransientError. The message may have been sent all the same: a response can be lost on its way."""
        with transient_errors(f"sending to {self._url.rpartition('/')[2]}"):
            self._client.send_message(
                QueueUrl=self._url,
                MessageBody=body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in (attributes or {}).items()
                },
            )


class DeadLetterQueue:
    def __init__(self, client: SQSClient, url: str) -> None:
        self._queue = Queue(client, url)

    def send(self, letter: DeadLetter) -> None:
        """Raises TransientError."""
        self._queue.send(letter.encode())
