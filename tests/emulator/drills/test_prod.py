"""Drill: prod is removed in the way that the runbook says, and in no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulator.drills.conftest import Checkout
from tests.emulator.test_destroy import SHARED, left
from tests.emulator.webhook_system import WebhookSystem
from tools.operations.webhooks import Webhooks

REGION = "us-east-1"
# One system, for the sake of time.
UNITS = [f"{REGION}/{system}" for system in ("account", "foundation", "webhooks")]


@pytest.mark.requirement("PLT-13", "PLT-51")
def test_prod_is_removed_after_its_protection_is_lifted_and_not_before(checkout: Checkout) -> None:
    prod = checkout.target("prod")

    def client(service: str) -> Any:
        return prod.client(service, REGION)

    def apply() -> None:
        for units in UNITS:
            checkout.pipelines(f"env apply --env prod --units {units}")

    apply()
    webhooks = WebhookSystem(Webhooks(prod))
    assert webhooks.post(webhooks.event()).status == 200
    table = webhooks.deployed.tables["table"]
    assert "prod is not destroyable" in checkout.pipelines("env destroy --env prod", fails=True)
    with pytest.raises(client("dynamodb").exceptions.ClientError, match="protected against deletion"):
        client("dynamodb").delete_table(TableName=table)
    checkout.set("prod", destroyable=True)
    apply()
    keys = [key["KeyId"] for key in client("kms").list_keys()["Keys"]]
    checkout.pipelines("env destroy --env prod")
    remaining = left(client, prod.account_id)
    assert len(remaining.pop("keys")) == 1
    assert remaining == SHARED | {"roles": [f"financial-event-pipelines-api-gateway-logs-{REGION}"]}
    described = [client("kms").describe_key(KeyId=key)["KeyMetadata"] for key in keys]
    deleted_at = [key["DeletionDate"] for key in described if key["KeyState"] == "PendingDeletion"]
    assert len(deleted_at) == 3
    assert all(timedelta(days=6) < at - datetime.now(UTC) <= timedelta(days=7) for at in deleted_at)
