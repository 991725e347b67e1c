"""Webhooks, from the API to the queues."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import urllib3

from functions.webhooks.logic.events import TransactionType
from tests.emulator.webhook_system import Event, WebhookSystem
from tools.operations.rest_api import Answer
from tools.waiting import wait_for

CONCURRENCY = 8
BURST = 40
ACCEPTED = "Event validated and queued for processing"
THIRTY_DAYS_S = 30 * 24 * 60 * 60
INTERNALS = ("Traceback", "arn:", "functions.", "dynamodb", "Exception", "transaction-events")


def refusal(answer: Answer, status: int) -> str:
    """The error of an answer that refuses; fails for a body of another shape, or one that tells of internals."""
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/json"
    assert list(answer.body) == ["error"]
    error = answer.body["error"]
    assert isinstance(error, str)
    assert not [word for word in INTERNALS if word in error]
    return error


@pytest.mark.requirement("WHK-01", "WHK-03", "WHK-10", "WHK-11", "WHK-20")
@pytest.mark.parametrize("transaction_type", TransactionType)
def test_an_event_is_answered_recorded_and_routed_to_the_queue_of_its_type(
    webhooks: WebhookSystem, transaction_type: TransactionType
) -> None:
    # An amount that no binary float holds, and a field that we do not know.
    event = webhooks.event(transaction_type, memo="two for €1")
    body = json.dumps(event, ensure_ascii=False).replace("149.9", "0.1000000000000000000001").encode()
    sent = time.time()
    answer = webhooks.post(body)
    assert (answer.status, answer.body) == (200, {"message": ACCEPTED, "event_id": event["event_id"]})

    [message] = webhooks.arrived(event["event_id"])
    assert message.queue_url == webhooks.deployed.service["queues"][transaction_type]["url"]
    assert message.text.encode() == body
    assert {name: message.attributes[name] for name in ("event_id", "transaction_type", "timestamp")} == {
        name: event[name] for name in ("event_id", "transaction_type", "timestamp")
    }

    item = webhooks.item(event["event_id"])
    assert (item["status"], item["event"].encode()) == ("HANDED_OVER", body)
    assert item["correlation_id"] == message.attributes["correlation_id"]
    assert sent - 60 < item["expires_at"] - THIRTY_DAYS_S < time.time() + 60


@pytest.mark.requirement("WHK-10", "WHK-20")
def test_the_table_lets_records_go_when_they_expire(webhooks: WebhookSystem) -> None:
    table = webhooks.deployed.service["dynamodb_table_name"]
    described = webhooks.client("dynamodb").describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert described == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


@pytest.mark.requirement("WHK-04", "WHK-12")
def test_a_repeat_is_answered_409_and_not_routed(webhooks: WebhookSystem) -> None:
    event = webhooks.event()
    assert webhooks.post(event).status == 200
    webhooks.arrived(event["event_id"])
    for repeat in (event, event | {"amount": 1}):
        answer = webhooks.post(repeat)
        assert (answer.status, answer.body) == (409, {"error": "Duplicate event"})
    # What is sent later arrives later: when it is there, a copy would be there too.
    later = webhooks.event()
    webhooks.post(later)
    webhooks.arrived(later["event_id"])
    assert len(webhooks.copies(event["event_id"])) == 1


@pytest.mark.requirement("WHK-02", "WHK-05")
@pytest.mark.parametrize("field", ["event_id", "transaction_type", "amount", "timestamp"])
def test_a_missing_field_is_named(webhooks: WebhookSystem, field: str) -> None:
    event = webhooks.event()
    del event[field]
    assert f'"{field}"' in refusal(webhooks.post(event), 400)


@pytest.mark.requirement("WHK-02", "WHK-05")
@pytest.mark.parametrize("field", ["event_id", "transaction_type", "amount", "timestamp"])
@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_field_is_as_good_as_missing(webhooks: WebhookSystem, field: str, value: str | None) -> None:
    event = webhooks.event() | {field: value}
    if (field, value) == ("amount", ""):
        assert refusal(webhooks.post(event), 400) == "Field amount is not a number"
    else:
        assert refusal(webhooks.post(event), 400) == f"Missing required field: {field}"


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"event_id": 17}, "Field event_id is not a string"),
        ({"event_id": "x" * 257}, "Field event_id is longer than 256 characters"),
        ({"event_id": "a\nb"}, "Field event_id is not free of control characters"),
        ({"transaction_type": ["payment"]}, "Field transaction_type is not a string"),
        ({"transaction_type": "parcel"}, f"Field transaction_type is none of {', '.join(TransactionType)}"),
        ({"amount": "12"}, "Field amount is not a number"),
        ({"amount": True}, "Field amount is not a number"),
        ({"amount": -0.01}, "Field amount is negative"),
        ({"amount": float("inf")}, "Field amount is not a finite number"),
        ({"amount": float("nan")}, "Field amount is not a finite number"),
        ({"timestamp": 1772359200}, "Field timestamp is not a string"),
        ({"timestamp": "yesterday"}, "Field timestamp is not an ISO 8601 date and time"),
        ({"timestamp": "2026-02-30T10:00:00Z"},
         "Field timestamp is not an ISO 8601 date and time: there is no such day"),
        ({"timestamp": "2026-03-01T10:00:00+99:99"},
         "Field timestamp is not an ISO 8601 date and time: there is no such offset from UTC"),
        ({"event_id": "4111111111111111"},
         "Field event_id holds what may be a card number: send an id that is no such number"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_is_recorded(
    webhooks: WebhookSystem, changes: dict[str, Any], error: str
) -> None:
    event = webhooks.event() | changes
    assert refusal(webhooks.post(event), 400) == error
    if event["event_id"] != 17:
        assert webhooks.item(event["event_id"]) == {}


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize(
    "literal", ["1e999", "1e99999999999999999999", "9" * 5_000], ids=["exponent", "huge exponent", "digits"]
)
def test_an_amount_beyond_a_double_is_not_finite(webhooks: WebhookSystem, literal: str) -> None:
    body = json.dumps(webhooks.event()).replace("149.9", literal).encode()
    assert refusal(webhooks.post(body), 400) == "Field amount is not a finite number"


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize("body", [b"this is no JSON", b"", b"[]", b'"text"', b"null", b"{", b"\xff\xfe{}"])
def test_what_is_no_json_object_is_refused(webhooks: WebhookSystem, body: bytes) -> None:
    assert "body" in refusal(webhooks.post(body), 400)


@pytest.mark.requirement("WHK-06")
@pytest.mark.parametrize("depth", [64, 500, *range(980, 1_000), 1_010, 50_000])
def test_a_body_that_is_nested_too_deep_is_refused(webhooks: WebhookSystem, depth: int) -> None:
    body = json.dumps(webhooks.event())[:-1] + f', "note": {"[" * depth}{"]" * depth}}}'
    error = refusal(webhooks.post(body.encode()), 400)
    # Below a thousand levels, API Gateway refuses it by itself.
    assert error == "Request body is nested more than 64 levels deep" or (
        depth > 980 and "Invalid request body" in error
    )


@pytest.mark.requirement("WHK-06")
def test_a_body_over_the_limit_is_refused_and_one_below_it_goes_through(webhooks: WebhookSystem) -> None:
    limit = 192 * 1024
    event = webhooks.event()
    event["filler"] = "x" * (limit - len(json.dumps(event | {"filler": ""})))
    assert "too large" in refusal(webhooks.post(event | {"filler": event["filler"] + "x"}), 413)
    assert webhooks.post(event).status == 200
    [message] = webhooks.arrived(event["event_id"])
    assert len(message.text) == limit


@pytest.mark.requirement("WHK-01")
def test_an_unknown_path_or_method_is_answered_in_the_same_shape(webhooks: WebhookSystem) -> None:
    methods = ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    for method, url in (*((each, webhooks.deployed.url) for each in methods), ("POST", webhooks.deployed.url + "s")):
        answer = urllib3.request(method, url)
        refused = Answer(answer.status, answer.json(), answer.headers)
        assert refusal(refused, 403) == "No such path or method"


@pytest.mark.requirement("WHK-12", "PLT-41")
def test_a_burst_with_repeats_loses_nothing_and_routes_nothing_twice(webhooks: WebhookSystem) -> None:
    events = [webhooks.event(kind) for kind in TransactionType for _ in range(20)]
    # Twice at the same time, and once more when the others are through.
    deliveries = [event for event in events for _ in range(2)] + events

    def deliver(event: Event) -> tuple[str, int]:
        return event["event_id"], webhooks.post(event).status

    with ThreadPoolExecutor(CONCURRENCY) as pool:
        answers = list(pool.map(deliver, deliveries))
    assert {status for _, status in answers} <= {200, 409, 503}
    # A provider goes on until it is told 200 or 409.
    for event_id in {event_id for event_id, status in answers if status == 503}:
        event = next(event for event in events if event["event_id"] == event_id)
        assert webhooks.post(event).status in {200, 409}
    accepted = Counter(event_id for event_id, status in answers if status == 200)
    assert set(accepted.values()) == {1}
    assert len(accepted) == len(events)
    for event in events:
        webhooks.arrived(event["event_id"])
    assert webhooks.numbers_of_copies(events) == {1}


@pytest.mark.requirement("WHK-10", "WHK-12")
def test_a_burst_beyond_the_instances_of_the_validator_is_told_to_come_again_and_loses_nothing(
    webhooks: WebhookSystem,
) -> None:
    events = [webhooks.event() for _ in range(4 * BURST)]
    http = urllib3.PoolManager(maxsize=BURST, block=True, retries=False, timeout=60)

    def deliver(event: Event) -> Answer:
        body = json.dumps(event).encode()
        answer = http.request("POST", webhooks.deployed.url, body=body, headers=webhooks.signature(body))
        return Answer(answer.status, answer.json(), answer.headers)

    with ThreadPoolExecutor(BURST) as pool:
        answers = list(pool.map(deliver, events))
    refused = [answer for answer in answers if answer.status != 200]
    assert refused  # the validator has ten instances
    for answer in refused:
        assert refusal(answer, 503) == "Service unavailable"
        assert 1 <= int(answer.headers["Retry-After"]) <= 10

    def taken(event: Event) -> bool:
        return webhooks.post(event).status in (200, 409)

    for event, answer in zip(events, answers, strict=True):
        if answer.status != 200:
            wait_for(partial(taken, event), f"{event['event_id']} to be taken")
    for event in events:
        webhooks.arrived(event["event_id"])
    assert webhooks.numbers_of_copies(events) == {1}


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("content_type", ["application/xml", "text/plain", "application/x-www-form-urlencoded", ""])
def test_a_signed_event_is_taken_whatever_its_content_type_says(webhooks: WebhookSystem, content_type: str) -> None:
    def post(body: bytes) -> Answer:
        return webhooks.deployed.post(body, webhooks.signature(body) | {"Content-Type": content_type})

    event = webhooks.event()
    assert post(json.dumps(event).encode()).status == 200
    assert len(webhooks.arrived(event["event_id"])) == 1
    assert "event_id" in refusal(post(b"{}"), 400)
    assert "body" in refusal(post(b"<event/>"), 400)


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("authorization", ["Bearer abc", "Basic dXNlcjpzZWNyZXQ=", "AWS4-HMAC-SHA256 Credential=x"])
def test_an_authorization_header_of_the_senders_own_changes_nothing(
    webhooks: WebhookSystem, authorization: str
) -> None:
    body = json.dumps(webhooks.event()).encode()
    assert webhooks.deployed.post(body, webhooks.signature(body) | {"Authorization": authorization}).status == 200


@pytest.mark.requirement("WHK-01", "WHK-24")
def test_the_outputs_name_what_is_there(webhooks: WebhookSystem) -> None:
    outputs = webhooks.deployed.service
    functions = webhooks.client("lambda")
    for name in ("validator", "router"):
        arn = outputs[f"{name}_lambda_arn"]
        assert functions.get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn
    for kind in ("payments", "refunds", "disputes"):
        url = outputs[f"{kind}_queue_url"]
        assert url.endswith(f"/{kind}-queue-dev")
        assert webhooks.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    table = webhooks.client("dynamodb").describe_table(TableName=outputs["dynamodb_table_name"])["Table"]
    assert table["TableName"] == "transaction-events-dev"
    api = outputs["api"]
    assert outputs["api_endpoint"] == f"https://{api['id']}.execute-api.us-east-1.amazonaws.com/dev/webhook"
    stage = webhooks.client("apigateway").get_stage(restApiId=api["id"], stageName=api["stage_name"])
    assert stage["tracingEnabled"]
    groups = {
        group["logGroupName"]
        for page in webhooks.client("logs").get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    }
    assert set(outputs["log_group_names"]) <= groups


@pytest.mark.requirement("WHK-23")
def test_the_alarms_watch_every_function_every_queue_and_the_api(webhooks: WebhookSystem) -> None:
    monitoring = webhooks.deployed.outputs("monitoring")
    alarms = webhooks.client("cloudwatch").describe_alarms(AlarmNames=list(monitoring["alarm_names"]))["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == set(monitoring["alarm_names"])
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {monitoring["alarm_topic"]["arn"]}
    watched = json.dumps(
        [[metric.get("MetricStat") for metric in alarm.get("Metrics", [])] or alarm["Dimensions"] for alarm in alarms],
        default=str,
    )
    service = webhooks.deployed.service
    queues = service["queues"].values()
    names = {function["name"] for function in service["functions"].values()} | {service["api"]["name"]}
    names |= {queue["name"] for queue in queues} | {queue["dead_letters"]["name"] for queue in queues}
    names.add(service["functions"]["event-router"]["dead_letters"]["name"])
    assert {name for name in names if f'"{name}"' not in watched} == set()
