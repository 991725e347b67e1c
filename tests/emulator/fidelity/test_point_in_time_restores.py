from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account

SPECIFICATION = {"PointInTimeRecoveryEnabled": True}


class Table:
    """A table of events, and what it was restored to."""

    def __init__(self, account: Account) -> None:
        account.table("events", "event_id")
        self.client = account.client("dynamodb")

    def recoverable(self) -> Table:
        self.client.update_continuous_backups(TableName="events", PointInTimeRecoverySpecification=SPECIFICATION)
        return self

    def put(self, event_id: str, status: str) -> None:
        self.client.put_item(TableName="events", Item={"event_id": {"S": event_id}, "status": {"S": status}})

    def restore(self, at: datetime | None = None) -> dict[str, str]:
        """What a restored table holds: {event: status}."""
        when: dict[str, Any] = {"RestoreDateTime": at} if at else {"UseLatestRestorableTime": True}
        self.client.restore_table_to_point_in_time(SourceTableName="events", TargetTableName="restored", **when)
        items = self.client.scan(TableName="restored")["Items"]
        return {item["event_id"]["S"]: item["status"]["S"] for item in items}


@pytest.fixture
def table(account: Account) -> Table:
    return Table(account)


def now() -> datetime:
    """A time that is after what was done before, and before what is done next; requests carry whole milliseconds."""
    time.sleep(0.01)
    at = datetime.now(UTC)
    time.sleep(0.01)
    return at


def refused(table: Table, at: datetime) -> str:
    with pytest.raises(ClientError) as error:
        table.restore(at)
    return str(error.value.response["Error"]["Code"])


def test_a_table_is_restored_as_it_was(table: Table) -> None:
    table.recoverable()
    table.put("stays", "RECEIVED")
    table.put("is-changed", "RECEIVED")
    table.put("is-deleted", "RECEIVED")
    at = now()
    table.put("is-changed", "LOST")
    table.put("is-new", "RECEIVED")
    table.client.delete_item(TableName="events", Key={"event_id": {"S": "is-deleted"}})
    table.client.update_item(
        TableName="events",
        Key={"event_id": {"S": "is-changed"}},
        UpdateExpression="SET #status = :again",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":again": {"S": "LOST AGAIN"}},
    )
    assert table.restore(at) == {"stays": "RECEIVED", "is-changed": "RECEIVED", "is-deleted": "RECEIVED"}


def test_the_latest_time_is_now(table: Table) -> None:
    table.recoverable().put("one", "RECEIVED")
    assert table.restore() == {"one": "RECEIVED"}


def test_the_times_that_can_be_restored_are_told(table: Table) -> None:
    before = now()
    table.recoverable()
    described = table.client.describe_continuous_backups(TableName="events")["ContinuousBackupsDescription"]
    times = described["PointInTimeRecoveryDescription"]
    assert before <= times["EarliestRestorableDateTime"] <= times["LatestRestorableDateTime"]


def test_only_times_since_recovery_is_on_can_be_restored(table: Table) -> None:
    assert refused(table, now()) == "PointInTimeRecoveryUnavailableException"
    before = now()
    table.recoverable()
    assert refused(table, before) == "InvalidRestoreTimeException"
    assert refused(table, datetime.now(UTC) + timedelta(hours=1)) == "InvalidRestoreTimeException"


def test_a_restored_table_has_the_key_of_the_old_one_and_no_recovery(table: Table, account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    table.client.update_table(
        TableName="events",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
        DeletionProtectionEnabled=True,
    )
    table.recoverable().restore()
    described = table.client.describe_table(TableName="restored")["Table"]
    assert described["SSEDescription"]["KMSMasterKeyArn"] == key
    assert not described.get("DeletionProtectionEnabled")
    backups = table.client.describe_continuous_backups(TableName="restored")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
