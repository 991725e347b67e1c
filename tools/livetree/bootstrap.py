"""What an account needs before any unit: the bucket that holds the states, their key, and the table that locks them.

The bucket keeps every version, is encrypted with the key, takes requests over TLS only, and is never public. The key
rotates each year. The table is paid by request and can be restored to any moment of the last 35 days.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from tools.deploy.aws_errors import check_account
from tools.livetree import layout, settings
from tools.livetree.reading.subset import BackendSettings
from tools.livetree.reading.tree import Tree, discover
from tools.livetree.state import backend_of
from tools.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

_PUBLIC_ACCESS: Final = {
    "BlockPublicAcls": True,
    "BlockPublicPolicy": True,
    "IgnorePublicAcls": True,
    "RestrictPublicBuckets": True,
}
# What AWS returns for something that was created a moment ago: a table's backups are not enabled yet, S3 is still busy
# with an earlier change of the bucket or does not know it everywhere yet, or KMS does not know an alias yet.
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContinuousBackups.html
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_SETTLING: Final = {"ContinuousBackupsUnavailableException", "NoSuchBucket", "NotFoundException", "OperationAborted"}
_SETTLED_AFTER_S: Final = 300
_LOOK_EVERY_S: Final = 2


def bootstrap_environment(environment: str) -> tuple[BackendSettings, list[str]]:
    """Make the back end that the root configuration names for an environment.

    Returns it and a line for each thing made.

    Raises Failure for wrong settings, and when the credentials are not those of the environment's account.
    """
    check_account(environment, settings.load(environment).account_id)
    backend = backend_of(Tree(discover(layout.folder(environment)), os.environ).units[0])
    return backend, ensure_backend(backend)


def ensure_backend(backend: BackendSettings) -> list[str]:
    """Make what is missing of the bucket, its key and the lock table. Returns a line for each thing made or corrected.

    Nothing is done twice: for an account that has everything the list is empty. Raises botocore's ClientError for what
    AWS refuses.
    """
    s3 = boto3.client("s3", region_name=backend.region)
    dynamodb = boto3.client("dynamodb", region_name=backend.region)
    made = []
    key = None
    if backend.kms_key:
        kms = boto3.client("kms", region_name=backend.region)
        made += [*_key(kms, backend.kms_key)]
        key = kms.describe_key(KeyId=backend.kms_key)["KeyMetadata"]["Arn"]
    return [*made, *_bucket(s3, backend.bucket, backend.region, key), *_table(dynamodb, backend.dynamodb_table)]


def _key(kms: Any, alias: str) -> Iterator[str]:
    if _missing(lambda: kms.describe_key(KeyId=alias), "NotFoundException"):
        key = kms.create_key(Description="States of Financial Event Pipelines")["KeyMetadata"]["KeyId"]
        if _made_meanwhile(lambda: kms.create_alias(AliasName=alias, TargetKeyId=key), "AlreadyExistsException"):
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        else:
            yield f"key of the states {alias}"
    # The calls for rotation take the key's id, not its alias.
    key = _once_settled(lambda: kms.describe_key(KeyId=alias))["KeyMetadata"]["KeyId"]
    if not kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]:
        kms.enable_key_rotation(KeyId=key)
        yield f"yearly rotation of {alias}"


def _bucket(s3: S3Client, name: str, region: str, key: str | None) -> Iterator[str]:
    if _missing(lambda: s3.head_bucket(Bucket=name), "404", "NoSuchBucket"):
        # us-east-1 is the one region that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        where: Any = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        if not _made_meanwhile(lambda: s3.create_bucket(Bucket=name, **where), "BucketAlreadyOwnedByYou"):
            yield f"state bucket {name} in {region}"
    if s3.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        _once_settled(lambda: s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"}))
        yield f"versions of {name}"
    encryption = {"SSEAlgorithm": "aws:kms"} | ({"KMSMasterKeyID": key} if key else {})
    if not _as_wanted(
        lambda: s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"],
        lambda found: found["Rules"][0]["ApplyServerSideEncryptionByDefault"].items() >= encryption.items(),
        "ServerSideEncryptionConfigurationNotFoundError",
    ):
        rule: Any = {"ApplyServerSideEncryptionByDefault": encryption, "BucketKeyEnabled": True}
        _once_settled(
            lambda: s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        )
        yield f"encryption of {name}"
    if not _as_wanted(
        lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"],
        lambda found: all(found.get(setting) for setting in _PUBLIC_ACCESS),
        "NoSuchPublicAccessBlockConfiguration",
    ):
        _once_settled(lambda: s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_PUBLIC_ACCESS))  # type: ignore[arg-type]
        yield f"public access blocks of {name}"
    statements = _policy_statements(s3, name)
    if not any(_demands_tls(statement, name) for statement in statements):
        policy = {"Version": "2012-10-17", "Statement": [*statements, _tls_only(s3, name)]}
        _once_settled(lambda: s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy)))
        yield f"TLS-only policy of {name}"


def _policy_statements(s3: S3Client, name: str) -> list[Any]:
    try:
        found = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucketPolicy":
            return []
        raise
    return found if isinstance(found, list) else [found]


def _demands_tls(statement: Any, name: str) -> bool:
    """Whether a statement denies everything without TLS, in our words or in Terragrunt's, which may have made it."""
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"*": ["*"]}, {"*": "*"}, {"AWS": "*"}, {"AWS": ["*"]})
        and statement.get("Action") in ("s3:*", ["s3:*"])
        and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
        and {resource.partition(":::")[2] for resource in statement.get("Resource", [])} >= {name, f"{name}/*"}
    )


def _tls_only(s3: S3Client, name: str) -> dict[str, Any]:
    bucket = f"arn:{_partition(s3)}:s3:::{name}"
    return {
        "Sid": "DenyWithoutTLS",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, f"{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _partition(s3: S3Client) -> str:
    return boto3.session.Session().get_partition_for_region(s3.meta.region_name)


def _table(dynamodb: DynamoDBClient, name: str) -> Iterator[str]:
    if _missing(lambda: dynamodb.describe_table(TableName=name), "ResourceNotFoundException"):
        made_meanwhile = _made_meanwhile(
            lambda: dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            ),
            "ResourceInUseException",
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        if not made_meanwhile:
            yield f"lock table {name}"
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") != "ENABLED":
        _once_settled(
            lambda: dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
        )
        yield f"point-in-time recovery of {name}"


def _once_settled(change: Callable[[], Any]) -> Any:
    """Make a change as soon as AWS accepts it. Returns what the call returns.

    Raises ClientError when AWS refuses it for another reason, or still refuses it after five minutes.
    """
    refused: list[ClientError] = []

    def attempt() -> list[Any]:
        try:
            return [change()]
        except ClientError as error:
            if error.response["Error"]["Code"] not in _SETTLING:
                raise
            refused.append(error)
            return []

    if not (answer := until(attempt, _SETTLED_AFTER_S, _LOOK_EVERY_S)):
        raise refused[-1]
    return answer[0]


def _missing(ask: Callable[[], Any], *codes: str) -> bool:
    """Whether AWS says that there is no such thing."""
    try:
        ask()
    except ClientError as error:
        if error.response["Error"]["Code"] in codes:
            return True
        raise
    return False


def _made_meanwhile(make: Callable[[], Any], code: str) -> bool:
    """Make a thing. Returns whether another run has just made it."""
    return _missing(make, code)


def _as_wanted(ask: Callable[[], Any], wanted: Callable[[Any], bool], missing: str) -> bool:
    """Whether a setting exists and is what it should be."""
    try:
        return wanted(ask())
    except ClientError as error:
        if error.response["Error"]["Code"] == missing:
            return False
        raise
