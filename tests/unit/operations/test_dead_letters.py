"""Whoever wrote a dead letter, the notification in it can be put on the bus again."""

from __future__ import annotations

import gzip
import json
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tests.unit.operations.fake_sqs import FakeSqs
from tools.errors import Failure
from tools.operations.dead_letters import Redriven, redrive
from tools.operations.notification_letters import NotificationLetter, notification_of, put_on_bus, stored_payload
from tools.operations.queues import Message, read

NOTIFICATION = {"correlation_id": "m-1", "received_at": "2026-11-01T12:00:00.000Z", "payload": '{"id": "evt_1"}'}
SNS = {"MessageId": "m-1", "Timestamp": "2026-11-01T12:00:00.000Z", "Message": '{"id": "evt_1"}'}
OURS = {
    "step": "event-processor",
    "error": "TransientError",
    "cause": "throttled",
    "correlation_id": "m-1",
    "input": {**NOTIFICATION, "events": [{"event_id": "stripe:evt_1", "index": 0}]},
}


def client(service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        region_name="us-east-1",
        aws_access_key_id="111111111111",
        aws_secret_access_key="-",
    )


def letter(receipt: str) -> NotificationLetter:
    return NotificationLetter(Message("https://queue", json.dumps(OURS), {}, receipt))


@pytest.mark.requirement("EVT-25")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(OURS, id="function or workflow"),
        pytest.param({"detail-type": "payment-notification", "detail": NOTIFICATION}, id="EventBridge"),
        pytest.param(NOTIFICATION, id="EventBridge, what the rule hands on"),
        pytest.param({"Type": "Notification", **SNS}, id="SNS"),
        pytest.param({"Records": [{"EventSource": "aws:sns", "Sns": SNS}]}, id="Lambda"),
    ],
)
def test_every_kind_of_letter_carries_its_notification(body: dict[str, Any]) -> None:
    assert notification_of(body, None) == NOTIFICATION


@pytest.mark.requirement("EVT-25")
def test_a_letter_too_small_for_its_payload_says_where_it_is() -> None:
    place = {"table": "audit", "event_id": "canonical:1", "stage": "event-trigger"}
    body = OURS | {"input": NOTIFICATION | {"payload": None}, "payload_stored_in": place}
    dynamodb = client("dynamodb")
    with Stubber(dynamodb) as stub:
        stub.add_response("get_item", {"Item": {"payload": {"B": gzip.compress(b"large")}}})
        assert notification_of(body, stored_payload(dynamodb, body))["payload"] == "large"


def bus(*answers: dict[str, Any]) -> Any:
    """An event bus that gives these answers, one a call."""
    events = client("events")
    stub = Stubber(events)
    for answer in answers:
        stub.add_response("put_events", answer)
    stub.activate()
    return events


@pytest.mark.requirement("EVT-25")
def test_a_letter_is_deleted_only_after_the_bus_took_its_notification() -> None:
    sqs = FakeSqs(*[json.dumps(OURS)] * 3)
    taken, refused = {"EventId": "1"}, {"ErrorCode": "ThrottlingException"}
    events = bus({"FailedEntryCount": 1, "Entries": [taken, refused, taken]})
    with pytest.raises(Failure, match=r"refused 1 notifications \(ThrottlingException\)"):
        redrive_all(sqs, events)
    assert len(sqs.messages) == 1
    assert sqs.visible() == sqs.messages
    assert redrive_all(sqs, bus({"FailedEntryCount": 0, "Entries": [taken]})).sent.total() == 1
    assert sqs.messages == []


def redrive_all(sqs: FakeSqs, events: Any) -> Redriven:
    letters = map(NotificationLetter, read(sqs.client, "https://queue"))
    return redrive(sqs.client, letters, partial(put_on_bus, events, client("dynamodb"), "bus"))


def test_notifications_go_to_the_bus_ten_a_call_and_never_over_its_limit() -> None:
    large = json.dumps(OURS | {"input": NOTIFICATION | {"payload": "x" * 100_000}})
    sqs = FakeSqs(*[json.dumps(OURS)] * 12, *[large] * 8)
    calls: list[int] = []

    def put_events(Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        assert sum(len(entry["Source"] + entry["DetailType"] + entry["Detail"]) for entry in Entries) <= 256 * 1024
        calls.append(len(Entries))
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}] * len(Entries)}

    assert redrive_all(sqs, SimpleNamespace(put_events=put_events)).sent.total() == 20
    assert sqs.messages == []
    assert max(calls) <= 10
    assert len(calls) < 10


@pytest.mark.requirement("EVT-25")
def test_a_notification_that_the_workflow_cannot_hold_stays_is_counted_and_holds_up_no_other() -> None:
    large = json.dumps(OURS | {"input": NOTIFICATION | {"payload": "я" * 44_000}})
    sqs = FakeSqs(*[large] * 12, json.dumps(OURS))
    done = redrive_all(sqs, bus({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}))
    assert (done.left_out, done.sent.total()) == (12, 1)
    assert [message.body for message in sqs.visible()] == [large] * 12


def test_a_letter_that_cannot_be_read_stays_is_counted_and_holds_up_no_other() -> None:
    sqs = FakeSqs("no JSON", json.dumps(OURS))
    done = redrive_all(sqs, bus({"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}))
    assert (done.unreadable, done.sent.total()) == (1, 1)
    assert [message.body for message in sqs.visible()] == ["no JSON"]


def test_a_letter_tells_what_it_is_about() -> None:
    ours = letter("r")
    assert (ours.correlation_id, ours.step, ours.error) == ("m-1", "event-processor", "TransientError")


@pytest.mark.parametrize(
    "text", ["no JSON", "[]", "{}", '{"step": "event-processor"}', '{"Records": []}', '{"detail": 1}']
)
def test_a_letter_of_no_known_form_is_unreadable(text: str) -> None:
    strange = NotificationLetter(Message("https://queue", text, {}, "r"))
    assert (strange.error, strange.correlation_id) == ("unreadable", None)


def test_an_event_that_no_route_takes_goes_back_as_it_was() -> None:
    event = {"source": "payment-events", "detail-type": "something-new", "detail": {"marker": 1}}
    sqs, calls = FakeSqs(json.dumps(event)), list[list[dict[str, str]]]()

    def put_events(Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        calls.append(Entries)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    assert redrive_all(sqs, SimpleNamespace(put_events=put_events)).sent == {("delivery", "undelivered"): 1}
    assert calls == [
        [
            {
                "EventBusName": "bus",
                "Source": "payment-events",
                "DetailType": "something-new",
                "Detail": json.dumps({"marker": 1}),
            }
        ]
    ]
