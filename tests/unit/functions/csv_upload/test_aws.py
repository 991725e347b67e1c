"""Which calls the bucket, the table of rows and the topic make."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from functions.common.aws.batch_table import Item
from functions.common.aws.clients import client
from functions.common.faults import Fault
from functions.csv_upload.aws.bucket import UploadBucket, UploadFiles
from functions.csv_upload.aws.row_table import RowTable
from functions.csv_upload.aws.topic import Topic
from functions.csv_upload.logic.processing import FaultyRow
from functions.csv_upload.logic.rows import Row
from functions.csv_upload.logic.status import State
from functions.csv_upload.logic.uploads import Upload, validated_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

UPLOAD_ID = "01a221fc-e601-7653-ab21-21a029f2b2a9"
UPLOAD = Upload(UPLOAD_ID, "uploads", validated_key(UPLOAD_ID), "v1", 10)
ROW = Row("tx-1", datetime(2026, 3, 1, tzinfo=UTC), 1025, "EUR", description="a note")


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture
def s3() -> Iterator[tuple[S3Client, Stubber]]:
    stubbed = boto3.client("s3", region_name="us-east-1")
    with Stubber(stubbed) as stubber:
        yield stubbed, stubber
        stubber.assert_no_pending_responses()


@pytest.mark.requirement("CSV-02")
def test_a_file_is_put_as_it_came(s3: tuple[S3Client, Stubber]) -> None:
    stubbed, stubber = s3
    expected = {"Bucket": "uploads", "Key": UPLOAD.key, "Body": b"a", "ContentType": "text/csv"}
    stubber.add_response("put_object", {}, expected)
    UploadBucket(stubbed, "uploads", "key-arn").put(UPLOAD.key, b"a")


@pytest.mark.requirement("CSV-03")
def test_a_form_has_the_buckets_key_and_a_limit() -> None:
    url, fields = UploadBucket(client("s3", "us-east-1"), "uploads", "key-arn").presign("incoming/x.csv", 50, 60)
    assert "uploads" in url
    assert fields["key"] == "incoming/x.csv"
    assert fields["x-amz-server-side-encryption-aws-kms-key-id"] == "key-arn"
    assert {"policy", "x-amz-signature"} <= set(fields)


@pytest.mark.requirement("CSV-11")
def test_rejected_rows_are_an_object_of_a_row_a_line(s3: tuple[S3Client, Stubber]) -> None:
    stubbed, stubber = s3
    bodies: list[bytes] = []
    stubber.add_response(
        "put_object",
        {},
        {
            "Bucket": "uploads",
            "Key": f"rejected/2026-11-28/{UPLOAD_ID}.json",
            "Body": ANY,
            "ContentType": "application/x-ndjson",
        },
    )
    stubbed.meta.events.register(
        "before-parameter-build.s3.PutObject", lambda params, **_: bodies.append(params["Body"].read())
    )
    row = FaultyRow(7, (Fault("amount", "missing", "is required"),), "a,b")
    UploadFiles(stubbed).put_rejected(UPLOAD, iter([row, row]))
    lines = [json.loads(line) for line in bodies[0].splitlines()]
    assert [(line["line"], line["original"]) for line in lines] == [(7, "a,b")] * 2


class Table:
    """What DynamoDB holds: the first item of each id."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def put_new(self, items: Sequence[Item]) -> list[Any]:
        keys = [item["transaction_id"]["S"] for item in items]
        assert len(set(keys)) == len(keys), "a transaction takes no item twice"
        standing = [self.items.setdefault(key, item) for key, item in zip(keys, items, strict=True)]
        return [None if found is item else found for found, item in zip(standing, items, strict=True)]


@pytest.mark.requirement("CSV-12", "CSV-21")
def test_a_row_is_one_item_and_is_told_from_what_stands() -> None:
    table = Table()
    rows = RowTable(table)  # type: ignore[arg-type]
    other = Row("tx-1", ROW.at, 1, "EUR")
    assert rows.put(UPLOAD, [(2, ROW), (3, ROW), (4, other)]) == [None, True, False]
    assert rows.put(UPLOAD, [(2, ROW)]) == [None]
    (item,) = table.items.values()
    assert item["amount_minor"] == {"N": "1025"}
    assert item["timestamp"] == {"N": "1772323200000"}
    assert item["day_shard"]["S"].startswith("2026-03-01#")
    assert item["origin"] == {"S": f"{UPLOAD_ID}#2"}
    assert "counterparty" not in item


@pytest.mark.requirement("CSV-13")
def test_a_notice_has_counts_and_attributes_to_filter_on() -> None:
    sns = boto3.client("sns", region_name="us-east-1")
    sent: dict[str, Any] = {}
    with Stubber(sns) as stubber:
        stubber.add_response("publish", {"MessageId": "m"})
        sns.meta.events.register("before-parameter-build.sns.Publish", lambda params, **_: sent.update(params))
        facts = {"rows": 5, "valid": 4, "invalid": 1, "reason": "4 of 5", "faults": [{"line": 3}], "day_shard": "x"}
        Topic(sns, "topic-arn").publish(UPLOAD, State.FAILED, facts)
    message = json.loads(sent["Message"])
    assert message == {
        "upload_id": UPLOAD_ID,
        "outcome": "FAILED",
        "attempt": 1,
        "counts": {"rows": 5, "valid": 4, "invalid": 1},
        "file": f"s3://uploads/{UPLOAD.key}",
        "rejected_rows": f"s3://uploads/rejected/2026-11-28/{UPLOAD_ID}.json",
        "reason": "4 of 5",
    }
    assert {name: value["StringValue"] for name, value in sent["MessageAttributes"].items()} == {
        "outcome": "FAILED",
        "upload_id": UPLOAD_ID,
        "system": "csv-upload",
    }


@pytest.mark.requirement("CSV-13")
def test_a_notice_of_success_does_not_say_why_an_attempt_before_it_failed() -> None:
    sns = boto3.client("sns", region_name="us-east-1")
    sent: dict[str, Any] = {}
    with Stubber(sns) as stubber:
        stubber.add_response("publish", {"MessageId": "m"})
        sns.meta.events.register("before-parameter-build.sns.Publish", lambda params, **_: sent.update(params))
        Topic(sns, "topic-arn").publish(UPLOAD, State.COMPLETED, {"rows": 5, "reason": "a table was gone"})
    assert "reason" not in json.loads(sent["Message"])
