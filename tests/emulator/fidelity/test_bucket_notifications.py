"""A bucket that notifies a function: ministack does it as AWS does, with the patches of invocations.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from tests.emulator.fidelity.account import RAISES, Account, statement
from tools.waiting import wait_for

KEY = "2026/größe a+b.csv"
ENCODED = "2026/gr%C3%B6%C3%9Fe+a%2Bb.csv"
TELLS = """
import json

def handler(event, context):
    print("SEEN " + json.dumps(event))
"""


def _notifying(account: Account, source: str, *statements: dict[str, Any], **settings: Any) -> tuple[Any, str]:
    """A bucket that notifies the function `processor` of `.csv` and `.json`. Returns a client and its name."""
    function, bucket = account.function("processor", source, *statements, **settings), f"files-{account.id}"
    s3 = account.client("s3")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    account.permit("processor", "s3.amazonaws.com", f"arn:aws:s3:::{bucket}")
    targets = [
        {
            "Id": f"to-processor-{suffix}",
            "LambdaFunctionArn": function,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "Suffix", "Value": f".{suffix}"}]}},
        }
        for suffix in ("csv", "json")
    ]
    configuration = {"LambdaFunctionConfigurations": targets}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    return s3, bucket


def test_each_way_to_make_an_object_notifies(account: Account) -> None:
    account.client("logs").create_log_group(logGroupName="/aws/lambda/processor")  # before its first line does
    s3, bucket = _notifying(account, TELLS)
    put = s3.put_object(Bucket=bucket, Key=KEY, Body=b"12345", ContentEncoding="gzip")
    s3.put_object(Bucket=bucket, Key="not.txt", Body=b"x")
    s3.put_object(Bucket=bucket, Key="csv", Body=b"x")
    copied = s3.copy_object(Bucket=bucket, Key="copy.json", CopySource={"Bucket": bucket, "Key": KEY})
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts.csv")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts.csv", UploadId=upload, PartNumber=1, Body=b"123")
    completed = s3.complete_multipart_upload(
        Bucket=bucket,
        Key="parts.csv",
        UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]},
    )

    def seen() -> dict[str, Any] | None:
        lines = [line for line in account.lines("/aws/lambda/processor") if "SEEN " in line]
        records = [record for line in lines for record in json.loads(line.split("SEEN ", 1)[1])["Records"]]
        return {record["eventName"]: record for record in records} if len(records) == 3 else None

    records = wait_for(seen, "three events")
    names = {name: record["s3"]["object"]["key"] for name, record in records.items()}
    assert names == {
        "ObjectCreated:Put": ENCODED,
        "ObjectCreated:Copy": "copy.json",
        "ObjectCreated:CompleteMultipartUpload": "parts.csv",
    }
    versions = {name: record["s3"]["object"]["versionId"] for name, record in records.items()}
    assert {*versions.values()} == {answer["VersionId"] for answer in (put, copied, completed)}
    record = records["ObjectCreated:Put"]
    assert (record["eventSource"], record["s3"]["bucket"]["name"]) == ("aws:s3", bucket)
    assert (record["s3"]["object"]["size"], record["s3"]["configurationId"]) == (5, "to-processor-csv")
    assert int(record["s3"]["object"]["sequencer"], 16) > 0
    assert datetime.strptime(record["eventTime"], "%Y-%m-%dT%H:%M:%S.%f%z").utcoffset() is not None


def test_an_event_that_the_function_fails_with_is_tried_again_and_is_a_dead_letter_as_it_was(account: Account) -> None:
    url, arn = account.queue("letters")
    s3, bucket = _notifying(account, RAISES, statement("sqs:SendMessage", arn), DeadLetterConfig={"TargetArn": arn})
    version = s3.put_object(Bucket=bucket, Key=KEY, Body=b"12345")["VersionId"]
    letter = account.receive(url)
    (record,) = json.loads(letter["body"])["Records"]
    assert (record["s3"]["object"]["key"], record["s3"]["object"]["versionId"]) == (ENCODED, version)
    assert letter["attributes"]["ErrorMessage"] == "amount is negative"
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="processor") == 3
