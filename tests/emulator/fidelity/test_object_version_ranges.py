from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account

OLD, NEW = b"0123456789", b"abcdefghij"


@pytest.fixture
def versions(account: Account) -> tuple[Any, dict[str, str], str]:
    """A client, the names of an object with two versions, and the id of the older one."""
    s3, names = account.client("s3"), {"Bucket": f"files-{account.id}", "Key": "a+b c.csv"}
    s3.create_bucket(Bucket=names["Bucket"])
    s3.put_bucket_versioning(Bucket=names["Bucket"], VersioningConfiguration={"Status": "Enabled"})
    more = {"ContentEncoding": "gzip", "Metadata": {"sender": "bank"}}
    older = s3.put_object(**names, Body=OLD, **more)["VersionId"]
    s3.put_object(**names, Body=NEW)
    return s3, names, older


@pytest.mark.parametrize(
    ("wanted", "body", "content_range"),
    [
        ("bytes=2-4", b"234", "bytes 2-4/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=7-99", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
    ],
)
def test_a_range_of_an_older_version(
    versions: tuple[Any, dict[str, str], str], wanted: str, body: bytes, content_range: str
) -> None:
    s3, names, older = versions
    answer = s3.get_object(**names, VersionId=older, Range=wanted)
    assert answer["Body"].read() == body
    assert answer["ContentRange"] == content_range
    assert answer["ContentLength"] == len(body)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert (answer["VersionId"], answer["ContentEncoding"], answer["Metadata"]) == (older, "gzip", {"sender": "bank"})
    assert answer["LastModified"] == s3.head_object(**names, VersionId=older)["LastModified"]


def test_a_range_beyond_the_end_is_refused(versions: tuple[Any, dict[str, str], str]) -> None:
    s3, names, older = versions
    with pytest.raises(ClientError) as error:
        s3.get_object(**names, VersionId=older, Range="bytes=10-")
    assert error.value.response["Error"]["Code"] == "InvalidRange"


def test_a_range_of_a_version_that_is_another_one_is_refused(versions: tuple[Any, dict[str, str], str]) -> None:
    s3, names, older = versions
    etag = s3.head_object(**names)["ETag"]
    with pytest.raises(ClientError) as error:
        s3.get_object(**names, VersionId=older, Range="bytes=0-1", IfMatch=etag)
    assert error.value.response["Error"]["Code"] == "PreconditionFailed"
