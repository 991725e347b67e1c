"""Drill: prod is removed in the way that the runbook says, and in no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.drills.conftest import Checkout
from tests.emulator.test_destroy import SHARED, left
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem
from tools.operations.cli import SYSTEMS
from tools.operations.csv_upload import CsvUpload
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks

REGIONS = ("us-east-1", "eu-central-1")


@pytest.mark.requirement("PLT-13", "PLT-51")
def test_prod_is_removed_after_its_protection_is_lifted_and_not_before(checkout: Checkout) -> None:
    prod = checkout.target("prod")
    checkout.pipelines("env apply --env prod")
    webhooks = WebhookSystem(Webhooks(prod))
    assert webhooks.post(webhooks.event()).status == 200
    uploads = CsvUploadSystem(CsvUpload(prod))
    uploads.ended(uploads.upload(uploads.csv(uploads.rows(3))))
    files = TransactionFileSystem(TransactionFiles(prod))
    files.worked_off(files.upload(files.csv(files.rows(3))))
    assert "prod is not destroyable" in checkout.pipelines("env destroy --env prod", fails=True)
    for system in (system(prod) for system in SYSTEMS.values()):
        dynamodb = system.client("dynamodb")
        for table in system.tables.values():
            with pytest.raises(dynamodb.exceptions.ClientError, match="protected against deletion"):
                dynamodb.delete_table(TableName=table)
    checkout.set("prod", destroyable=True)
    checkout.pipelines("env apply --env prod")
    keys = {region: customer_keys(prod.client("kms", region)) for region in REGIONS}
    checkout.pipelines("env destroy --env prod")
    for region in REGIONS:
        remaining = left(partial(prod.client, region=region), prod.account_id)
        [of_the_account] = remaining.pop("keys")
        roles = [f"financial-event-pipelines-api-gateway-logs-{each}" for each in sorted(REGIONS)]
        assert remaining | {"roles": sorted(remaining["roles"])} == SHARED | {"roles": roles}
        described = [prod.client("kms", region).describe_key(KeyId=key)["KeyMetadata"] for key in keys[region]]
        kept = [key for key in described if key["KeyState"] != "PendingDeletion"]
        # Beside the account's own, the region of the states has their key.
        assert of_the_account in [key["Arn"] for key in kept]
        assert len(kept) == (2 if region == "us-east-1" else 1)
        at = [key["DeletionDate"] for key in described if key not in kept]
        assert at
        assert all(timedelta(days=6) < each - datetime.now(UTC) <= timedelta(days=7) for each in at)


def customer_keys(kms: Any) -> list[str]:
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [key["KeyId"] for key in keys if key["KeyManager"] == "CUSTOMER"]
