"""The deployed payment-events system: its front door, and every place where an event can end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from functions.payment_events.logic.audit import Stage, Status
from functions.payment_events.logic.formats import adyen_events
from functions.payment_events.logic.notifications import read_notification
from tools.operations.drills import reserved_concurrency
from tools.operations.executions import WORKFLOW, describe_step
from tools.operations.logs import Line
from tools.operations.notification_letters import NotificationLetter, put_on_bus
from tools.operations.queues import at_once
from tools.operations.system import EventSystem, plain
from tools.operations.trace import Entry, Found, Subject, Verdict

PROVIDERS: Final = ("stripe", "paypal", "canonical")
PSP_REFERENCE: Final = re.compile(r"[A-Za-z0-9_.-]{1,80}")

# What BatchGetItem takes.
KEYS_A_CALL: Final = 100

# An execution takes at most five minutes, and its event may wait a little before it.
ON_ITS_WAY: Final = timedelta(minutes=6)


class PaymentEvents(EventSystem[NotificationLetter]):
    name = "payment-events"
    letter_type = NotificationLetter
    left_out = (
        "there are notifications that are too large for the workflow: sent again, they would be lost",
        "ask the provider for smaller ones, and delete the letters in their queue; all others were redriven",
    )
    statuses = tuple(Status)
    kind = "stage"
    at = "at"

    @cached_property
    def dead_letter_queues(self) -> dict[str, str]:
        """URLs of the dead-letter queues: one a function, one of the subscription, one of each rule, one of what no
        route takes, and one of the bus for what it could not encrypt.
        """
        functions = {name: function["dead_letters"]["url"] for name, function in self.service["functions"].items()}
        rules = {f"rule:{name}": route["dead_letters"]["url"] for name, route in self.service["bus"]["routes"].items()}
        return (
            functions
            | rules
            | {
                "bus": self.service["bus"]["dead_letters"]["url"],
                "subscription": self.service["topic"]["dead_letters"]["url"],
                "unmatched": self.service["bus"]["unmatched"]["dead_letters"]["url"],
            }
        )

    def publish(self, text: str) -> str:
        """Send a notification to the topic; returns its message id, the correlation id from there on."""
        answer = self.client("sns").publish(TopicArn=self.service["topic"]["arn"], Message=text)
        return str(answer["MessageId"])

    def stages(self, event_id: str) -> dict[str, dict[str, Any]]:
        """The audit items of one event by stage: one query."""
        answer = self.client("dynamodb").query(
            TableName=self.data["table"]["name"],
            KeyConditionExpression="event_id = :id",
            ExpressionAttributeValues={":id": {"S": event_id}},
            ConsistentRead=True,
        )
        return {item["stage"]: item for item in map(plain, answer["Items"])}

    def send_again(self, letters: Sequence[NotificationLetter]) -> Iterator[NotificationLetter]:
        """Put what letters carry on the bus again."""
        events, dynamodb = self.client("events"), self.client("dynamodb")
        return put_on_bus(events, dynamodb, self.service["bus"]["name"], letters)

    @property
    def front_door(self) -> dict[str, str]:
        return {"topic": self.service["topic"]["arn"]}

    @property
    def log_groups(self) -> dict[str, str]:
        return super().log_groups | {
            WORKFLOW: self.service["workflow"]["log_group"]["name"],
            "unmatched": self.service["bus"]["unmatched"]["log_group"]["name"],
        }

    def find(self, identifier: str) -> Subject:
        """An event's id is the platform's (`stripe:evt_1`) or the provider's (`evt_1`, a PSP reference of Adyen)."""
        delivery = identifier.removeprefix("delivery:").removeprefix("unidentified:")
        keys = {identifier, *(f"{provider}:{identifier}" for provider in PROVIDERS), *_keys_of(delivery)}
        items = [item for stages in at_once(self.stages, keys) for item in stages.values()]
        if not items and PSP_REFERENCE.fullmatch(identifier):
            items = self._items_of_adyen(identifier)
        if any(item["event_id"] in _keys_of(delivery) for item in items):
            return Subject(frozenset().union(*map(_events_of, items)), frozenset({delivery}))
        return Subject(
            frozenset(item["event_id"] for item in items), frozenset(item["correlation_id"] for item in items)
        )

    def _items_of_adyen(self, reference: str) -> list[dict[str, Any]]:
        """The items of a PSP reference, a part of an event's id. Ids that hold a time are found in the logs instead."""
        keys = [
            {"event_id": {"S": f"adyen:{code}:{reference}:{success}"}, "stage": {"S": stage}}
            for code in (*adyen_events.EVENTS, *adyen_events.EITHER, *adyen_events.NOT_PAYMENTS)
            for success in ("true", "false")
            for stage in (Stage.TRIGGER, Stage.VALIDATOR)
        ]
        dynamodb, table = self.client("dynamodb"), self.data["table"]["name"]
        items: list[dict[str, Any]] = []
        for start in range(0, len(keys), KEYS_A_CALL):
            wanted: Any = {table: {"Keys": keys[start : start + KEYS_A_CALL], "ConsistentRead": True}}
            while wanted:
                answer = dynamodb.batch_get_item(RequestItems=wanted)
                items += map(plain, answer["Responses"].get(table, []))
                wanted = answer.get("UnprocessedKeys")
        return items

    def recorded(self, subject: Subject) -> list[Entry]:
        keys = [*subject.events, *(key for delivery in subject.deliveries for key in _keys_of(delivery))]
        items = [item for stages in at_once(self.stages, set(keys)) for item in stages.values()]
        return [
            Entry(datetime.fromisoformat(item["at"]), item["stage"], _account_of(item, subject.deliveries))
            for item in items
        ]

    def carried(self, letter: NotificationLetter) -> Subject:
        notification = letter.notification
        if notification is None:
            return Subject()
        readings = read_notification(str(notification["payload"] or ""))
        delivery = str(notification["correlation_id"])
        events = {reading.event_id or f"unidentified:{delivery}" for reading in readings}
        return Subject(frozenset(events if notification["payload"] else ()), frozenset({delivery}))

    def told(self, line: Line) -> Subject:
        fields = line.fields
        if line.group == WORKFLOW:
            return Subject(executions=frozenset({fields.get("execution_arn", "")}))
        events = [event for name in ("event_ids", "accepted", "duplicates") for event in fields.get(name) or []]
        deliveries = [fields.get("correlation_id"), *(fields.get("correlation_ids") or [])]
        return Subject(
            frozenset(events),
            frozenset(str(delivery) for delivery in deliveries if delivery),
            frozenset(filter(None, [fields.get("execution_arn")])),
        )

    def describe(self, line: Line) -> Entry | None:
        if line.group == "unmatched":
            return Entry(line.at, "unmatched", "it was on the bus, and matched no rule")
        return describe_step(line)

    def verdicts(self, found: Found[NotificationLetter]) -> list[Verdict]:
        verdicts = [self._verdict_on(event, found) for event in sorted(found.subject.events)]
        deliveries = ", ".join(sorted(found.subject.deliveries))
        return verdicts or [Verdict(f"no event of delivery {deliveries} is recorded (yet)")]

    def _verdict_on(self, event: str, found: Found[NotificationLetter]) -> Verdict:
        stages = self.stages(event)
        last = max(stages.values(), key=lambda item: item["at"], default=None)
        if last and not found.subject.deliveries & {item["correlation_id"] for item in stages.values()}:
            return Verdict(
                f"this delivery of {event} was a duplicate: delivery {last['correlation_id']} owns the event"
            )
        if last and last["status"] == Status.ENRICHED:
            return Verdict(f"{event} is enriched, at {last['at']}: it is done")
        letters = [
            each for each in found.letters if event in self.carried(each[1]).events or len(found.subject.events) == 1
        ]
        rejected = next((item for item in stages.values() if item["status"] in {Status.REJECTED, Status.FAILED}), None)
        why = f"{event} was rejected by {rejected['stage']} ({_faults(rejected)})" if rejected else ""
        if letters:
            queue, letter = max(letters, key=lambda each: each[1].message.sent_at)
            again = self.command(f"system redrive {self.name} --queue {queue}")
            if why:
                return Verdict(
                    f"{why}. Its letter waits: tell the provider; redrive it only if the rule was wrong", again
                )
            return Verdict(
                f"{event} is dead-lettered by {letter.step} ({letter.error}): fix the cause, then redrive", again
            )
        if why:
            return Verdict(
                f"{why}; no letter is left: it was redriven or deleted, or its retention in the queue is over"
            )
        if last is None:
            return Verdict(f"{event} is not recorded (yet)")
        passed = datetime.now(UTC) - datetime.fromisoformat(last["at"])
        if passed < ON_ITS_WAY:
            seconds = round(passed.total_seconds())
            return Verdict(f"{event} is in progress: {last['stage']} {last['status']} {seconds} s ago; look again")
        return Verdict(
            f"{event} stopped after {last['stage']} ({last['status']}), and no letter says why: its execution may "
            "have timed out. Replay it from the archive (runbook, Replaying from the archive)"
        )

    @contextmanager
    def switched_off(self, function: str) -> Iterator[str]:
        """Within the block a function takes no invocation, for a drill. Yields its name on AWS."""
        name = str(self.service["functions"][function]["name"])
        with reserved_concurrency(self.client("lambda"), name, 0):
            yield name


def _keys_of(delivery: str) -> tuple[str, str]:
    """The keys of a delivery's own items: for events that another delivery owns, and for a text without an event."""
    return f"delivery:{delivery}", f"unidentified:{delivery}"


def _events_of(item: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        item.get("duplicate_of") or ([] if item["event_id"].startswith("delivery:") else [item["event_id"]])
    )


def _account_of(item: Mapping[str, Any], deliveries: Collection[str]) -> str:
    parts = [f"{item['status']} in {item['duration_ms']} ms"]
    parts += [f"of {', '.join(item['duplicate_of'])}"] if item.get("duplicate_of") else []
    parts += [_faults(item)] if item.get("error") else []
    parts += [] if item["correlation_id"] in deliveries else [f"(delivery {item['correlation_id']})"]
    return " ".join(parts)


def _faults(item: Mapping[str, Any]) -> str:
    """Which fields are wrong, and how: neither is a value of the event."""
    faults = [f"{fault['field']} {fault['code']}" for fault in item["error"].get("faults", [])]
    return ": ".join([item["error"]["name"], *([", ".join(faults)] if faults else [])])
