"""Drill: the region is lost that also has the states. Its systems run elsewhere, as an environment of their own."""

from __future__ import annotations

import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.drills.conftest import Checkout
from tools.demo.notifications import Notifications
from tools.deploy.target import Target
from tools.project import ROOT
from tools.waiting import wait_for

LOST, NEW = "us-east-1", "us-west-2"


@pytest.fixture
def standby(checkout: Checkout, dev: Target) -> Iterator[str]:
    """What the runbook says, with dev in the place of prod; and all of it taken back."""
    live, root = checkout.root / "live", checkout.root / "terragrunt.hcl"
    before = root.read_text()
    shutil.copytree(live / "dev", live / "standby", ignore=shutil.ignore_patterns(".terragrunt-cache", "eu-central-1"))
    (live / "standby" / LOST).rename(live / "standby" / NEW)
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


def send(checkout: Checkout, environment: str, folder: Path) -> dict[str, str]:
    """Send something to each system that was in the lost region. Returns what each said, by system."""
    checkout.pipelines(f"system rotate-secret webhooks --env {environment}")
    checkout.pipelines(f"system api-key csv-upload --rotate --env {environment}")
    files = {"notification": folder / "notification.json", "upload": folder / "upload.csv"}
    files["notification"].write_text(Notifications(uuid.uuid4().hex[:8], datetime.now(UTC)).stripe().text)
    files["upload"].write_bytes(CsvUploadSystem.csv(CsvUploadSystem.rows(3)))
    return {
        "webhooks": checkout.pipelines(f"system send webhooks --type payment --env {environment}"),
        "payment-events": checkout.pipelines(f"system send payment-events {files['notification']} --env {environment}"),
        "csv-upload": checkout.pipelines(f"system send csv-upload {files['upload']} --env {environment}"),
    }


def traced(checkout: Checkout, said: str, environment: str) -> str:
    """The trace of what was sent, which `said` names the command for; empty as long as nobody knows it."""
    command = re.search(r"system trace (\S+) (\S+)", said)
    assert command, said
    return checkout.tries(f"{command[0]} --env {environment}")


def has(trace: Callable[[], str], part: str) -> bool:
    return part in trace()


@pytest.mark.requirement("PLT-51")
def test_the_systems_of_a_lost_region_run_in_another_with_states_of_their_own(
    checkout: Checkout, dev: Target, standby: str, tmp_path: Path
) -> None:
    s3 = dev.client("s3", NEW)

    def states(bucket: str) -> dict[str, object]:
        found = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
        return {entry["Key"]: entry["ETag"] for entry in found}

    lost = f"financial-event-pipelines-state-{dev.account_id}"
    before = states(lost)
    checkout.pipelines(f"env apply --env {standby}")
    sent = send(checkout, standby, tmp_path)
    assert set(sent) == {place.parent.name for place in (ROOT / "live" / "dev" / LOST).glob("*/service")}
    ends = {
        "webhooks": "was routed to payments-queue-standby",
        "payment-events": "is enriched",
        "csv-upload": "is done: ",
    }
    for system, said in sent.items():
        assert NEW in checkout.pipelines(f"env outputs {system} --env {standby}")
        trace = partial(traced, checkout, said, standby)
        wait_for(partial(has, trace, ends[system]), f"{system} to work off what was sent", 120)
    assert all(f"/{NEW}/" in key for key in states(f"financial-event-pipelines-state-{NEW}-{dev.account_id}"))
    assert states(lost) == before
