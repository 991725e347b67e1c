"""webhooks as it is deployed: its API, its event table, its queues, and the secret that senders sign with."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import urllib3
from botocore.exceptions import ClientError

from functions.webhooks.logic.signatures import sign
from tools.deploy.target import Target
from tools.operations.payment_events import plain
from tools.operations.queues import Message, read, release

SYSTEM: Final = "webhooks"
# RFC 2104 wants a key at least as long as the hash; twice that, as text.
SECRET_BYTES: Final = 48


@dataclass(frozen=True)
class Answer:
    """What the API answered: status and JSON document."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Webhooks:
    """The system of one environment. Raises Failure when it has not been applied."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.data = target.outputs(SYSTEM, "data")
        self.service = target.outputs(SYSTEM, "service")
        self._http = urllib3.PoolManager(maxsize=32, block=True, retries=False, timeout=60)

    @cached_property
    def url(self) -> str:
        """Where providers post to; on the emulator its own address stands in for the API's host name."""
        if not self.target.emulator:
            return str(self.service["api_endpoint"])
        api = self.service["api"]
        return f"{self.target.emulator.endpoint}/restapis/{api['id']}/{api['stage_name']}/_user_request_/webhook"

    def current_secret(self) -> str | None:
        """The signing secret, or None while none was made."""
        manager, arn = self.target.client("secretsmanager"), self.data["signing_secret"]["arn"]
        try:
            return str(json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])["current"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return None

    def rotate_secret(self) -> str:
        """Make a new signing secret and keep the one before as `previous`; returns the new one.

        Terraform makes only the container, so no value is ever in a plan or a state.
        """
        value = {"current": secrets.token_urlsafe(SECRET_BYTES), "previous": self.current_secret()}
        self.target.client("secretsmanager").put_secret_value(
            SecretId=self.data["signing_secret"]["arn"], SecretString=json.dumps(value)
        )
        return str(value["current"])

    def post(self, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Post a body as it is."""
        answer = self._http.request(
            "POST", self.url, body=body, headers={"Content-Type": "application/json", **(headers or {})}
        )
        try:
            document = json.loads(answer.data)
        except ValueError:
            document = None
        return Answer(answer.status, document, dict(answer.headers))

    def post_signed(self, body: bytes, secret: str, at: float | None = None) -> Answer:
        """Post a body as a provider does: signed with a secret, at a time in Unix seconds (now)."""
        timestamp = str(int(time.time() if at is None else at))
        signature = sign(body, timestamp, secret.encode())
        return self.post(body, {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": f"v1={signature}"})

    def items(self) -> Iterator[dict[str, Any]]:
        """Every item of the event table."""
        pages = self.target.client("dynamodb").get_paginator("scan")
        for page in pages.paginate(TableName=self.data["table"]["name"], ConsistentRead=True):
            yield from map(plain, page["Items"])

    def consume(self) -> list[Message]:
        """Take the messages out of the three queues, as their consumers do.

        Only looked at, they would be dead letters after the third look (WHK-21: `maxReceiveCount` 3).
        """
        sqs = self.target.client("sqs")
        taken = [message for queue in self.service["queues"].values() for message in read(sqs, queue["url"])]
        for message in taken:
            sqs.delete_message(QueueUrl=message.queue_url, ReceiptHandle=message.receipt)
        return taken

    def dead_letters(self) -> list[Message]:
        """The messages of the queues' and the router's dead-letter queues; they stay there."""
        router = self.service["functions"]["event-router"]["dead_letters"]["url"]
        urls = [router, *(queue["dead_letters"]["url"] for queue in self.service["queues"].values())]
        sqs = self.target.client("sqs")
        found = [message for url in urls for message in read(sqs, url)]
        release(sqs, found)
        return found
