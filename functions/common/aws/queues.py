"""SQS queues that functions write to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.common.aws.clients import transient_errors
from functions.common.dead_letters import DeadLetter

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


class DeadLetterQueue:
    def __init__(self, client: SQSClient, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, letter: DeadLetter) -> None:
        """Raises TransientError."""
        with transient_errors("sending a dead letter"):
            self._client.send_message(QueueUrl=self._url, MessageBody=letter.encode())
