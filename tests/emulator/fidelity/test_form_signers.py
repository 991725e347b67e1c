from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config

from tests.emulator.fidelity.account import REGION, Account, document, statement
from tests.emulator.fidelity.test_upload_forms import code, form, post


def signer(account: Account, resource: str) -> Any:
    """A client with the credentials of a role that may put objects there."""
    iam = account.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{account.id}:root"}}
    arn = iam.create_role(RoleName="signer", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    policy = document(statement("s3:PutObject", resource))
    iam.put_role_policy(RoleName="signer", PolicyName="all", PolicyDocument=policy)
    session = account.client("sts").assume_role(RoleArn=arn, RoleSessionName="form")["Credentials"]
    return boto3.client(
        "s3",
        endpoint_url=account.client("s3").meta.endpoint_url,
        region_name=REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
        config=Config(signature_version="s3v4"),
    )


@pytest.mark.parametrize(("folder", "expected"), [("incoming", (204, "")), ("rejected", (403, "AccessDenied"))])
def test_a_role_signs_forms_for_what_it_may_put(account: Account, folder: str, expected: tuple[int, str]) -> None:
    bucket = f"files-{account.id}"
    account.client("s3").create_bucket(Bucket=bucket)
    made = form(signer(account, f"arn:aws:s3:::{bucket}/{folder}/*"), bucket)
    assert code(post(made, b"12345")) == expected


def test_a_form_with_another_token_is_refused(account: Account) -> None:
    bucket = f"files-{account.id}"
    account.client("s3").create_bucket(Bucket=bucket)
    made = form(signer(account, f"arn:aws:s3:::{bucket}/*"), bucket)
    assert post(made, b"12345", **{"x-amz-security-token": "0" * 64}).status in (400, 403)
