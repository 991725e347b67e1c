from __future__ import annotations

import json
from typing import Any

from tests.emulator.fidelity.account import Account, statement
from tests.emulator.fidelity.test_upload_forms import post


def sending(account: Account, *, versioned: bool) -> tuple[str, str]:
    """A bucket that sends its events to EventBridge, and a rule that sends those to a queue. Returns both names."""
    bucket = f"files-{account.id}"
    s3, events = account.client("s3"), account.client("events")
    s3.create_bucket(Bucket=bucket)
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
    queue, queue_arn = account.queue("arrivals", admits="events.amazonaws.com")
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "incoming/"}]}},
    }
    events.put_rule(Name="arrivals", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="arrivals", Targets=[{"Id": "queue", "Arn": queue_arn}])
    return bucket, queue


def received(account: Account, queue: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(account.receive(queue)["body"])
    return event


def test_an_object_that_arrives_is_an_event_on_the_default_bus(account: Account) -> None:
    bucket, queue = sending(account, versioned=True)
    s3 = account.client("s3")
    s3.put_object(Bucket=bucket, Key="other/a.csv", Body=b"x")
    put = s3.put_object(Bucket=bucket, Key="incoming/größe a+b.csv", Body=b"12345")
    event = received(account, queue)
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    detail = event["detail"]
    assert (detail["bucket"]["name"], detail["reason"]) == (bucket, "PutObject")
    object_ = {name: value for name, value in detail["object"].items() if name != "sequencer"}
    assert object_ == {
        "key": "incoming/größe a+b.csv",
        "size": 5,
        "etag": put["ETag"].strip('"'),
        "version-id": put["VersionId"],
    }


def test_an_object_without_versions_has_none_in_its_event(account: Account) -> None:
    bucket, queue = sending(account, versioned=False)
    account.client("s3").put_object(Bucket=bucket, Key="incoming/a.csv", Body=b"12345")
    assert "version-id" not in received(account, queue)["detail"]["object"]


def test_the_event_of_a_form_says_so(account: Account) -> None:
    bucket, queue = sending(account, versioned=True)
    signer = account.user_client("s3", statement("s3:PutObject", f"arn:aws:s3:::{bucket}/*"))
    form = signer.generate_presigned_post(bucket, "incoming/a.csv")
    answer = post(form, b"12345")
    detail = received(account, queue)["detail"]
    assert detail["reason"] == "POST Object"
    assert detail["object"]["version-id"] == answer.headers["x-amz-version-id"]
