"""Drill: the region is lost that also has the states. A system of it runs elsewhere, as an environment of its own."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest

from tests.emulator.drills.conftest import Checkout
from tools.deploy.target import Target

LOST, NEW = "us-east-1", "us-west-2"


@pytest.fixture
def standby(checkout: Checkout, dev: Target) -> Iterator[str]:
    """What the runbook says, for one system, and with dev in the place of prod; and all of it taken back."""
    live, root = checkout.root / "live", checkout.root / "terragrunt.hcl"
    before = root.read_text()
    shutil.copytree(live / "dev", live / "standby", ignore=shutil.ignore_patterns(".terragrunt-cache", "eu-central-1"))
    (live / "standby" / LOST).rename(live / "standby" / NEW)
    for system in ("csv-upload", "payment-events"):
        shutil.rmtree(live / "standby" / NEW / system)
    checkout.set("standby", suffix="standby")
    text = before.replace(f'state_region     = "{LOST}"', f'state_region     = "{NEW}"')
    text = text.replace("financial-event-pipelines-state-$", f"financial-event-pipelines-state-{NEW}-$")
    assert text.count(NEW) == 2
    root.write_text(text)
    try:
        yield "standby"
    finally:
        root.write_text(before)
        shutil.rmtree(live / "standby")


@pytest.mark.requirement("PLT-51")
def test_a_system_of_a_lost_region_runs_in_another_with_states_of_its_own(
    checkout: Checkout, dev: Target, standby: str
) -> None:
    s3 = dev.client("s3", NEW)

    def states(bucket: str) -> dict[str, object]:
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {entry["Key"]: entry["ETag"] for entry in found}

    lost = f"financial-event-pipelines-state-{dev.account_id}"
    before = states(lost)
    checkout.pipelines(f"env apply --env {standby}")
    checkout.pipelines(f"system rotate-secret webhooks --env {standby}")
    said = checkout.pipelines(f"system send webhooks --type payment --env {standby}")
    assert f".{NEW}." in said or NEW in checkout.pipelines(f"env outputs webhooks --env {standby}")
    sent = re.search(r"system trace webhooks (\S+)", said)
    assert sent
    assert "was routed to payments-queue-standby" in checkout.pipelines(
        f"system trace webhooks {sent[1]} --env {standby}"
    )
    assert all(f"/{NEW}/" in key for key in states(f"financial-event-pipelines-state-{NEW}-{dev.account_id}"))
    assert states(lost) == before
