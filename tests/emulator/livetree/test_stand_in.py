"""The stand-in at work: what it runs, in which order, and what it leaves."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
import tftest

from tests.emulator.livetree.conftest import Account
from tests.shell import take_interrupts
from tests.unit.livetree.trees import DATA, SERVICE_UNIT
from tools.deploy.terragrunt import STAND_IN
from tools.project import ROOT
from tools.waiting import wait_for

HOOK = """\
  {kind}_hook "{name}" {{
    commands     = ["{command}"]
    execute      = ["sh", "-c", "{script}"]
    run_on_error = {run_on_error}
  }}
"""


def hook(name: str, script: str, kind: str = "before", command: str = "plan", *, run_on_error: bool = False) -> str:
    return HOOK.format(kind=kind, name=name, command=command, script=script, run_on_error=str(run_on_error).lower())


def hooks_of_data(account: Account, *hooks: str) -> None:
    account.tree.write("live/_units/data.hcl", "terraform {\n" + "".join(hooks) + "}\n")


@pytest.mark.requirement("PLT-15", "PLT-17")
def test_an_environment_is_applied_planned_again_without_changes_and_destroyed(account: Account) -> None:
    applied = account.run("run-all", "apply")
    assert applied.returncode == 0, applied.stderr
    assert applied.stdout.index(str(DATA)) < applied.stdout.index(str(SERVICE_UNIT))
    assert account.states() == {f"dev/us-east-1/payments/{unit}/terraform.tfstate" for unit in ("data", "service")}

    outputs = account.run("run", "--all", "--", "output", "-json")
    assert '"value": "kept-dev"' in outputs.stdout

    assert account.run("run-all", "plan", "-detailed-exitcode").returncode == 0

    destroyed = account.run("run-all", "destroy")
    assert destroyed.returncode == 0, destroyed.stderr
    assert destroyed.stdout.index(str(SERVICE_UNIT)) < destroyed.stdout.index(str(DATA))
    again = account.run("run-all", "destroy")
    assert (again.returncode, again.stdout.count("There is nothing to destroy")) == (0, 2)
    assert account.locks() == []


def test_a_plan_with_changes_ends_with_2_where_that_is_asked_for(account: Account) -> None:
    assert account.run("run-all", "plan", "-detailed-exitcode").returncode == 2
    assert account.run("plan", "-detailed-exitcode", folder=account.tree.root / DATA).returncode == 2
    assert account.run("run-all", "plan").returncode == 0


@pytest.mark.requirement("PLT-10")
def test_the_bucket_and_the_table_are_made_once_and_made_safe(account: Account) -> None:
    first = account.run("run-all", "validate")
    assert f"bootstrap: state bucket {account.bucket}" in first.stderr
    assert "bootstrap" not in account.run("run-all", "validate").stderr

    s3, dynamodb = account.client("s3"), account.client("dynamodb")
    assert s3.get_bucket_versioning(Bucket=account.bucket)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=account.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert all(s3.get_public_access_block(Bucket=account.bucket)["PublicAccessBlockConfiguration"].values())
    [statement] = json.loads(s3.get_bucket_policy(Bucket=account.bucket)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    table = dynamodb.describe_table(TableName="locks")["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    backups = dynamodb.describe_continuous_backups(TableName="locks")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


@pytest.mark.requirement("PLT-10")
def test_the_key_of_the_states_is_made_once_rotates_and_encrypts_them(account: Account) -> None:
    alias = "alias/states"
    account.tree.replace("terragrunt.hcl", "encrypt        = true\n", f'encrypt = true\n kms_key_id = "{alias}"\n')
    assert f"bootstrap: key of the states {alias}" in account.run("run-all", "apply").stderr
    assert "bootstrap" not in account.run("run-all", "plan").stderr

    kms, s3 = account.client("kms"), account.client("s3")
    key = kms.describe_key(KeyId=alias)["KeyMetadata"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    rule = s3.get_bucket_encryption(Bucket=account.bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}
    assert len(account.states()) == 2
    for state in account.states():
        written = s3.head_object(Bucket=account.bucket, Key=state)
        assert (written["ServerSideEncryption"], written["SSEKMSKeyId"]) == ("aws:kms", alias)


def test_without_bootstrap_a_missing_bucket_is_told_with_the_command_that_makes_it(account: Account) -> None:
    answer = account.run("run-all", "plan", environment={"TG_BACKEND_BOOTSTRAP": "false"})
    assert answer.returncode == 1
    assert f"error: the state bucket {account.bucket} does not exist" in answer.stderr
    assert "make bootstrap ENV=dev" in answer.stderr


def test_tftest_drives_it_as_it_drives_terragrunt(account: Account) -> None:
    every = tftest.TerragruntTest(str(account.live), binary=str(STAND_IN), env=account.environment, tg_run_all=True)
    # tftest adds to its own process's environment, which may lead elsewhere.
    every.env = account.environment
    plans = every.plan(output=True)
    assert sorted(len(plan.resource_changes) for plan in plans) == [1, 1]
    every.apply()
    assert sorted(sorted(output) for output in every.output()) == [["reads"], ["table"]]

    one = tftest.TerragruntTest(str(account.tree.root / SERVICE_UNIT), binary=str(STAND_IN))
    one.env = account.environment
    assert one.output()["reads"] == "kept-dev"
    assert one.plan(output=True).resource_changes["terraform_data.this"]["change"]["actions"] == ["no-op"]
    account.tree.append("modules/systems/payments/data/main.tf", "not hcl\n")
    with pytest.raises(tftest.TerraformTestError):
        every.plan()


@pytest.mark.requirement("PLT-15")
def test_a_unit_alone_is_not_applied_on_mocks(account: Account) -> None:
    assert account.run("plan", folder=account.tree.root / SERVICE_UNIT).returncode == 0
    answer = account.run("apply", "-auto-approve", folder=account.tree.root / SERVICE_UNIT)
    assert answer.returncode == 1
    assert "mock outputs are not for apply" in answer.stderr
    assert account.states() == set()


def test_what_waits_for_a_failed_unit_is_not_run_and_failures_come_last(account: Account) -> None:
    tree = account.tree
    tree.write("live/dev/us-east-1/payments/zone/terragrunt.hcl", (tree.root / DATA / "terragrunt.hcl").read_text())
    tree.write("modules/systems/payments/zone/main.tf", 'resource "terraform_data" "this" {\n}\n')
    tree.append(
        "modules/systems/payments/data/main.tf",
        'resource "terraform_data" "broken" {\n  provisioner "local-exec" {\n    command = "exit 3"\n  }\n}\n',
    )
    answer = account.run("run-all", "apply", "--parallelism", "1")
    assert answer.returncode == 1
    assert answer.stdout.index("payments/zone") < answer.stdout.index("──── live/dev/us-east-1/payments/data")
    assert f"not run, because they wait for what failed: {SERVICE_UNIT}" in answer.stderr
    assert f"`{STAND_IN.relative_to(ROOT)} apply --working-dir {DATA}`" in answer.stderr
    assert account.states() == {f"dev/us-east-1/payments/{unit}/terraform.tfstate" for unit in ("data", "zone")}
    assert account.locks() == []


def test_hooks_run_in_the_work_folder_around_their_command_and_stop_it_when_they_fail(
    account: Account, tmp_path: Path
) -> None:
    notes, unit = tmp_path / "notes", account.tree.root / DATA
    facts = "$TG_CTX_COMMAND $TG_CTX_HOOK_NAME $(ls main.tf) $TF_VAR_context"
    hooks_of_data(account, hook("first", f"echo {facts} >> {notes}"), hook("last", f"echo last >> {notes}", "after"))
    assert account.run("plan", folder=unit).returncode == 0
    first, last = notes.read_text().splitlines()
    assert first == 'plan first main.tf {"region":"us-east-1","suffix":"dev","unit":"data"}'
    assert last == "last"

    hooks_of_data(account, hook("guard", "echo no >&2; exit 4"))
    answer = account.run("plan", folder=unit)
    assert answer.returncode == 1
    assert "the hook guard of plan failed with status 4" in answer.stderr
    assert "Terraform will perform" not in answer.stdout


@pytest.mark.parametrize(("run_on_error", "ran"), [(True, True), (False, False)])
def test_an_after_hook_sees_a_failed_command_only_when_it_asks_to(
    account: Account, tmp_path: Path, run_on_error: bool, ran: bool
) -> None:
    notes = tmp_path / "notes"
    hooks_of_data(account, hook("clean", f"touch {notes}", "after", run_on_error=run_on_error))
    account.tree.append("modules/systems/payments/data/main.tf", 'output "broken" {\n  value = [][0]\n}\n')
    answer = account.run("plan", folder=account.tree.root / DATA)
    assert answer.returncode == 1
    assert "Invalid index" in answer.stderr
    assert notes.exists() == ran


def test_a_changed_module_is_what_runs_next(account: Account) -> None:
    unit = account.tree.root / DATA
    account.tree.write("modules/systems/payments/data/extra.tf", 'output "extra" {\n  value = 1\n}\n')
    account.run("apply", "-auto-approve", folder=unit)
    assert set(json.loads(account.run("output", "-json", folder=unit).stdout)) == {"extra", "table"}
    (account.tree.root / "modules/systems/payments/data/extra.tf").unlink()
    account.tree.replace("modules/systems/payments/data/main.tf", '"kept-', '"moved-')
    account.run("apply", "-auto-approve", folder=unit)
    outputs = json.loads(account.run("output", "-json", folder=unit).stdout)
    assert outputs["table"]["value"]["name"] == "moved-dev"
    assert set(outputs) == {"table"}


@pytest.mark.parametrize("to", ["the program", "all of the terminal"])
@pytest.mark.parametrize("words", [("run-all", "apply"), ("apply", "-auto-approve")])
def test_an_interrupted_apply_leaves_no_lock(account: Account, tmp_path: Path, words: tuple[str, ...], to: str) -> None:
    begun = tmp_path / "begun"
    account.tree.append(
        "modules/systems/payments/data/main.tf",
        'resource "terraform_data" "slow" {\n  provisioner "local-exec" {\n'
        f'    command = "touch {begun}; exec sleep 600"\n  }}\n}}\n',
    )
    process = subprocess.Popen(
        [str(STAND_IN), *words],
        cwd=account.live if words[0] == "run-all" else account.tree.root / DATA,
        env=account.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=take_interrupts,
    )
    wait_for(begun.exists, "the apply to be under way")
    assert len(account.locks()) == 1
    if to == "the program":
        process.send_signal(signal.SIGINT)
    else:
        os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130, said
    assert account.locks() == []


def test_a_lock_of_a_run_that_was_killed_is_told_with_the_command_that_releases_it(account: Account) -> None:
    account.run("run-all", "apply")
    path = f"{account.bucket}/dev/us-east-1/payments/data/terraform.tfstate"
    info = {
        "ID": "3f1c2a9e-0000-4000-8000-000000000000",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "someone@somewhere",
        "Version": "1.5.0",
        "Created": "2024-05-01T10:00:00.000000000Z",
        "Path": path,
    }
    account.client("dynamodb").put_item(
        TableName="locks", Item={"LockID": {"S": path}, "Info": {"S": json.dumps(info)}}
    )
    answer = account.run("run-all", "plan")
    assert answer.returncode == 1
    assert f"error: the state of {DATA} is locked by someone@somewhere since 2024-05-01" in answer.stderr

    command = re.search(r"release its lock: `tools/livetree/standin/bin/terragrunt ([^`]+)`", answer.stderr)
    assert command is not None
    released = account.run(*command[1].split(), folder=account.tree.root)
    assert released.returncode == 0, released.stderr
    assert account.locks() == []
    assert account.run("run-all", "plan").returncode == 0
