"""What bootstrap does about a bucket and a table that AWS has made, and does not take changes of yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tools.livetree import bootstrap
from tools.livetree.reading.subset import BackendSettings

BACKEND = BackendSettings(bucket="states", key="k", region="us-east-1", dynamodb_table="locks")


class Account:
    """S3 and DynamoDB, where nothing is set yet, and the first changes of each kind are answered with an error."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.asked: dict[str, int] = {}

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        def call(**_: Any) -> dict[str, Any]:
            self.asked[operation] = self.asked.get(operation, 0) + 1
            if operation.startswith(("put_", "update_")) and self.asked[operation] < 3:
                raise ClientError({"Error": {"Code": self.code, "Message": "not yet"}}, operation)
            if operation in ("get_bucket_encryption", "get_public_access_block", "get_bucket_policy"):
                codes = {
                    "get_bucket_encryption": "ServerSideEncryptionConfigurationNotFoundError",
                    "get_public_access_block": "NoSuchPublicAccessBlockConfiguration",
                    "get_bucket_policy": "NoSuchBucketPolicy",
                }
                raise ClientError({"Error": {"Code": codes[operation], "Message": "none"}}, operation)
            return {"ContinuousBackupsDescription": {}}

        return call

    @property
    def meta(self) -> Any:
        return boto3.session.Session().client("s3", "us-east-1", aws_access_key_id="x", aws_secret_access_key="y").meta


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Account]:
    def make(code: str) -> Account:
        made = Account(code)
        monkeypatch.setattr("boto3.client", lambda *_, **__: made)
        monkeypatch.setattr(bootstrap, "_LOOK_EVERY_S", 0)
        return made

    return make


@pytest.mark.requirement("PLT-52")
@pytest.mark.parametrize("code", ["ContinuousBackupsUnavailableException", "NoSuchBucket", "OperationAborted"])
def test_a_change_that_comes_too_early_is_made_again(account: Callable[[str], Account], code: str) -> None:
    made = account(code)
    assert "point-in-time recovery of locks" in bootstrap.ensure_backend(BACKEND)
    changes = {operation for operation in made.asked if operation.startswith(("put_", "update_"))}
    assert len(changes) == 5
    assert {made.asked[operation] for operation in changes} == {3}


def test_what_aws_refuses_for_another_reason_is_passed_on(account: Callable[[str], Account]) -> None:
    made = account("AccessDenied")
    with pytest.raises(ClientError, match="AccessDenied"):
        bootstrap.ensure_backend(BACKEND)
    assert made.asked["put_bucket_versioning"] == 1
