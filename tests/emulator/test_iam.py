"""What each function's role may do succeeds, and everything else is denied, asked from inside the role."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.emulator.conftest import System
from tests.emulator.probe import DENIED, Call, probe

FUNCTIONS = ["event-trigger", "event-validator", "event-processor", "event-enricher"]


def item(table: str) -> dict[str, Any]:
    return {"TableName": table, "Item": {"event_id": {"S": f"probe:{uuid.uuid4()}"}, "stage": {"S": "probe"}}}


def allowed(system: System, function: str) -> list[Call]:
    calls: list[Call] = [("dynamodb", "put_item", item(system.deployed.data["table"]["name"]))]
    letter = {"step": function, "error": "Probe", "cause": "", "correlation_id": "probe", "input": {}}
    queue = system.deployed.queues[function]
    if function in {"event-trigger", "event-validator"}:
        calls.append(("sqs", "send_message", {"QueueUrl": queue, "MessageBody": json.dumps(letter)}))
    if function == "event-trigger":
        entry = {
            "EventBusName": system.deployed.service["bus"]["name"],
            "Source": "payment-events",
            "DetailType": "probe",
            "Detail": "{}",
        }
        calls.append(("events", "put_events", {"Entries": [entry]}))
    return calls


def forbidden(system: System, function: str) -> list[Call]:
    """Calls that would do harm name things that do not exist: who may make them is told so, and nothing is lost."""
    table = system.deployed.data["table"]["name"]
    key = {"event_id": {"S": "probe"}, "stage": {"S": "probe"}}
    other = next(name for name in FUNCTIONS if name != function)
    service = system.deployed.service
    calls: list[Call] = [
        ("s3", "delete_bucket", {"Bucket": "no-such-bucket-of-the-probe"}),
        ("dynamodb", "delete_table", {"TableName": "no-such-table-of-the-probe"}),
        ("dynamodb", "scan", {"TableName": table}),
        ("dynamodb", "delete_item", {"TableName": table, "Key": key}),
        ("dynamodb", "put_item", item("financial-event-pipelines-locks")),
        ("sqs", "receive_message", {"QueueUrl": system.deployed.queues[function]}),
        ("sqs", "send_message", {"QueueUrl": system.deployed.queues[other], "MessageBody": "{}"}),
        ("sns", "publish", {"TopicArn": service["topic"]["arn"], "Message": "{}"}),
        ("lambda", "invoke", {"FunctionName": service["functions"][other]["name"]}),
        ("stepfunctions", "start_execution", {"stateMachineArn": service["workflow"]["arn"]}),
        ("s3", "list_buckets", {}),
        ("iam", "list_roles", {}),
        ("kms", "list_keys", {}),
        ("events", "delete_rule", {"Name": "no-such-rule", "EventBusName": service["bus"]["name"]}),
    ]
    if function != "event-trigger":
        entry = {"EventBusName": service["bus"]["name"], "Source": "probe", "DetailType": "probe", "Detail": "{}"}
        calls.append(("events", "put_events", {"Entries": [entry]}))
    return calls


@pytest.mark.requirement("EVT-33", "PLT-31", "PLT-43")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_it_does_and_nothing_else(payment_events: System, function: str) -> None:
    role = payment_events.deployed.service["functions"][function]["role_arn"]
    may, may_not = allowed(payment_events, function), forbidden(payment_events, function)
    with probe(payment_events.client, role) as ask:
        answers = ask(may + may_not)
    assert [(call[:2], answer) for call, answer in zip(may, answers, strict=False) if answer != "ok"] == []
    denials = list(zip(may_not, answers[len(may) :], strict=True))
    assert [(call[:2], answer) for call, answer in denials if answer not in DENIED] == []
    assert len(denials) >= 10
