"""The deployed webhooks system: its API, event table and queues, and the secret that senders sign with."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import ClientError

from functions.webhooks.logic.handover import Status
from functions.webhooks.logic.signatures import sign
from tools.deploy.target import Target
from tools.operations.event_letters import ROUTER, EventLetter
from tools.operations.logs import Line
from tools.operations.queues import READING_S, WAIT_S, Message, at_once, delete, in_batches, receive, send
from tools.operations.rest_api import ACCESS, FIREWALL, Answer, RestApi, describe_request, request_id
from tools.operations.system import EventSystem, plain
from tools.operations.trace import Entry, Found, Subject, Verdict

# RFC 2104 wants a key at least as long as the hash; twice that, as text.
SECRET_BYTES: Final = 48

PATH: Final = "/webhook"


def signature_headers(body: bytes, secret: str, at: float | None = None) -> dict[str, str]:
    """What a provider adds to a body: when it was signed, in Unix seconds (now), and the signature."""
    timestamp = str(int(time.time() if at is None else at))
    return {
        "X-Webhook-Timestamp": timestamp,
        "X-Webhook-Signature": f"v1={sign(body, timestamp, secret.encode())}",
    }


def example(kind: str) -> dict[str, Any]:
    """An event of a type ("payment") that nobody has sent yet."""
    now = datetime.now(UTC)
    return {
        "event_id": f"example-{secrets.token_hex(8)}",
        "transaction_type": kind,
        "amount": 149.9,
        "timestamp": now.isoformat(timespec="milliseconds"),
    }


class Webhooks(EventSystem[EventLetter]):
    name = "webhooks"
    letter_type = EventLetter
    left_out = ("a queue did not take some of the messages", "run the command again: they are still where they were")
    statuses = tuple(Status)
    kind = "transaction_type"
    at = "received_at"

    def __init__(self, target: Target, region: str | None = None) -> None:
        super().__init__(target, region)
        self.api = RestApi(target, self.service)

    @property
    def url(self) -> str:
        """The URL that providers post to."""
        return f"{self.api.url}{PATH}"

    def current_secret(self) -> str | None:
        """The signing secret, or None if none has been made."""
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
        return self.api.request("POST", PATH, body, {"Content-Type": "application/json", **(headers or {})})

    def post_signed(self, body: bytes, secret: str, at: float | None = None) -> Answer:
        """Post a body as a provider does: signed with a secret, at a time in Unix seconds (now)."""
        return self.post(body, signature_headers(body, secret, at))

    def consume(self, wait_s: int = WAIT_S) -> list[Message]:
        """Take the messages out of the queues, as their consumers do: all, or without a wait what is found at once.

        Only looked at, they would be dead letters after the third look (WHK-21: `maxReceiveCount` 3).
        """
        urls = [queue["url"] for queue in self.service["queues"].values()]
        return [message for taken in at_once(lambda url: self._consume(url, wait_s), urls) for message in taken]

    def _consume(self, queue_url: str, wait_s: int) -> list[Message]:
        sqs, taken = self.client("sqs"), list[Message]()
        while received := receive(sqs, queue_url, READING_S, wait_s):
            delete(sqs, received)
            taken += received
        return taken

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: the router's, and one of the queue of each type of event."""
        queues = {type_: queue["dead_letters"]["url"] for type_, queue in self.service["queues"].items()}
        return {ROUTER: self.service["functions"][ROUTER]["dead_letters"]["url"]} | queues

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

    @property
    def front_door(self) -> dict[str, str]:
        return {"API": self.url, "signing secret": self.data["signing_secret"]["arn"]}

    @property
    def log_groups(self) -> dict[str, str]:
        return super().log_groups | self.api.log_groups

    def find(self, identifier: str) -> Subject:
        """Look for an `event_id` in the table; the item names the delivery that recorded it."""
        item = self.record(identifier)
        return Subject(frozenset({identifier}), frozenset({item["correlation_id"]})) if item else Subject()

    def record(self, event_id: str) -> dict[str, Any]:
        """The item of an event; empty if there is none."""
        answer = self.client("dynamodb").get_item(
            TableName=self.data["table"]["name"], Key={"event_id": {"S": event_id}}, ConsistentRead=True
        )
        return plain(answer.get("Item", {}))

    def recorded(self, subject: Subject) -> list[Entry]:
        entries = []
        for item in filter(None, map(self.record, subject.events)):
            by = f"by delivery {item['correlation_id']}"
            entries.append(Entry(datetime.fromisoformat(item["received_at"]), "event table", f"RECEIVED {by}"))
            if handed_over_at := item.get("handed_over_at"):
                entries.append(
                    Entry(datetime.fromisoformat(handed_over_at), "event table", "HANDED_OVER to the router")
                )
        return entries

    def carried(self, letter: EventLetter) -> Subject:
        delivery = (letter.hand_over or letter.message.attributes).get("correlation_id")
        return Subject(frozenset(filter(None, [letter.event_id])), frozenset(filter(None, [delivery])))

    def told(self, line: Line) -> Subject:
        fields = line.fields
        delivery = request_id(line) if line.group in (ACCESS, FIREWALL) else fields.get("correlation_id")
        return Subject(frozenset(filter(None, [fields.get("event_id")])), frozenset(filter(None, [delivery])))

    def describe(self, line: Line) -> Entry | None:
        return describe_request(line)

    def verdicts(self, found: Found[EventLetter]) -> list[Verdict]:
        return [self._verdict_on(event, found) for event in sorted(found.subject.events)] or [_refusal(found)]

    def _verdict_on(self, event: str, found: Found[EventLetter]) -> Verdict:
        item = self.record(event)
        if letters := [each for each in found.letters if each[1].event_id == event]:
            name, letter = max(letters, key=lambda each: each[1].message.sent_at)
            return Verdict(
                f"{event} is dead-lettered by the {letter.step} ({letter.error}): fix the cause, then redrive",
                self.command(f"system redrive {self.name} --queue {name}"),
            )
        if not item:
            return Verdict(f"{event} is not recorded: no delivery of it was accepted, or its record has expired")
        if item["status"] == Status.RECEIVED:
            if int(item["lease_until"]) / 1000 > time.time():
                return Verdict(f"a delivery is handing {event} over at this moment; look again")
            return Verdict(
                f"{event} waits for the provider's next attempt: it was recorded but not handed over, and no "
                "delivery of it got 200"
            )
        queue = self.service["queues"][item["transaction_type"]]
        routed = max((line.at for line in found.lines if line.fields.get("message") == "routed"), default=None)
        if routed is None:
            return Verdict(f"{event} is handed over, but the router has not logged yet that it routed it: look again")
        waiting = self._depth(queue["url"])
        return Verdict(
            f"{event} was routed to {queue['name']} at {routed:%H:%M:%S}, "
            + (
                f"and waits there or was taken: the queue has about {waiting} messages, for its consumer only"
                if waiting
                else "and was taken by its consumer: the queue is empty"
            )
        )

    def _depth(self, queue_url: str) -> int:
        """About how many messages a queue holds, including those that a consumer is processing."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)
        return sum(int(number) for number in attributes["Attributes"].values())


def _refusal(found: Found[EventLetter]) -> Verdict:
    codes = [line.fields["codes"] for line in found.lines if line.fields.get("codes")]
    if codes:
        return Verdict(f"the request was refused ({', '.join(codes[-1])}), and the sender knows: nothing is recorded")
    return Verdict("the logs have the request but no event: it was refused before its body was read")
