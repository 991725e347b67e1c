"""Drill: the tables of every system are lost in part, restored to a time before that, and used from there on."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml

from tests.emulator.conftest import System as PaymentEventsInUse
from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.drills.conftest import Checkout
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notifications
from tools.deploy.target import Target
from tools.operations.cli import SYSTEMS
from tools.operations.csv_upload import CsvUpload
from tools.operations.payment_events import PaymentEvents
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks
from tools.waiting import wait_for


def in_use(checkout: Checkout) -> list[Any]:
    """The systems as they are deployed at this moment: functions and tables, by what their states say."""
    return [system(checkout.target("dev")) for system in SYSTEMS.values()]


def items(system: Any) -> dict[str, list[Any]]:
    """{name of a table: its items}."""
    pages = system.client("dynamodb").get_paginator("scan")
    return {
        name: sorted((item for page in pages.paginate(TableName=name) for item in page["Items"]), key=str)
        for name in system.tables.values()
    }


def send(checkout: Checkout) -> None:
    """Something for every table: an event for each system, and a file with a record that is refused."""
    target = checkout.target("dev")
    events = PaymentEventsInUse(PaymentEvents(target))
    notification = Notifications(uuid.uuid4().hex[:8], datetime.now(UTC)).stripe()
    events.deployed.publish(notification.text)
    webhooks = WebhookSystem(Webhooks(target))
    event = webhooks.event()
    assert webhooks.post(event).status == 200
    files = TransactionFileSystem(TransactionFiles(target))
    file = files.upload(files.csv([*files.rows(3), *files.rows(1, amount="many")]))
    uploads = CsvUploadSystem(CsvUpload(target))
    upload = uploads.upload(uploads.csv(uploads.rows(3)))
    events.enriched(notification.event_ids[0])
    wait_for(lambda: webhooks.item(event["event_id"]).get("status") == "HANDED_OVER", "the webhook to be handed over")
    files.worked_off(file)
    uploads.ended(upload)


def wreck(system: Any) -> None:
    """Delete each item of each table, as a release or a person might."""
    client = system.client("dynamodb")
    for name, found in items(system).items():
        schema = [key["AttributeName"] for key in client.describe_table(TableName=name)["Table"]["KeySchema"]]
        for item in found:
            client.delete_item(TableName=name, Key={key: item[key] for key in schema})


@dataclass
class Drill:
    """What was in the tables before, and the systems before and after."""

    checkout: Checkout
    held: dict[str, list[Any]]
    before: list[Any]
    after: list[Any]
    said: dict[str, str]


@pytest.fixture(scope="module")
def drill(checkout: Checkout, dev: Target) -> Drill:
    assert dev.environment == "dev"
    send(checkout)
    before = in_use(checkout)
    held = {name: found for system in before for name, found in items(system).items()}
    # The command takes whole seconds.
    at = int(time.time()) + 1
    wait_for(lambda: time.time() > at, "the time that is restored to to be over")
    for system in before:
        wreck(system)
    said, setting = {}, dict[str, dict[str, str]]()
    for system in before:
        text = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        said[system.name] = checkout.pipelines(f"system restore {system.name} --at {text}")
        written = yaml.safe_load("\n".join(line for line in said[system.name].splitlines() if line.startswith("  ")))
        setting = written["restored_tables"]
        checkout.set("dev", restored_tables=setting)
        if "too early" not in said:
            data = f"{system.region}/{system.name}/data"
            said["too early"] = checkout.pipelines(f"env apply --env dev --units {data}", fails=True)
        said[system.name] += checkout.pipelines(f"system restore {system.name} --adopt")
    said["apply"] = checkout.pipelines("env apply --env dev")
    return Drill(checkout, held, before, in_use(checkout), said)


@pytest.mark.requirement("PLT-51")
def test_every_table_is_restored_as_it_was(drill: Drill) -> None:
    restored = {name: found for system in drill.after for name, found in items(system).items()}
    assert all(drill.held.values())
    assert {name.partition("-at-")[0]: found for name, found in restored.items()} == drill.held
    assert not set(restored) & set(drill.held)


def test_the_tables_before_stay_as_they_are(drill: Drill) -> None:
    left = {name: found for system in drill.before for name, found in items(system).items()}
    assert left == {name: [] for name in drill.held}


def test_an_apply_before_the_state_has_the_restored_tables_is_refused(drill: Drill) -> None:
    assert "an apply would delete these" in drill.said["too early"]


def test_what_a_restore_does_not_carry_over_is_set_again(drill: Drill) -> None:
    for before, after in zip(drill.before, drill.after, strict=True):
        client = after.client("dynamodb")

        def settings(name: str, client: Any = client) -> dict[str, Any]:
            table = client.describe_table(TableName=name)["Table"]
            backups = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
            return {
                "key": table["SSEDescription"]["KMSMasterKeyArn"],
                "days": backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"],
                "expiry": client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
                "tags": {
                    tag["Key"]: tag["Value"]
                    for tag in client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
                },
            }

        for old, new in zip(before.tables.values(), after.tables.values(), strict=True):
            assert settings(new) == settings(old)


def test_the_functions_use_the_restored_tables(drill: Drill) -> None:
    send(drill.checkout)
    held = {name.partition("-at-")[0]: found for system in drill.after for name, found in items(system).items()}
    assert {name for name, found in held.items() if len(found) <= len(drill.held[name])} == set()


def test_the_next_apply_has_nothing_to_change(drill: Drill) -> None:
    assert "nothing to adopt" in drill.checkout.pipelines("system restore webhooks --adopt", fails=True)
    said = drill.checkout.pipelines("env plan --env dev")
    assert "Plan:" not in said
