"""Payment notifications, from the topic to the audit table and the queues."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from functions.common import timestamps
from functions.payment_events.logic.audit import Status
from tests.emulator.conftest import System
from tools.demo.notifications import Notification, Notifications
from tools.operations import notification_letters
from tools.waiting import wait_for

STAGES = {"event-trigger", "event-validator", "event-processor", "event-enricher"}


@pytest.mark.requirement("EVT-01", "EVT-02", "EVT-03", "EVT-10", "EVT-21", "EVT-22", "EVT-23", "EVT-24", "PLT-41")
@pytest.mark.parametrize("provider", ["stripe", "adyen", "paypal", "canonical"])
def test_a_notification_of_each_provider_leaves_an_audit_record_of_every_stage(
    payment_events: System, make: Notifications, provider: str
) -> None:
    notification: Notification = getattr(make, provider)()
    message_id = payment_events.deployed.publish(notification.text)
    [event_id] = notification.event_ids
    output = payment_events.enriched(event_id)["output"]
    stages = payment_events.deployed.stages(event_id)
    assert set(stages) == STAGES
    assert {item["correlation_id"] for item in stages.values()} == {message_id}
    assert [stages[stage]["status"] for stage in ("event-trigger", "event-validator", "event-processor")] == [
        "FORWARDED",
        "ACCEPTED",
        "PROCESSED",
    ]
    for item in stages.values():
        assert len(item["input_digest"]) == 64
        assert item["duration_ms"] >= 0
        assert item["function_version"]
    assert 0 <= output["risk_score"] <= 100
    assert output["customer_segment"]


@pytest.mark.requirement("EVT-22")
def test_the_amount_that_was_sent_is_the_amount_that_is_kept(payment_events: System, make: Notifications) -> None:
    notification = make.stripe()
    sent = json.loads(notification.text)["data"]["object"]
    payment_events.deployed.publish(notification.text)
    payment = payment_events.stage(notification.event_ids[0], "event-processor")["output"]
    assert (payment["amount_minor"], payment["currency"]) == (sent["amount"], sent["currency"].upper())


@pytest.mark.requirement("EVT-21", "EVT-24")
def test_a_second_delivery_changes_no_item_and_is_recorded_as_a_duplicate(
    payment_events: System, make: Notifications
) -> None:
    notification = make.paypal()
    [event_id] = notification.event_ids
    payment_events.deployed.publish(notification.text)
    payment_events.enriched(event_id)
    before = payment_events.deployed.stages(event_id)
    again = payment_events.deployed.publish(notification.text)
    duplicate = payment_events.stage(f"delivery:{again}", "event-validator")
    assert (duplicate["status"], list(duplicate["duplicate_of"])) == ("DUPLICATE", [event_id])
    assert payment_events.deployed.stages(event_id) == before


@pytest.mark.requirement("EVT-21", "EVT-11", "EVT-25")
def test_an_invalid_event_is_rejected_once_with_every_fault(payment_events: System, make: Notifications) -> None:
    notification = make.canonical()
    body = json.loads(notification.text) | {"currency": "ZZZ", "amount_minor": -1, "type": "teleported"}
    message_id = payment_events.deployed.publish(json.dumps(body))
    item = payment_events.stage(notification.event_ids[0], "event-validator")
    assert item["status"] == "REJECTED"
    assert {fault["field"] for fault in item["error"]["faults"]} == {"currency", "amount_minor", "type"}
    letter = payment_events.letter("event-validator", message_id)
    assert (letter.step, letter.error) == ("event-validator", "InvalidEvent")
    assert letter.body["input"]["payload"] == json.dumps(body)
    assert set(payment_events.deployed.stages(notification.event_ids[0])) == {"event-trigger", "event-validator"}


@pytest.mark.requirement("EVT-21")
def test_every_item_of_a_request_is_judged_by_itself(payment_events: System, make: Notifications) -> None:
    notification = make.adyen_with_a_bad_item()
    good, bad = notification.event_ids
    message_id = payment_events.deployed.publish(notification.text)
    payment_events.enriched(good)
    assert payment_events.stage(bad, "event-validator")["status"] == "REJECTED"
    payment_events.letter("event-validator", message_id)


@pytest.mark.requirement("EVT-02", "EVT-21", "EVT-25")
@pytest.mark.parametrize(
    "text", ["this is no JSON", '{"hello": "world"}', "[1, 2, 3]", '"text"', "null", '{"id": "evt_1"}']
)
def test_what_is_no_event_is_recorded_and_dead_lettered(payment_events: System, text: str) -> None:
    message_id = payment_events.deployed.publish(text)
    item = payment_events.stage(f"unidentified:{message_id}", "event-validator")
    assert item["status"] == "REJECTED"
    assert payment_events.letter("event-validator", message_id).body["input"]["payload"] == text


@pytest.mark.requirement("EVT-02", "EVT-25")
def test_a_notification_of_256_kib_is_recorded_and_dead_lettered_whole(
    payment_events: System, make: Notifications
) -> None:
    notification = make.too_large()
    message_id = payment_events.deployed.publish(notification.text)
    item = payment_events.stage(notification.event_ids[0], "event-trigger")
    assert (item["status"], item["error"]["name"]) == ("REJECTED", "NotificationTooLarge")
    letter = payment_events.letter("event-trigger", message_id)
    stored = notification_letters.stored_payload(payment_events.client("dynamodb"), letter.body)
    assert notification_letters.notification_of(letter.body, stored)["payload"] == notification.text


@pytest.mark.requirement("EVT-10", "EVT-25")
@pytest.mark.parametrize("kind", ["rejected", "of a batch", "no JSON", "too large"])
def test_characters_that_sqs_refuses_are_in_the_dead_letter_as_they_were_sent(
    payment_events: System, make: Notifications, kind: str
) -> None:
    documents = {
        "rejected": json.loads(make.canonical().text) | {"currency": "ZZZ"},
        "of a batch": json.loads(make.adyen_with_a_bad_item().text),
        "too large": json.loads(make.too_large(140_000).text),
    }
    characters = "a\ufffe\uffffé"
    text = characters
    if kind in documents:
        text = json.dumps(documents[kind] | {"note": characters}, ensure_ascii=False)
    message_id = payment_events.deployed.publish(text)
    letter = payment_events.letter("event-trigger" if kind == "too large" else "event-validator", message_id)
    assert letter.body["input"]["payload"] == text


@pytest.mark.requirement("EVT-02", "EVT-25")
def test_a_notification_whose_state_would_grow_beyond_the_workflows_limit_is_turned_away(
    payment_events: System, make: Notifications
) -> None:
    notification = make.canonical()
    text = json.dumps(json.loads(notification.text) | {"note": "я" * 44_000}, ensure_ascii=False)
    message_id = payment_events.deployed.publish(text)
    item = payment_events.stage(notification.event_ids[0], "event-trigger")
    assert (item["status"], item["error"]["name"]) == ("REJECTED", "NotificationTooLarge")
    assert payment_events.letter("event-trigger", message_id).body["input"]["payload"] == text


@pytest.mark.requirement("EVT-11", "EVT-10", "EVT-25")
def test_a_transient_failure_heals_and_one_that_does_not_is_dead_lettered_and_redriven(
    payment_events: System, make: Notifications
) -> None:
    notification = make.canonical()
    [event_id] = notification.event_ids
    with payment_events.deployed.switched_off("event-enricher"):
        message_id = payment_events.deployed.publish(notification.text)
        letter = payment_events.letter("event-enricher", message_id)
    assert (letter.step, letter.error) == ("event-enricher", "Lambda.TooManyRequestsException")
    stages = payment_events.deployed.stages(event_id)
    assert stages["event-processor"]["status"] == "PROCESSED"
    done = payment_events.deployed.redrive("event-enricher", lambda letter: letter.correlation_id == message_id)
    assert done.sent.total() == 1
    assert payment_events.enriched(event_id)["correlation_id"] == message_id
    for stage in ("event-trigger", "event-validator", "event-processor"):
        assert payment_events.deployed.stages(event_id)[stage] == stages[stage]


@pytest.mark.requirement("EVT-03")
def test_an_event_that_matches_no_rule_is_visible(payment_events: System, make: Notifications) -> None:
    marker = make.canonical().event_ids[0]
    payment_events.client("events").put_events(
        Entries=[
            {
                "EventBusName": payment_events.deployed.service["bus"]["name"],
                "Source": "payment-events",
                "DetailType": "something-new",
                "Detail": json.dumps({"marker": marker}),
            }
        ]
    )
    group = payment_events.deployed.service["bus"]["unmatched"]["log_group"]["name"]
    logs = payment_events.client("logs")
    wait_for(lambda: logs.filter_log_events(logGroupName=group, filterPattern=f'"{marker}"')["events"], marker)


@pytest.mark.requirement("EVT-10")
def test_every_step_of_an_execution_is_logged_without_its_data(payment_events: System, make: Notifications) -> None:
    notification = make.canonical()
    started = int(datetime.now(UTC).timestamp() * 1000)
    payment_events.deployed.publish(notification.text)
    payment_events.enriched(notification.event_ids[0])
    group = payment_events.deployed.service["workflow"]["log_group"]["name"]
    logs = payment_events.client("logs")
    wait_for(
        lambda: logs.filter_log_events(logGroupName=group, filterPattern='"ExecutionSucceeded"', startTime=started)[
            "events"
        ],
        "the execution's log",
    )
    entries = [
        json.loads(event["message"])
        for event in logs.filter_log_events(logGroupName=group, startTime=started)["events"]
    ]
    entered = [entry["details"]["name"] for entry in entries if entry["type"] == "TaskStateEntered"]
    assert set(entered) >= {"event-validator", "event-processor", "event-enricher"}
    assert not [entry for entry in entries if notification.event_ids[0].removeprefix("canonical:") in json.dumps(entry)]


@pytest.mark.requirement("EVT-30")
def test_events_of_a_status_are_found_between_two_times_in_their_order(
    payment_events: System, make: Notifications
) -> None:
    start = timestamps.to_text(datetime.now(UTC))
    rejected = [f"unidentified:{payment_events.deployed.publish(f'no JSON {number}')}" for number in range(12)]
    for event_id in rejected:
        payment_events.stage(event_id, "event-validator")
    end = timestamps.to_text(datetime.now(UTC))
    wanted = set(rejected)
    found = list(payment_events.deployed.of_status(Status.REJECTED, start, end))
    assert {item["event_id"] for item in found if item["event_id"] in wanted} == wanted
    assert [item["at"] for item in found] == sorted(item["at"] for item in found)
    assert {item["status"] for item in found} == {"REJECTED"}
    assert not wanted & {item["event_id"] for item in payment_events.deployed.of_status(Status.REJECTED, "2020", start)}
    notification = make.canonical()
    payment_events.deployed.publish(notification.text)
    payment_events.enriched(notification.event_ids[0])
    enriched = payment_events.deployed.of_status(Status.ENRICHED, start, "9999")
    assert notification.event_ids[0] in {item["event_id"] for item in enriched}


@pytest.mark.requirement("EVT-02")
def test_a_burst_loses_nothing(payment_events: System, make: Notifications) -> None:
    notifications = list(make.valid(24))
    topic, sns = payment_events.deployed.service["topic"]["arn"], payment_events.client("sns")
    for start in range(0, len(notifications), 8):
        entries = [
            {"Id": str(number), "Message": notification.text}
            for number, notification in enumerate(notifications[start : start + 8])
        ]
        assert not sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries).get("Failed")
    for notification in notifications:
        payment_events.enriched(notification.event_ids[0])


@pytest.mark.requirement("EVT-21")
def test_the_age_of_an_event_is_limited_on_both_sides(payment_events: System, make: Notifications) -> None:
    invalid = {
        json.loads(notification.text)["occurred_at"]: notification
        for notification in make.invalid()
        if "occurred_at" in notification.text
    }
    for when in (max(invalid), min(invalid)):
        notification = invalid[when]
        payment_events.deployed.publish(notification.text)
        item = payment_events.stage(notification.event_ids[0], "event-validator")
        assert [fault["field"] for fault in item["error"]["faults"]] == ["occurred_at"]
