"""Whole environments: applied, planned again, planned under other accounts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.emulator.conftest import Environment
from tools.deploy.target import Target
from tools.emulator import control
from tools.livetree import layout
from tools.livetree.mocks import compare
from tools.project import ROOT

NO_CHANGES = re.compile(r"No changes\. Your infrastructure matches the configuration")
UNITS = layout.units("dev")


def mock_outputs(place: layout.Place) -> Path:
    return ROOT / "modules" / "systems" / place.system / place.unit / "mock_outputs.yaml"


@pytest.mark.requirement("PLT-15", "PLT-12", "PLT-20")
def test_a_second_plan_is_empty_in_every_unit(dev: Environment) -> None:
    answer = dev.all_units("plan", "-detailed-exitcode")
    assert answer.retcode == 0, answer.out[-4000:]
    assert len(NO_CHANGES.findall(answer.out)) == len(UNITS)


@pytest.mark.requirement("PLT-10")
def test_every_unit_has_a_state_of_its_own_and_leaves_no_lock(dev: Environment) -> None:
    backend = dev.target.backends[UNITS[0]]
    assert (backend.bucket, backend.dynamodb_table, backend.region) == (
        f"financial-event-pipelines-state-{dev.target.account_id}",
        "financial-event-pipelines-locks",
        "us-east-1",
    )
    s3, dynamodb = dev.target.client("s3", backend.region), dev.target.client("dynamodb", backend.region)
    bucket = backend.bucket
    keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    scopes = {place: "shared" if place.system == layout.SHARED_SYSTEM else place.environment for place in UNITS}
    assert keys == {f"{scopes[place]}/{place.in_environment}/terraform.tfstate" for place in UNITS}
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    locks = dynamodb.scan(TableName=backend.dynamodb_table)["Items"]
    assert not [lock for lock in locks if not lock["LockID"]["S"].endswith("-md5")]


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize("place", [place for place in UNITS if mock_outputs(place).exists()], ids=str)
def test_mocks_imitate_what_the_unit_really_gives(dev: Environment, place: layout.Place) -> None:
    mock = yaml.safe_load(mock_outputs(place).read_text())
    assert compare(mock, dev.target.outputs(place)) == []


@pytest.mark.requirement("PLT-15", "PLT-20")
@pytest.mark.parametrize("name", [name for name in layout.environments() if name != "dev"])
def test_other_environments_plan_on_an_empty_account_beside_dev(
    dev: Environment, emulator: control.Emulator | None, name: str
) -> None:
    other = Environment(Target(name, emulator))
    answer = other.all_units("plan")
    plans = re.findall(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy", answer.out)
    assert len(plans) == len(UNITS), answer.out[-4000:]
    assert all(int(added) and not int(changed) and not int(destroyed) for added, changed, destroyed in plans)
    assert other.target.account_id != dev.target.account_id
