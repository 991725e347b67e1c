"""Every place where the validator or the router can die or be refused, and what the provider's next attempt does.

A consumer deduplicates on the message attribute `event_id`: that an event is there is what these tests ask first, and
then how often, where the hand-over promises it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager

import pytest

from tests.emulator import faults
from tests.emulator.webhook_system import Event, WebhookSystem
from tools.operations.drills import reserved_concurrency
from tools.operations.queues import look
from tools.waiting import wait_for

pytestmark = pytest.mark.requirement("WHK-12")

# A lease lasts as long as the function may live. The shorter it lives here, the sooner is what it left behind taken up.
VALIDATOR_LIVES_S = 10


@pytest.fixture(autouse=True)
def on_the_emulator(target: str) -> None:
    if target == "aws":
        pytest.skip("IAM needs seconds to minutes until a denial holds everywhere: there a test cannot time a fault")


@pytest.fixture(scope="module")
def short_leases(target: str, webhooks: WebhookSystem) -> Iterator[None]:
    if target == "aws":
        yield
        return
    with faults.timeout(webhooks.client, webhooks.function("webhook-validator")["name"], VALIDATOR_LIVES_S):
        yield


def denied(webhooks: WebhookSystem, function: str, *actions: str) -> AbstractContextManager[None]:
    return faults.denied(webhooks.client, webhooks.function(function)["role_name"], actions)


def sending_denied(webhooks: WebhookSystem) -> AbstractContextManager[None]:
    """The router cannot send to the queues of the consumers; Lambda can still send to its dead-letter queue."""
    queues = [queue["arn"] for queue in webhooks.deployed.service["queues"].values()]
    return faults.denied(webhooks.client, webhooks.function("event-router")["role_name"], ["sqs:SendMessage"], queues)


def fails(webhooks: WebhookSystem, event: Event) -> None:
    """The attempt is answered with an error that makes a provider come again, and tells nothing of what happened."""
    answer = webhooks.post(event)
    assert answer.status in (503, 504)  # what the API's description has of them
    assert answer.body == {"error": "Service unavailable"}
    assert int(answer.headers["Retry-After"]) >= 1


def next_attempts(webhooks: WebhookSystem, event: Event) -> list[int]:
    """Come again until the answer is no 5xx, as providers do. Returns the statuses, in order."""
    statuses: list[int] = []

    def again() -> bool:
        answer = webhooks.post(event)
        statuses.append(answer.status)
        if answer.status == 503:
            assert int(answer.headers["Retry-After"]) <= VALIDATOR_LIVES_S + 1
        return answer.status < 500

    wait_for(again, f"{event['event_id']} to be taken")
    return statuses


@pytest.mark.parametrize(
    "actions",
    [
        pytest.param(["dynamodb:PutItem"], id="before it records"),
        pytest.param(["lambda:InvokeFunction"], id="when it invokes the router"),
    ],
)
def test_after_a_validator_that_failed_the_next_attempt_hands_over_at_once(
    webhooks: WebhookSystem, actions: Sequence[str]
) -> None:
    event = webhooks.event()
    with denied(webhooks, "webhook-validator", *actions):
        fails(webhooks, event)
        fails(webhooks, event)
        assert webhooks.copies(event["event_id"]) == []
    assert webhooks.post(event).status == 200
    assert len(webhooks.arrived(event["event_id"])) == 1
    assert webhooks.post(event).status == 409
    assert len(webhooks.copies(event["event_id"])) == 1


@pytest.mark.usefixtures("short_leases")
def test_after_a_validator_that_died_before_it_invoked_the_router_an_attempt_completes_the_recorded_event(
    webhooks: WebhookSystem,
) -> None:
    event = webhooks.event("refund")
    # Dead, it can neither invoke the router nor give up its lease.
    with denied(webhooks, "webhook-validator", "lambda:InvokeFunction", "dynamodb:UpdateItem"):
        fails(webhooks, event)
    item = webhooks.item(event["event_id"])
    assert (item["status"], json.loads(item["event"])) == ("RECEIVED", event)
    statuses = next_attempts(webhooks, event | {"amount": 1})
    assert (set(statuses[:-1]), statuses[-1]) == ({503}, 200)
    [message] = webhooks.arrived(event["event_id"])
    assert json.loads(message.text) == event
    assert webhooks.post(event).status == 409
    assert len(webhooks.copies(event["event_id"])) == 1


@pytest.mark.usefixtures("short_leases")
def test_after_a_validator_that_died_before_it_marked_the_record_a_consumer_sees_one_event_id(
    webhooks: WebhookSystem,
) -> None:
    event = webhooks.event("dispute")
    with denied(webhooks, "webhook-validator", "dynamodb:UpdateItem"):
        fails(webhooks, event)
        webhooks.arrived(event["event_id"])
    assert webhooks.item(event["event_id"])["status"] == "RECEIVED"
    assert next_attempts(webhooks, event)[-1] == 200
    messages = webhooks.arrived(event["event_id"], 2)
    assert {message.text for message in messages} == {json.dumps(event)}
    assert webhooks.post(event).status == 409
    assert len(webhooks.copies(event["event_id"])) == 2


def test_an_event_for_a_router_that_is_switched_off_is_a_dead_letter_that_can_be_routed_later(
    webhooks: WebhookSystem,
) -> None:
    event = webhooks.event()
    router = webhooks.function("event-router")["name"]
    with reserved_concurrency(webhooks.client("lambda"), router, 0):
        assert webhooks.post(event).status == 200
        letter = webhooks.letter(event["event_id"])
    assert letter["requestContext"]["condition"]
    assert json.loads(letter["requestPayload"]["payload"]) == event
    assert webhooks.copies(event["event_id"]) == []
    webhooks.redrive("event-router", event["event_id"])
    [message] = webhooks.arrived(event["event_id"])
    assert json.loads(message.text) == event


def test_a_message_that_its_consumer_gave_up_can_be_brought_back_into_its_queue(webhooks: WebhookSystem) -> None:
    event = webhooks.event("refund")
    assert webhooks.post(event).status == 200
    sqs, queue = webhooks.client("sqs"), webhooks.deployed.service["queues"]["refund"]["url"]

    def given_up() -> bool:
        look(sqs, [queue])
        return any(letter.event_id == event["event_id"] for letter in webhooks.deployed.letters("refund"))

    wait_for(given_up, "the message to be received too often")
    webhooks.redrive("refund", event["event_id"])
    [message] = webhooks.arrived(event["event_id"])
    assert json.loads(message.text) == event


def test_a_router_with_too_many_events_at_a_time_catches_up(webhooks: WebhookSystem) -> None:
    events = [webhooks.event() for _ in range(16)]
    with reserved_concurrency(webhooks.client("lambda"), webhooks.function("event-router")["name"], 1):
        with ThreadPoolExecutor(8) as pool:
            assert {answer.status for answer in pool.map(webhooks.post, events)} == {200}
        for event in events:
            webhooks.arrived(event["event_id"])
    assert webhooks.numbers_of_copies(events) == {1}


def test_a_send_that_is_refused_for_a_while_is_tried_again(webhooks: WebhookSystem) -> None:
    event, started = webhooks.event(), time.time()
    with sending_denied(webhooks):
        assert webhooks.post(event).status == 200
        webhooks.logged("event-router", "AccessDenied", started)
    assert len(webhooks.arrived(event["event_id"])) == 1


def test_a_send_that_stays_refused_is_a_dead_letter_with_event_and_reason(webhooks: WebhookSystem) -> None:
    event = webhooks.event("refund")
    with sending_denied(webhooks):
        assert webhooks.post(event).status == 200
        letter = webhooks.letter(event["event_id"])
    assert letter["requestContext"]["approximateInvokeCount"] == 3
    assert "AccessDenied" in letter["responsePayload"]["errorMessage"]
    assert json.loads(letter["requestPayload"]["payload"]) == event
    assert webhooks.copies(event["event_id"]) == []


def test_a_router_that_is_given_an_event_twice_sends_messages_of_one_event_id(webhooks: WebhookSystem) -> None:
    """Lambda invokes asynchronously at least once; and so does it for a router that died after its send."""
    event = webhooks.event("dispute")
    hand_over = {name: event[name] for name in ("event_id", "transaction_type", "timestamp")}
    payload = json.dumps(hand_over | {"correlation_id": "at-least-once", "payload": json.dumps(event)})
    for _ in range(2):
        name = webhooks.function("event-router")["name"]
        webhooks.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    messages = webhooks.arrived(event["event_id"], 2)
    assert {message.attributes["event_id"] for message in messages} == {event["event_id"]}
    assert {message.text for message in messages} == {json.dumps(event)}


@pytest.mark.requirement("WHK-11")
@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"transaction_type": "parcel"}, "no queue"), ({"payload": 17}, "not given a hand-over")],
)
def test_what_the_router_has_no_queue_for_is_a_dead_letter_with_the_reason(
    webhooks: WebhookSystem, changes: Event, reason: str
) -> None:
    event = webhooks.event()
    hand_over = {name: event[name] for name in ("event_id", "transaction_type", "timestamp")}
    payload = json.dumps(hand_over | {"correlation_id": "unknown", "payload": json.dumps(event)} | changes)
    name = webhooks.function("event-router")["name"]
    webhooks.client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=payload)
    letter = webhooks.letter(event["event_id"])
    assert letter["responsePayload"]["errorType"] == "UnroutableEvent"
    assert reason in letter["responsePayload"]["errorMessage"]
    assert webhooks.copies(event["event_id"]) == []
