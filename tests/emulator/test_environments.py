"""Whole environments: applied, planned again, planned under other accounts."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.emulator.conftest import Environment
from tools.deploy.target import Target
from tools.emulator import control
from tools.livetree.mocks import compare
from tools.toolchain import ROOT

NO_CHANGES = re.compile(r"No changes\. Your infrastructure matches the configuration")
UNITS = {
    ("foundation", "data"),
    ("foundation", "monitoring"),
    ("payment-events", "data"),
    ("payment-events", "service"),
    ("payment-events", "monitoring"),
    ("webhooks", "data"),
    ("webhooks", "service"),
    ("webhooks", "monitoring"),
}


@pytest.mark.requirement("PLT-15", "PLT-12", "PLT-20")
def test_a_second_plan_is_empty_in_every_unit(dev: Environment) -> None:
    answer = dev.all_units("plan", "-detailed-exitcode")
    assert answer.retcode == 0, answer.out[-4000:]
    assert len(NO_CHANGES.findall(answer.out)) == len(UNITS)


@pytest.mark.requirement("PLT-10")
def test_every_unit_has_a_state_of_its_own_and_leaves_no_lock(dev: Environment) -> None:
    s3, dynamodb = dev.target.client("s3"), dev.target.client("dynamodb")
    bucket = f"financial-event-pipelines-state-{dev.target.account_id}"
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == {f"dev/us-east-1/{system}/{unit}/terraform.tfstate" for system, unit in UNITS}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    locks = dynamodb.scan(TableName="financial-event-pipelines-locks")["Items"]
    assert not [lock for lock in locks if not lock["LockID"]["S"].endswith("-md5")]


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize(
    ("system", "unit"),
    [
        ("foundation", "data"),
        ("payment-events", "data"),
        ("payment-events", "service"),
        ("webhooks", "data"),
        ("webhooks", "service"),
    ],
)
def test_mocks_imitate_what_the_unit_really_gives(dev: Environment, system: str, unit: str) -> None:
    mock = yaml.safe_load((ROOT / "modules" / "systems" / system / unit / "mock_outputs.yaml").read_text())
    assert compare(mock, dev.target.outputs(system, unit)) == []


@pytest.mark.requirement("PLT-15", "PLT-20")
@pytest.mark.parametrize("name", ["staging", "prod"])
def test_other_environments_plan_on_an_empty_account_beside_dev(
    dev: Environment, emulator: control.Emulator | None, name: str
) -> None:
    other = Environment(Target(name, emulator))
    answer = other.all_units("plan")
    plans = re.findall(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy", answer.out)
    assert len(plans) == len(UNITS), answer.out[-4000:]
    assert all(int(added) and not int(changed) and not int(destroyed) for added, changed, destroyed in plans)
    assert other.target.account_id != dev.target.account_id
