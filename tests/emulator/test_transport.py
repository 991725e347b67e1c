"""What is deployed is spoken to over TLS only, whoever asks."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.emulator.conftest import Environment, System
from tests.emulator.probe import DENIED
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem

ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def administrator(dev: Environment) -> Iterator[Callable[..., Any]]:
    """Clients of a user who may do everything, by service and scheme: to the account's root no policy applies."""
    emulator = dev.target.emulator
    if emulator is None:
        pytest.skip("without TLS the session's token of whoever runs the tests would travel in the open")
    iam, name = dev.target.client("iam", "us-east-1"), f"administrator-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=json.dumps(ADMINISTRATOR))
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def client(service: str, scheme: str, region: str = "us-east-1") -> Any:
        made = boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=emulator.endpoint,
            region_name=region,
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        made.meta.events.register(
            "before-sign.*", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", scheme)
        )
        return made

    yield client
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="everything")
    iam.delete_user(UserName=name)


def refused(call: Callable[[], Any]) -> None:
    with pytest.raises(ClientError) as refusal:
        call()
    assert refusal.value.response["Error"]["Code"] in DENIED


@pytest.mark.requirement("WHK-21", "EVT-25")
def test_no_queue_takes_or_gives_a_message_without_tls(
    payment_events: System, webhooks: WebhookSystem, administrator: Callable[..., Any]
) -> None:
    routed = webhooks.deployed.service["queues"].values()
    urls = [*(queue["url"] for queue in routed), *(queue["dead_letters"]["url"] for queue in routed)]
    urls += [
        webhooks.function("event-router")["dead_letters"]["url"],
        *payment_events.deployed.dead_letter_queues.values(),
    ]
    plain, encrypted = administrator("sqs", "http"), administrator("sqs", "https")
    for url in urls:
        assert encrypted.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        refused(functools.partial(plain.send_message, QueueUrl=url, MessageBody="{}"))
        refused(functools.partial(plain.receive_message, QueueUrl=url))


@pytest.mark.requirement("EVT-01")
def test_no_topic_takes_a_message_without_tls(payment_events: System, administrator: Callable[..., Any]) -> None:
    arn = payment_events.deployed.service["topic"]["arn"]
    assert administrator("sns", "https").get_topic_attributes(TopicArn=arn)["Attributes"]
    refused(functools.partial(administrator("sns", "http").publish, TopicArn=arn, Message="{}"))


@pytest.mark.requirement("PLT-10")
def test_no_bucket_is_read_without_tls(dev: Environment, administrator: Callable[..., Any]) -> None:
    foundation = next(place for place in dev.target.backends if (place.system, place.unit) == ("foundation", "data"))
    artifacts = dev.target.outputs(foundation)["artifacts"]["bucket"]
    for bucket in (artifacts, dev.target.backends[foundation].bucket):
        assert administrator("s3", "https").list_objects_v2(Bucket=bucket)["KeyCount"]
        refused(functools.partial(administrator("s3", "http").list_objects_v2, Bucket=bucket))


@pytest.mark.requirement("TXF-02", "TXF-30")
def test_transaction_files_are_spoken_to_over_tls_only(
    transaction_files: TransactionFileSystem, administrator: Callable[..., Any]
) -> None:
    region, bucket = transaction_files.deployed.region, transaction_files.deployed.bucket
    assert administrator("s3", "https", region).list_objects_v2(Bucket=bucket)["ResponseMetadata"]
    refused(functools.partial(administrator("s3", "http", region).list_objects_v2, Bucket=bucket))
    queue = transaction_files.deployed.service["queues"]["main"]
    for url in (queue["url"], queue["dead_letters"]["url"]):
        refused(functools.partial(administrator("sqs", "http", region).send_message, QueueUrl=url, MessageBody="{}"))


@pytest.mark.requirement("TXF-02")
def test_the_bucket_takes_only_what_is_encrypted_with_its_key(
    transaction_files: TransactionFileSystem, administrator: Callable[..., Any]
) -> None:
    keys = transaction_files.deployed.data["keys"]
    put = functools.partial(
        administrator("s3", "https", transaction_files.deployed.region).put_object,
        Bucket=transaction_files.deployed.bucket,
        Key="probe.txt",
        Body=b"",
    )
    for encryption in ({}, {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys["s3"]["arn"]}):
        assert put(**encryption)["SSEKMSKeyId"] == keys["s3"]["arn"]
    for encryption in (
        {"ServerSideEncryption": "AES256"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": keys["dynamodb"]["arn"]},
    ):
        refused(functools.partial(put, **encryption))
