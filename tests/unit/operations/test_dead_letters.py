"""Whoever wrote a dead letter, the notification in it can be put on the bus again."""

from __future__ import annotations

import gzip
import json
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from tools.errors import Failure
from tools.operations.dead_letters import redrive
from tools.operations.notification_letters import NotificationLetter, notification_of, put_on_bus, stored_payload
from tools.operations.queues import Message

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


@pytest.mark.requirement("EVT-25")
def test_a_letter_is_deleted_only_after_the_bus_took_its_notification() -> None:
    letters = [letter("receipt-1"), letter("receipt-2")]
    sqs, events = client("sqs"), client("events")
    with Stubber(sqs) as queue, Stubber(events) as bus:
        bus.add_response("put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]})
        queue.add_response("delete_message", {}, {"QueueUrl": "https://queue", "ReceiptHandle": "receipt-1"})
        bus.add_response("put_events", {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]})
        with pytest.raises(Failure, match=r"ThrottlingException"):
            redrive(sqs, letters, partial(put_on_bus, events, client("dynamodb"), "bus"))
        queue.assert_no_pending_responses()


def test_a_letter_that_cannot_be_read_stays_and_is_told() -> None:
    unreadable = NotificationLetter(Message("https://queue", "no JSON", {}, "receipt"))
    sqs = client("sqs")
    with Stubber(sqs), pytest.raises(Failure, match="not what the system writes") as failure:
        redrive(sqs, [unreadable], lambda _: pytest.fail("it was sent"))
    assert failure.value.where == "https://queue"


def test_a_letter_tells_what_it_is_about() -> None:
    ours = letter("r")
    assert (ours.correlation_id, ours.step, ours.error) == ("m-1", "event-processor", "TransientError")
