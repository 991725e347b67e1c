from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, document, statement

Upload = tuple[Any, str, str]


@pytest.fixture
def upload(account: Account) -> Upload:
    """A user's client, a bucket that admits uploads with one key only, and that key's ARN."""
    bucket, key = f"files-{account.id}", account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.client("s3").create_bucket(Bucket=bucket)
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key}},
    }
    account.client("s3").put_bucket_policy(Bucket=bucket, Policy=document(denied))
    return account.user_client("s3", statement("s3:*", f"arn:aws:s3:::{bucket}/*")), bucket, key


def test_an_upload_with_the_key_passes(upload: Upload) -> None:
    client, bucket, key = upload
    for name in (key, key.rsplit("/", 1)[-1]):
        client.put_object(Bucket=bucket, Key="a.csv", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=name)
    started = client.create_multipart_upload(
        Bucket=bucket, Key="b.csv", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )["UploadId"]
    part = client.upload_part(Bucket=bucket, Key="b.csv", UploadId=started, PartNumber=1, Body=b"x")
    client.complete_multipart_upload(
        Bucket=bucket,
        Key="b.csv",
        UploadId=started,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]},
    )


@pytest.mark.parametrize(
    "encryption",
    [
        {},
        {"ServerSideEncryption": "AES256"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "11111111-2222-3333-4444-555555555555"},
    ],
)
def test_any_other_upload_is_refused(upload: Upload, encryption: dict[str, str]) -> None:
    client, bucket, _ = upload
    for ask in (client.put_object, client.create_multipart_upload):
        with pytest.raises(ClientError) as error:
            ask(Bucket=bucket, Key="a.csv", **encryption)
        assert error.value.response["Error"]["Code"] == "AccessDenied"
