"""Drill: every queue has a dead letter, and the command in the message of its alarm brings it to where it belongs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.payment_events.logic.workflow import DETAIL_TYPE, EVENT_SOURCE
from tests.emulator import faults
from tests.emulator.conftest import System as PaymentEventsInUse
from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.drills.conftest import Checkout
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notifications
from tools.deploy.target import Target
from tools.operations.cli import SYSTEMS
from tools.operations.csv_upload import CsvUpload
from tools.operations.drills import reserved_concurrency
from tools.operations.payment_events import PaymentEvents
from tools.operations.system import LetterSystem
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks
from tools.waiting import wait_for

Arrived = Callable[[], Any]


def commands(target: Target, system: str) -> dict[str, str]:
    """What the alarms of a system say about redriving: {what their metric is about: the command, on the emulator}."""
    deployed = SYSTEMS[system](target)
    pages = deployed.client("cloudwatch").get_paginator("describe_alarms").paginate()
    names = set(deployed.outputs("monitoring")["alarm_names"])
    found = {}
    for alarm in (one for page in pages for one in page["MetricAlarms"] if one["AlarmName"] in names):
        parts = alarm["AlarmDescription"].split("`")
        for line in (part for part in parts if part.startswith("tools/pipelines system redrive")):
            found[alarm["Dimensions"][0]["Value"]] = line.removeprefix("tools/pipelines ").removesuffix(" --target aws")
    return found


def plant(deployed: Any, queue: str, body: Any, **attributes: str) -> str:
    """Put a letter into a dead-letter queue, as its writer does. Returns the queue's name."""
    url = deployed.dead_letter_queues[queue]
    text = body if isinstance(body, str) else json.dumps(body)
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    deployed.client("sqs").send_message(QueueUrl=url, MessageBody=text, MessageAttributes=typed)
    return str(url.rsplit("/", 1)[1])


def letter_of_payment_events(target: Target, queue: str) -> tuple[str, Arrived]:
    system = PaymentEventsInUse(PaymentEvents(target))
    sent = Notifications(uuid.uuid4().hex[:8], datetime.now(UTC)).stripe()
    delivery, at = str(uuid.uuid4()), datetime.now(UTC).isoformat()
    entry = {"correlation_id": delivery, "received_at": at, "payload": sent.text}
    letters: dict[str, Any] = {
        "subscription": {"MessageId": delivery, "Timestamp": at, "Message": sent.text},
        "unmatched": {"source": "nobody", "detail-type": delivery, "detail": {}},
        **{
            name: {"source": EVENT_SOURCE, "detail-type": DETAIL_TYPE, "detail": entry}
            for name in ("bus", "rule:payment-notification")
        },
    }
    by_function = {"step": queue, "error": "Drill", "cause": "", "correlation_id": delivery, "input": entry}
    name = plant(system.deployed, queue, letters.get(queue, by_function))
    if queue != "unmatched":
        return name, lambda: system.enriched(sent.event_ids[0])
    logs, group = system.client("logs"), system.deployed.log_groups["unmatched"]
    return name, lambda: logs.filter_log_events(logGroupName=group, filterPattern=f'"{delivery}"')["events"]


def letter_of_webhooks(target: Target, queue: str) -> tuple[str, Arrived]:
    system = WebhookSystem(Webhooks(target))
    event = system.event("payment" if queue == "event-router" else queue)
    names = {
        "event_id": event["event_id"],
        "transaction_type": event["transaction_type"],
        "timestamp": event["timestamp"],
    }
    body: Any = event
    if queue == "event-router":
        hand_over = {**names, "correlation_id": "drill", "payload": json.dumps(event)}
        body = {"requestPayload": hand_over, "requestContext": {"condition": "RetriesExhausted"}}
    name = plant(system.deployed, queue, body, **names)
    return name, lambda: system.arrived(event["event_id"])


def letter_of_csv_upload(target: Target, queue: str) -> tuple[str, Arrived]:
    system = CsvUploadSystem(CsvUpload(target))
    content = system.csv(system.rows(3))
    if queue == "workflow":
        name = system.function("data-transformer")["name"]
        with reserved_concurrency(system.client("lambda"), name, 0):
            upload = system.upload(content)
            system.letter(upload)
        return system.deployed.dead_letter_queues[queue].rsplit("/", 1)[1], lambda: system.ended(upload, attempt=2)
    rule, events = system.deployed.service["rule"]["name"], system.client("events")
    events.disable_rule(Name=rule)
    try:
        upload = system.upload(content)
    finally:
        events.enable_rule(Name=rule)
    found = system.object_of(upload)
    stored = {"key": found["key"], "version-id": found["version_id"], "size": found["size"]}
    return plant(
        system.deployed, queue, {"detail": {"bucket": {"name": found["bucket"]}, "object": stored}}
    ), lambda: system.ended(upload)


LETTERS = {
    PaymentEvents.name: letter_of_payment_events,
    Webhooks.name: letter_of_webhooks,
    CsvUpload.name: letter_of_csv_upload,
}


@pytest.mark.requirement("PLT-51", "EVT-25")
@pytest.mark.parametrize("system", LETTERS)
def test_the_command_of_each_alarm_brings_a_dead_letter_to_where_it_belongs(
    system: str, checkout: Checkout, dev: Target
) -> None:
    deployed: LetterSystem[Any] = SYSTEMS[system](dev)  # type: ignore[assignment]
    said = commands(dev, system)
    for queue, url in deployed.dead_letter_queues.items():
        name, arrived = LETTERS[system](dev, queue)
        assert url.endswith(f"/{name}")
        assert "1 redriven" in checkout.pipelines(said.pop(name))
        assert wait_for(arrived, f"what was dead-lettered in {name}")
        assert deployed.letters(queue) == []
    assert said == {}, "alarms with a command that no queue needs"


@pytest.mark.requirement("PLT-51", "TXF-31")
def test_the_command_of_the_alarm_sends_a_file_again_that_could_not_be_processed(
    checkout: Checkout, dev: Target
) -> None:
    files = TransactionFileSystem(TransactionFiles(dev))
    role, tables = files.function("processor")["role_name"], files.deployed.data["tables"]
    with faults.denied(files.client, role, ["dynamodb:PutItem"], [tables["files"]["arn"]]):
        file = files.upload(files.csv(files.rows(10)))
        files.error(file, "file")
    [command] = commands(dev, "transaction-files").values()
    assert "1 of kind file" in checkout.pipelines(command)
    assert files.worked_off(file).counts.stored == 10


def test_every_system_has_its_drill() -> None:
    assert set(SYSTEMS) == {*LETTERS, TransactionFiles.name}
