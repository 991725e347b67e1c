from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.fidelity.account import Account


@pytest.mark.parametrize(("asked", "kept"), [({"RecoveryPeriodInDays": 7}, 7), ({}, 35)])
def test_the_recovery_period_is_kept(account: Account, asked: dict[str, Any], kept: int) -> None:
    account.table("events", "event_id")
    client = account.client("dynamodb")
    client.update_continuous_backups(
        TableName="events", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **asked}
    )
    described = client.describe_continuous_backups(TableName="events")["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == kept
