from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.fidelity.account import Account


@pytest.mark.parametrize(("asked", "kept"), [({"RecoveryPeriodInDays": 7}, 7), ({}, 35)])
def test_the_recovery_period_is_kept(account: Account, asked: dict[str, Any], kept: int) -> None:
    client = account.client("dynamodb")
    client.create_table(
        TableName="events",
        KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.update_continuous_backups(
        TableName="events", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **asked}
    )
    described = client.describe_continuous_backups(TableName="events")["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == kept
