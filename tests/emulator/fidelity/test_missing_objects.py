from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, statement


@pytest.fixture
def bucket(account: Account) -> str:
    """A bucket, which had an object."""
    name, s3 = f"files-{account.id}", account.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=name, Key="gone.csv", Body=b"x")["VersionId"]
    s3.delete_object(Bucket=name, Key="gone.csv", VersionId=version)
    return name


def _codes(client: Any, bucket: str) -> list[str]:
    codes = []
    for more in ({}, {"VersionId": "00000000-0000-0000-0000-000000000000"}):
        for read in (client.get_object, client.head_object):
            with pytest.raises(ClientError) as error:
                read(Bucket=bucket, Key="gone.csv", **more)
            codes.append(error.value.response["Error"]["Code"])
    return codes


def test_a_reader_is_not_told_that_an_object_is_missing(account: Account, bucket: str) -> None:
    reads = statement(["s3:GetObject", "s3:GetObjectVersion"], f"arn:aws:s3:::{bucket}/*")
    assert _codes(account.user_client("s3", reads), bucket) == ["AccessDenied", "403", "AccessDenied", "403"]


def test_who_may_list_the_bucket_is_told(account: Account, bucket: str) -> None:
    reads = statement(["s3:GetObject", "s3:GetObjectVersion"], f"arn:aws:s3:::{bucket}/*")
    lists = statement("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    expected = ["NoSuchKey", "404", "NoSuchVersion", "404"]
    assert _codes(account.user_client("s3", reads, lists), bucket) == expected
    assert _codes(account.client("s3"), bucket) == expected
