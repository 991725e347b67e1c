"""The roles of workflows on the emulator: who becomes them, and what they may do, asked from the inside."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.emulator.delivery.conftest import RESOURCES, Unit
from tools.delivery import approved
from tools.delivery.bootstrap import bootstrap_delivery
from tools.delivery.identity import AUDIENCE, ISSUER, Ground, ensure_identity, role_name
from tools.delivery.planning import Units
from tools.emulator import control
from tools.errors import Failure
from tools.livetree.reading.subset import BackendSettings
from tools.livetree.settings import load

REPOSITORY = "acme/pipelines"
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation", "403"}

pytestmark = pytest.mark.requirement("PLT-52")


class Account:
    """An account with the roles of bootstrap, and some things that are none of theirs."""

    def __init__(self, emulator: control.Emulator) -> None:
        self.emulator = emulator
        self.id = str(100_000_000_000 + secrets.randbelow(899_999_999_999))
        key = self.root("kms").create_key()["KeyMetadata"]["Arn"]
        self.ground = Ground(
            account_id=self.id,
            environments=("dev",),
            regions=("eu-central-1", "us-east-1"),
            bucket=f"financial-event-pipelines-state-{self.id}",
            lock_table="financial-event-pipelines-locks",
            state_key_arn=key,
            state_region="us-east-1",
        )
        s3 = self.root("s3")
        for bucket in (self.ground.bucket, f"transactions-{self.id}"):
            s3.create_bucket(Bucket=bucket)
            s3.put_object(Bucket=bucket, Key="key", Body=b"{}")
        for table in (self.ground.lock_table, "events"):
            self.root("dynamodb").create_table(
                TableName=table,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            )
        self.queue = self.root("sqs").create_queue(QueueName="letters")["QueueUrl"]
        self.secret = self.root("secretsmanager").create_secret(Name="signing", SecretString="x")["ARN"]
        self.made = list(ensure_identity(self.root("iam"), self.ground, REPOSITORY))

    def root(self, service: str, region: str = "us-east-1") -> Any:
        return self.emulator.client(service, self.id, region)

    def become(self, role: str, subject: str, audience: str = AUDIENCE) -> Callable[..., Any]:
        """Clients of a session of a role, for a job with this token. Raises ClientError when the role refuses."""
        session = boto3.session.Session(**credentials(self.emulator, self.id, role, subject, audience))  # type: ignore[arg-type]

        def client(service: str, region: str = "us-east-1") -> Any:
            endpoint = self.emulator.endpoint
            return session.client(service, region_name=region, endpoint_url=endpoint)  # type: ignore[call-overload]

        return client


def credentials(
    emulator: control.Emulator, account_id: str, role: str, subject: str, audience: str = AUDIENCE
) -> dict[str, str]:
    """What a job gets that becomes a role by its token. Raises ClientError when the role refuses."""
    claims = {"iss": f"https://{ISSUER}", "aud": audience, "sub": subject}
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    token = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    given = emulator.client("sts", account_id).assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{account_id}:role/{role}", RoleSessionName="job", WebIdentityToken=f"{token}.signature"
    )["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


@pytest.fixture(scope="module")
def account(emulator: control.Emulator | None) -> Account:
    if emulator is None:
        pytest.skip("what is tried here is not for an account")
    return Account(emulator)


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        return "denied" if code in DENIED else code
    return "done"


def test_bootstrap_makes_everything_once(account: Account) -> None:
    assert account.made[0] == f"provider of tokens {ISSUER}"
    assert len(account.made) == 8
    assert list(ensure_identity(account.root("iam"), account.ground, REPOSITORY)) == []


def test_what_somebody_changed_is_corrected(account: Account) -> None:
    iam, name = account.root("iam"), role_name("apply")
    document = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    document["Statement"][0]["Condition"] = {}
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
    iam.detach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::{account.id}:policy/{name}")
    iam.create_policy_version(
        PolicyArn=f"arn:aws:iam::{account.id}:policy/{role_name('plan')}",
        PolicyDocument=json.dumps(document | {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}),
        SetAsDefault=True,
    )
    assert list(ensure_identity(iam, account.ground, REPOSITORY)) == [
        f"what policy {role_name('plan')} says",
        f"who becomes role {name}",
        f"what role {name} may do",
    ]


def test_a_unit_is_planned_and_applied_by_the_roles(unit: Unit, tmp_path: Path) -> None:
    ground = Ground(
        account_id=unit.account_id,
        environments=("dev",),
        regions=("us-east-1",),
        bucket=f"financial-event-pipelines-state-{unit.account_id}",
        lock_table="financial-event-pipelines-locks",
        state_key_arn="",
        state_region="us-east-1",
    )
    list(ensure_identity(unit.emulator.client("iam", unit.account_id), ground, REPOSITORY))

    def as_role(role: str, subject: str) -> Units:
        given = credentials(unit.emulator, unit.account_id, role_name(role), subject)  # type: ignore[arg-type]
        return unit.units_with({name.upper(): value for name, value in given.items()})

    unit.write(RESOURCES.replace("message_retention_seconds = 1209600", "message_retention_seconds = 86400"))
    planner = as_role("plan", "repo:acme/pipelines:pull_request")
    planned = planner.plan(unit.folder, tmp_path / "plan", lock=False)
    assert planned.plan.problem is None, planned.plan.problem
    assert [change.address for change in planned.plan.changes] == ["aws_sqs_queue.payments"]
    with pytest.raises(Failure, match="was not applied"):
        planner.apply(unit.folder, planned.file)
    approved.apply(
        as_role("apply", "repo:acme/pipelines:environment:dev"),
        [unit.folder],
        {planned.unit: approved.record(planned, "0" * 40)},
    )
    assert unit.plan(tmp_path).plan.changes == ()


@pytest.mark.parametrize(
    ("role", "subject", "may"),
    [
        ("plan", "repo:acme/pipelines:pull_request", True),
        ("plan", "repo:acme/pipelines:ref:refs/heads/main", True),
        ("plan", "repo:acme/pipelines:ref:refs/heads/feature", False),
        ("plan", "repo:evil/pipelines:pull_request", False),
        ("apply", "repo:acme/pipelines:environment:dev", True),
        ("apply", "repo:acme/pipelines:environment:prod", False),
        ("apply", "repo:acme/pipelines:pull_request", False),
        ("apply", "repo:acme/pipelines:ref:refs/heads/main", False),
        ("apply", "repo:evil/pipelines:environment:dev", False),
    ],
)
def test_only_the_jobs_of_the_repository_become_a_role(account: Account, role: str, subject: str, may: bool) -> None:
    tried = outcome(lambda: account.become(role_name(role), subject))  # type: ignore[arg-type]
    assert tried == ("done" if may else "denied")


def test_a_token_for_somebody_else_is_of_no_use(account: Account) -> None:
    subject = "repo:acme/pipelines:pull_request"
    assert outcome(lambda: account.become(role_name("plan"), subject, audience="https://github.com/acme")) == "denied"


def test_the_role_that_plans_reads_configuration_and_states_and_nothing_else(account: Account) -> None:
    role = account.become(role_name("plan"), "repo:acme/pipelines:pull_request")
    key = {"LockID": {"S": "x"}}
    may = {
        "describe a table": lambda: role("dynamodb").describe_table(TableName="events"),
        "look at a queue": lambda: role("sqs").get_queue_attributes(QueueUrl=account.queue, AttributeNames=["All"]),
        "list roles": lambda: role("iam").list_roles(),
        "read a state": lambda: role("s3").get_object(Bucket=account.ground.bucket, Key="key"),
    }
    must_not = {
        "read an item": lambda: role("dynamodb").get_item(TableName="events", Key=key),
        "scan a table": lambda: role("dynamodb").scan(TableName="events"),
        "read a file": lambda: role("s3").get_object(Bucket=f"transactions-{account.id}", Key="key"),
        "read a secret": lambda: role("secretsmanager").get_secret_value(SecretId=account.secret),
        "receive a message": lambda: role("sqs").receive_message(QueueUrl=account.queue),
        "write a state": lambda: role("s3").put_object(Bucket=account.ground.bucket, Key="key", Body=b""),
        "make a queue": lambda: role("sqs").create_queue(QueueName="more"),
        "delete a table": lambda: role("dynamodb").delete_table(TableName="no-such-table"),
        "make a role": lambda: role("iam").create_role(RoleName="x-us-east-1", AssumeRolePolicyDocument="{}"),
    }
    assert {what: outcome(call) for what, call in may.items()} == dict.fromkeys(may, "done")
    assert {what: outcome(call) for what, call in must_not.items()} == dict.fromkeys(must_not, "denied")


def test_the_role_that_applies_manages_what_units_consist_of_and_leaves_the_rest(account: Account) -> None:
    role = account.become(role_name("apply"), "repo:acme/pipelines:environment:dev")
    lock = {"LockID": {"S": "x"}}
    trusted = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    own = f"arn:aws:iam::{account.id}:policy/{role_name('apply')}"
    may = {
        "make a queue": lambda: role("sqs").create_queue(QueueName="made"),
        "make one elsewhere": lambda: role("sqs", "eu-central-1").create_queue(QueueName="made"),
        "make a role": lambda: role("iam").create_role(
            RoleName="webhook-validator-dev-us-east-1", AssumeRolePolicyDocument=trusted
        ),
        "write a state": lambda: role("s3").put_object(Bucket=account.ground.bucket, Key="state", Body=b"{}"),
        "lock a state": lambda: role("dynamodb").put_item(TableName=account.ground.lock_table, Item=lock),
        "look at a lock": lambda: role("dynamodb").get_item(TableName=account.ground.lock_table, Key=lock),
    }
    must_not = {
        "make a queue in another region": lambda: role("sqs", "ap-south-1").create_queue(QueueName="made"),
        "make a user": lambda: role("iam").create_user(UserName="x"),
        "make a role of another name": lambda: role("iam").create_role(RoleName="x", AssumeRolePolicyDocument=trusted),
        "free itself of its boundary": lambda: role("iam").delete_role_permissions_boundary(
            RoleName=role_name("apply")
        ),
        "let others become it": lambda: role("iam").update_assume_role_policy(
            RoleName=role_name("apply"), PolicyDocument=trusted
        ),
        "allow itself more": lambda: role("iam").create_policy_version(
            PolicyArn=own, PolicyDocument=trusted, SetAsDefault=True
        ),
        "delete the bucket of the states": lambda: role("s3").delete_bucket(Bucket=account.ground.bucket),
        "delete the table of the locks": lambda: role("dynamodb").delete_table(TableName=account.ground.lock_table),
        "delete the key of the states": lambda: role("kms").schedule_key_deletion(KeyId=account.ground.state_key_arn),
        "read an item": lambda: role("dynamodb").get_item(TableName="events", Key=lock),
        "read a file": lambda: role("s3").get_object(Bucket=f"transactions-{account.id}", Key="key"),
        "read a secret": lambda: role("secretsmanager").get_secret_value(SecretId=account.secret),
        "use another service": lambda: role("ssm").put_parameter(Name="x", Value="x", Type="String"),
    }
    assert {what: outcome(call) for what, call in may.items()} == dict.fromkeys(may, "done")
    assert {what: outcome(call) for what, call in must_not.items()} == dict.fromkeys(must_not, "denied")


@pytest.mark.parametrize("on_github", [False, True])
def test_bootstrap_prints_or_runs_what_makes_the_environments_on_github(
    account: Account,
    on_github: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in account.emulator.variables(load("dev").account_id).items():
        monkeypatch.setenv(name, value or "")
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" "$(cat)" > "{tmp_path}/called"\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    backend = BackendSettings(bucket="states", key="k", region="us-east-1", dynamodb_table="locks")
    made = bootstrap_delivery("dev", backend, REPOSITORY, on_github=on_github)
    command = f"api --method PUT repos/{REPOSITORY}/environments/dev --input -"
    body = '{"deployment_branch_policy": {"protected_branches": true, "custom_branch_policies": false}'
    if on_github:
        assert made[-1] == f"environment dev of {REPOSITORY} on GitHub"
        assert (tmp_path / "called").read_text().startswith(f"{command} {body}")
    else:
        assert f"bootstrap: run `gh {command} <<< '{body}" in capsys.readouterr().out
        assert not (tmp_path / "called").exists()
