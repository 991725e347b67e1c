"""The router, invoked asynchronously: Lambda keeps the event, tries three times, and then makes it a dead letter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.common.aws.clients import transient_errors
from functions.webhooks.logic.handover import HandOver

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient


class RouterFunction:
    def __init__(self, client: LambdaClient, name: str) -> None:
        self._client = client
        self._name = name

    def invoke(self, hand_over: HandOver) -> None:
        """Raises TransientError. The router may have been invoked all the same: a response can be lost on its way."""
        with transient_errors("invoking the router"):
            answer = self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=hand_over.encode())
            # Empty, but a stream: until it is read, the next call opens another connection and TLS session.
            answer["Payload"].read()
