"""After notifications and webhooks of every kind that hold personal data: no log group of the environment has any."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.emulator.conftest import System
from tests.emulator.csv_upload_system import COLUMNS as UPLOAD_COLUMNS
from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.transaction_file_system import COLUMNS, TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notification, Notifications
from tools.waiting import wait_for

PERSONAL = {
    "billing_email": "ada.lovelace@example.org",
    "card_number": "4111111111111111",
    "card_with_its_expiry": "5500 0000 0000 0004 12/30",
    "cardholder": "Ada Lovelace",
    "iban": "DE89370400440532013000",
    "phone": "+44 20 7946 0958",
    "street": "12 St James's Square",
}
# What may be left of them is what a mask leaves.
SECRETS = [*PERSONAL.values(), "ada.lovelace", "5500 0000 0000 0004", "5500000000000004"]
# Fields that are kept although people fill them: what they hold is masked.
KEPT = ("customer_reference", "merchantReference", "payment_method", "payment_reference")
# Fields that hold a provider's own reference: what is none is refused.
REFUSED = ("customer", "originalReference", "payer_id")


def with_personal_data(value: Any, fields: tuple[str, ...] = KEPT) -> Any:
    """The document with personal data in every object, and in these of its fields."""
    if isinstance(value, list):
        return [with_personal_data(element, fields) for element in value]
    if not isinstance(value, dict):
        return value
    replaced = dict.fromkeys((name for name in fields if name in value), PERSONAL["billing_email"])
    inside = {name: with_personal_data(inner, fields) for name, inner in value.items()}
    return inside | PERSONAL | {"shopperReference": PERSONAL["billing_email"]} | replaced


def valid(make: Notifications) -> Iterator[Notification]:
    for notification in (make.stripe(), make.adyen(2), make.paypal(), make.canonical()):
        text = json.dumps(with_personal_data(json.loads(notification.text)))
        yield Notification(notification.provider, text, notification.event_ids)
    references = json.loads(make.canonical().text) | {"customer_reference": PERSONAL["card_number"]}
    yield Notification("canonical", json.dumps(references), (f"canonical:{references['event_id']}",))


def invalid(make: Notifications) -> Iterator[str]:
    """Values where none of them belongs, documents of no format, and text that is no JSON."""
    for field in ("amount_minor", "currency", "event_id", "occurred_at", "schema", "type", PERSONAL["cardholder"]):
        for secret in (PERSONAL["billing_email"], PERSONAL["card_number"]):
            yield json.dumps(json.loads(make.canonical().text) | {field: secret, "currency": secret})
    for notification in (make.stripe(), make.paypal(), make.adyen_with_a_bad_item()):
        document = with_personal_data(json.loads(notification.text), REFUSED)
        yield json.dumps(document | dict.fromkeys(("event_type", "id", "type"), PERSONAL["cardholder"]))
    yield json.dumps(PERSONAL)
    yield " ".join(PERSONAL.values())
    yield json.dumps(json.loads(make.too_large(250_000).text) | PERSONAL)


@pytest.mark.requirement("EVT-10", "EVT-24", "WHK-22")
def test_no_log_group_holds_personal_data_or_card_numbers(
    payment_events: System, webhooks: WebhookSystem, make: Notifications
) -> None:
    notifications = list(valid(make))
    for notification in notifications:
        payment_events.deployed.publish(notification.text)
    rejected = {payment_events.deployed.publish(text) for text in invalid(make)}
    event = webhooks.event(**PERSONAL, shopper=PERSONAL)
    assert webhooks.post(event).status == 200
    for field in ("event_id", "transaction_type", "amount", "timestamp"):
        for secret in (PERSONAL["billing_email"], PERSONAL["card_number"]):
            assert webhooks.post({**event, "event_id": "refused", field: [secret]}).status == 400
            assert webhooks.post({**event, "event_id": secret, field: secret}).status == 400
    assert webhooks.post(event, secret="of somebody else").status == 401

    for notification in notifications:
        for event_id in notification.event_ids:
            payment_events.enriched(event_id)
    webhooks.arrived(event["event_id"])

    def all_dead_lettered() -> bool:
        letters = payment_events.deployed.letters("event-trigger", "event-validator")
        return rejected <= {letter.correlation_id for letter in letters}

    wait_for(all_dead_lettered, "a dead letter for each notification that is refused")

    lines = every_line(payment_events.client("logs"))
    assert lines[payment_events.deployed.service["workflow"]["log_group"]["name"]]
    for deployed in (payment_events.deployed, webhooks.deployed):
        assert all(lines[function["log_group"]["name"]] for function in deployed.service["functions"].values())
    assert not told(lines, SECRETS)


@pytest.mark.requirement("TXF-60")
def test_no_log_group_holds_what_transaction_files_say(transaction_files: TransactionFileSystem) -> None:
    system = transaction_files
    rows = [row | {"counterparty": PERSONAL["iban"]} for row in system.rows(30, description=PERSONAL["cardholder"])]
    for number, name in enumerate(COLUMNS):
        rows[number] = rows[number] | {name: f"{PERSONAL['billing_email']}\u0007"}
    rows[20] = rows[21] | {"amount": "0.01"}
    secrets = [*SECRETS, rows[25]["account_id"], rows[25]["transaction_id"]]
    good = system.csv(rows)
    contents = {
        "rows.csv": good,
        "rows.json": json.dumps(rows).encode(),
        "lines.json": "\n".join(map(json.dumps, rows)).encode(),
        "cut.json": json.dumps({"transactions": rows}).encode()[:-40],
        "no-header.csv": good.partition(b"\n")[2],
        "latin.csv": good.replace(PERSONAL["cardholder"].encode(), f"{PERSONAL['cardholder']} \xe9".encode("latin-1")),
        "no.json": " ".join(PERSONAL.values()).encode(),
    }
    run = uuid.uuid4().hex
    files = [system.upload(content, f"{run}/{name}") for name, content in contents.items()]
    # What fails without a report of its own: messages that are none, and a file that is not there.
    for queue in ("main", "dead_letters"):
        system.send(queue, json.dumps(PERSONAL))
        system.send(queue, " ".join(PERSONAL.values()))
    for file in files:
        system.worked_off(file)
    wait_for(system.empty, "the queues to be empty")

    lines = every_line(system.client("logs"))
    assert all(lines[group] for group in system.deployed.log_groups.values())
    assert not told(lines, secrets)


@pytest.mark.requirement("CSV-03", "CSV-11")
def test_no_log_group_holds_what_uploads_say_or_the_key_they_came_with(csv_upload: CsvUploadSystem) -> None:
    system = csv_upload
    rows = system.rows(60, description=PERSONAL["cardholder"], counterparty=PERSONAL["iban"])
    for number, name in enumerate(UPLOAD_COLUMNS):
        rows[number] |= {name: f"{PERSONAL['billing_email']}\u0007"}
    good = system.csv(rows[len(UPLOAD_COLUMNS) :])
    dirty = system.csv(rows)
    secrets = [*SECRETS, rows[25]["transaction_id"], system.key]
    refused = [
        system.post(good.partition(b"\n")[2]),
        system.post(" ".join(PERSONAL.values()).encode()),
        system.post(good, content_type="application/octet-stream"),
        system.deployed.post(good, PERSONAL["card_number"]),
        system.deployed.follow(f"/uploads/{PERSONAL['card_number']}", system.key),
    ]
    assert {answer.status for answer in refused} == {400, 403, 404, 415}
    uploads = [system.upload(body) for body in (good, dirty, good.replace(b"12.50", b"99.00"))]
    states = [system.ended(upload_id)["state"] for upload_id in uploads]
    assert states == ["COMPLETED", "FAILED", "COMPLETED"]

    lines = every_line(system.client("logs"))
    for name, group in system.deployed.log_groups.items():
        assert lines[group] or name == "firewall"
    assert not told({group: lines[group] for group in system.deployed.log_groups.values()}, secrets)


def every_line(logs: Any) -> dict[str, list[str]]:
    """Every line of every log group of a region."""
    groups = [
        group["logGroupName"]
        for page in logs.get_paginator("describe_log_groups").paginate()
        for group in page["logGroups"]
    ]
    return {
        group: [
            event["message"]
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
        ]
        for group in groups
    }


def told(lines: dict[str, list[str]], secrets: list[str]) -> list[tuple[str, str]]:
    """The log groups that hold a secret, with it."""
    return [(group, secret) for group in lines for secret in secrets if any(secret in line for line in lines[group])]
