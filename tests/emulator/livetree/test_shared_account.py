"""Two deployments in one account: each has its own, and both have what AWS gives an account once."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.copies import copy_of_the_repository
from tools.deploy import terragrunt
from tools.emulator import control

PREVIEW = "dev-pr"
ACCOUNT = "444444444444"


@pytest.fixture
def repository(tmp_path: Path, emulator: control.Emulator | None) -> Path:
    """A copy of this repository with `dev`, and a preview of it in the same account, which nothing else uses."""
    if emulator is None:
        pytest.skip("it makes deployments of its own, and an account may hold others")
    root = copy_of_the_repository(tmp_path / "repository")
    live = root / "live"
    shutil.copytree(live / "dev", live / PREVIEW)
    for name in ("dev", PREVIEW):
        path = live / name / "environment.yaml"
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"account_id": ACCOUNT}))
    return root


@pytest.mark.requirement("PLT-12", "PLT-15")
def test_what_an_account_has_once_is_made_by_the_first_deployment_and_left_by_the_removal_of_another(
    repository: Path, emulator: control.Emulator
) -> None:
    def run(folder: str, *words: str) -> str:
        answer = subprocess.run(
            [terragrunt.find().binary, "run", "--all", *words],
            cwd=repository / "live" / folder / "us-east-1",
            env=terragrunt.environment(emulator.variables(ACCOUNT), unattended=True),
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-3000:]
        return answer.stdout + answer.stderr

    # Of a whole deployment `foundation` is enough: it has a state and names of its own.
    for name in ("webhooks", "payment-events"):
        for environment in ("dev", PREVIEW):
            shutil.rmtree(repository / "live" / environment / "us-east-1" / name)
    assert "Apply complete! Resources: 7 added" in run("dev", "apply")
    role = emulator.client("apigateway", ACCOUNT, "us-east-1").get_account()["cloudwatchRoleArn"]
    run(PREVIEW, "apply")
    run("dev", "plan", "--", "-detailed-exitcode")
    run(PREVIEW, "destroy")
    run("dev", "plan", "--", "-detailed-exitcode")
    assert emulator.client("apigateway", ACCOUNT, "us-east-1").get_account()["cloudwatchRoleArn"] == role
    buckets = [bucket["Name"] for bucket in emulator.client("s3", ACCOUNT, "us-east-1").list_buckets()["Buckets"]]
    assert [name for name in buckets if name.startswith("artifacts-")] == [f"artifacts-dev-{ACCOUNT}-us-east-1"]
