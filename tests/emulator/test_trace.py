"""What a person on call is told of one event, whichever of its ids they have."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.emulator.conftest import System
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notifications
from tools.operations.drills import reserved_concurrency
from tools.operations.event_letters import ROUTER
from tools.operations.trace import Trace, trace
from tools.waiting import wait_for


def told(system: Any, identifier: str, part: str, since: timedelta | None = None) -> Trace:
    """The trace of an id, once its verdict has this part: logs are written behind what they tell of."""

    def look() -> Trace | None:
        found = trace(system, identifier, since)
        return found if any(part in verdict.what for verdict in found.verdicts) else None

    return wait_for(look, f"a trace of {identifier} that says {part!r}")


def steps(found: Trace) -> dict[str, list[str]]:
    """What each place told, in order of time."""
    places: dict[str, list[str]] = {}
    for entry in sorted(found.entries, key=lambda entry: entry.at):
        places.setdefault(entry.where, []).append(entry.what)
    return places


@pytest.mark.parametrize("kind", ["the platform's id", "the provider's id", "the delivery's id"])
def test_an_event_is_followed_from_the_topic_to_its_last_record(
    payment_events: System, make: Notifications, kind: str
) -> None:
    notification = make.stripe()
    [event_id] = notification.event_ids
    message_id = payment_events.deployed.publish(notification.text)
    payment_events.enriched(event_id)
    identifier = {
        "the platform's id": event_id,
        "the provider's id": event_id.removeprefix("stripe:"),
        "the delivery's id": message_id,
    }[kind]

    def whole() -> Trace | None:
        # The last record is there before its line in the log, and before the execution ends.
        found = told(payment_events.deployed, identifier, "is enriched")
        ended = steps(found).get("workflow", [""])[-1] == "ExecutionSucceeded"
        return found if ended and "log event-enricher" in steps(found) else None

    found = wait_for(whole, f"the whole trace of {identifier}")
    stages = sorted((entry for entry in found.entries if entry.where.startswith("event-")), key=lambda entry: entry.at)
    assert [entry.what.split()[0] for entry in stages] == [
        "FORWARDED",
        "ACCEPTED",
        "PROCESSED",
        "ENRICHED",
    ]
    assert {where for where in steps(found) if where.startswith("log ")} == {
        "log event-trigger",
        "log event-validator",
        "log event-processor",
        "log event-enricher",
    }
    workflow = steps(found)["workflow"]
    assert (workflow[0], workflow[-1]) == ("ExecutionStarted", "ExecutionSucceeded")
    assert workflow.count("ExecutionStarted") == 1
    payment = json.loads(notification.text)["data"]["object"]
    assert payment["customer"] not in str(found)


def test_an_adyen_event_is_found_by_its_psp_reference(payment_events: System, make: Notifications) -> None:
    notification = make.adyen()
    [event_id] = notification.event_ids
    payment_events.deployed.publish(notification.text)
    payment_events.enriched(event_id)
    reference = json.loads(notification.text)["notificationItems"][0]["NotificationRequestItem"]["pspReference"]
    assert event_id in told(payment_events.deployed, reference, "is enriched").verdicts[0].what


def test_a_rejected_event_names_its_faults_its_letter_and_what_to_do(
    payment_events: System, make: Notifications
) -> None:
    notification = make.canonical()
    body = json.loads(notification.text) | {"currency": "ZZZ"}
    message_id = payment_events.deployed.publish(json.dumps(body))
    payment_events.letter("event-validator", message_id)
    found = told(payment_events.deployed, notification.event_ids[0], "was rejected by event-validator")
    assert "currency" in found.verdicts[0].what
    assert (
        found.verdicts[0].command == "tools/pipelines system redrive payment-events --queue event-validator --env dev"
    )
    assert steps(found)["letter event-validator"] == ["event-validator: InvalidEvent"]
    assert "ZZZ" not in str(found)


def test_what_is_no_event_is_found_by_its_delivery(payment_events: System) -> None:
    message_id = payment_events.deployed.publish("this is no JSON")
    payment_events.letter("event-validator", message_id)
    assert "not_json" in told(payment_events.deployed, message_id, "was rejected").verdicts[0].what


def test_a_second_delivery_is_a_duplicate_and_says_of_what(payment_events: System, make: Notifications) -> None:
    notification = make.paypal()
    [event_id] = notification.event_ids
    first = payment_events.deployed.publish(notification.text)
    payment_events.enriched(event_id)
    second = payment_events.deployed.publish(notification.text)
    payment_events.stage(f"delivery:{second}", "event-validator")
    assert first in told(payment_events.deployed, second, "duplicate").verdicts[0].what
    both = told(payment_events.deployed, event_id, "is enriched")
    assert any("DUPLICATE" in what for what in steps(both)["event-validator"])


def test_a_dead_lettered_event_names_the_error_and_the_redrive_that_heals_it(
    payment_events: System, make: Notifications
) -> None:
    notification = make.canonical()
    [event_id] = notification.event_ids
    with payment_events.deployed.switched_off("event-enricher"):
        message_id = payment_events.deployed.publish(notification.text)
        payment_events.letter("event-enricher", message_id)
    found = told(payment_events.deployed, event_id, "is dead-lettered by event-enricher")
    assert "Lambda.TooManyRequestsException" in found.verdicts[0].what
    done = payment_events.deployed.redrive("event-enricher", lambda letter: letter.correlation_id == message_id)
    assert done.sent.total() == 1
    told(payment_events.deployed, event_id, "is enriched")


@pytest.mark.parametrize("system", ["payment_events", "webhooks"])
def test_an_id_that_nobody_sent_is_not_known(request: pytest.FixtureRequest, system: str) -> None:
    found = trace(request.getfixturevalue(system).deployed, "evt_nobody", timedelta(minutes=1))
    assert (found.verdicts, found.entries) == ([], [])


@pytest.mark.parametrize("kind", ["the event's id", "the request's id"])
def test_a_webhook_is_followed_from_the_front_door_to_its_queue(webhooks: WebhookSystem, kind: str) -> None:
    event = webhooks.event()
    request_id = webhooks.post(event).headers["x-amzn-requestid"]
    identifier = event["event_id"] if kind == "the event's id" else request_id
    found = told(webhooks.deployed, identifier, "was routed to payments-queue-dev")
    assert [what.split()[0] for what in steps(found)["event table"]] == ["RECEIVED", "HANDED_OVER"]
    [front_door] = steps(found)["front door"]
    assert "POST /webhook: 200" in front_door
    assert request_id in front_door
    assert "149.9" not in str(found)


def test_a_repeated_webhook_shows_every_request_of_the_event(webhooks: WebhookSystem) -> None:
    event = webhooks.event()
    for status in (200, 409):
        assert webhooks.post(event).status == status
    found = told(webhooks.deployed, event["event_id"], "was routed")
    assert [what.split()[2] for what in steps(found)["front door"]] == ["200", "409"]


def test_a_refused_webhook_is_found_by_its_request(webhooks: WebhookSystem) -> None:
    answer = webhooks.post(webhooks.event(amount=-1))
    found = told(webhooks.deployed, answer.headers["x-amzn-requestid"], "was refused")
    assert "amount" in found.verdicts[0].what


def test_a_webhook_that_the_router_gave_up_names_the_redrive(webhooks: WebhookSystem) -> None:
    event = webhooks.event()
    with reserved_concurrency(webhooks.client("lambda"), webhooks.function(ROUTER)["name"], 0):
        assert webhooks.post(event).status == 200
        webhooks.letter(event["event_id"])
    found = told(webhooks.deployed, event["event_id"], "is dead-lettered")
    assert found.verdicts[0].command == "tools/pipelines system redrive webhooks --queue event-router --env dev"
    webhooks.redrive(ROUTER, event["event_id"])
    webhooks.arrived(event["event_id"])
