"""webhooks as it is deployed: its API, its event table, its queues, and the secret that senders sign with."""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import urllib3
from botocore.exceptions import ClientError

from functions.webhooks.logic.signatures import sign
from tools.deploy.target import Target
from tools.operations.event_letters import ROUTER, EventLetter
from tools.operations.queues import READING_S, Message, at_once, delete, in_batches, receive, send
from tools.operations.system import System

# RFC 2104 wants a key at least as long as the hash; twice that, as text.
SECRET_BYTES: Final = 48


@dataclass(frozen=True)
class Answer:
    """What the API answered: status, JSON document, and headers, whose names are found in either case."""

    status: int
    body: Any
    headers: Mapping[str, str]


class Webhooks(System[EventLetter]):
    name = "webhooks"
    letter_type = EventLetter

    def __init__(self, target: Target, region: str | None = None) -> None:
        super().__init__(target, region)
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
        manager, arn = self.client("secretsmanager"), self.data["signing_secret"]["arn"]
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
        self.client("secretsmanager").put_secret_value(
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
        return Answer(answer.status, document, answer.headers)

    def post_signed(self, body: bytes, secret: str, at: float | None = None) -> Answer:
        """Post a body as a provider does: signed with a secret, at a time in Unix seconds (now)."""
        timestamp = str(int(time.time() if at is None else at))
        signature = sign(body, timestamp, secret.encode())
        return self.post(body, {"X-Webhook-Timestamp": timestamp, "X-Webhook-Signature": f"v1={signature}"})

    def consume(self) -> list[Message]:
        """Take the messages out of the queues, as their consumers do.

        Only looked at, they would be dead letters after the third look (WHK-21: `maxReceiveCount` 3).
        """
        return [message for taken in at_once(self._consume, self.service["queues"].values()) for message in taken]

    def _consume(self, queue: Mapping[str, Any]) -> list[Message]:
        sqs, taken = self.client("sqs"), list[Message]()
        while received := receive(sqs, queue["url"], READING_S):
            delete(sqs, received)
            taken += received
        return taken

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: the router's, and one of the queue of each type of event."""
        queues = {type_: queue["dead_letters"]["url"] for type_, queue in self.service["queues"].items()}
        return {ROUTER: self.service["functions"][ROUTER]["dead_letters"]["url"]} | queues

    def standing(self) -> Counter[tuple[str, str]]:
        """How many events of the event table are of each type and status."""
        return Counter((item["transaction_type"], item["status"]) for item in self.items())

    def send_again(self, letters: Sequence[EventLetter]) -> Iterator[EventLetter]:
        """Bring what letters carry to its consumer again: by the router, or back into the queue that it came from.

        A consumer deduplicates on the message attribute `event_id`, so that an event may come twice.
        """
        functions, router = self.client("lambda"), self.service["functions"][ROUTER]["name"]
        for letter in letters:
            if letter.hand_over:
                answer = functions.invoke(
                    FunctionName=router, InvocationType="Event", Payload=json.dumps(letter.hand_over)
                )
                answer["Payload"].read()  # empty, but until it is read the connection serves no other letter
                yield letter
        queues = {queue["dead_letters"]["url"]: queue["url"] for queue in self.service["queues"].values()}
        returned = [letter for letter in letters if not letter.hand_over]
        for batch in in_batches(returned, size=lambda letter: letter.message.size):
            sent = send(self.client("sqs"), queues[batch[0].message.queue_url], [each.message for each in batch])
            yield from (letter for letter in batch if letter.message in sent)
