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
from tests.emulator.webhook_system import WebhookSystem

ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture(scope="module")
def administrator(dev: Environment) -> Iterator[Callable[[str, str], Any]]:
    """Clients of a user who may do everything, by service and scheme: to the account's root no policy applies."""
    emulator = dev.target.emulator
    if emulator is None:
        pytest.skip("without TLS the session's token of whoever runs the tests would travel in the open")
    iam, name = dev.target.client("iam", "us-east-1"), f"administrator-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="everything", PolicyDocument=json.dumps(ADMINISTRATOR))
    key = iam.create_access_key(UserName=name)["AccessKey"]

    def client(service: str, scheme: str) -> Any:
        made = boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=emulator.endpoint,
            region_name="us-east-1",
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
    payment_events: System, webhooks: WebhookSystem, administrator: Callable[[str, str], Any]
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
def test_no_topic_takes_a_message_without_tls(payment_events: System, administrator: Callable[[str, str], Any]) -> None:
    arn = payment_events.deployed.service["topic"]["arn"]
    assert administrator("sns", "https").get_topic_attributes(TopicArn=arn)["Attributes"]
    refused(functools.partial(administrator("sns", "http").publish, TopicArn=arn, Message="{}"))


@pytest.mark.requirement("PLT-10")
def test_no_bucket_is_read_without_tls(dev: Environment, administrator: Callable[[str, str], Any]) -> None:
    foundation = next(place for place in dev.target.backends if (place.system, place.unit) == ("foundation", "data"))
    artifacts = dev.target.outputs(foundation)["artifacts"]["bucket"]
    for bucket in (artifacts, dev.target.backends[foundation].bucket):
        assert administrator("s3", "https").list_objects_v2(Bucket=bucket)["KeyCount"]
        refused(functools.partial(administrator("s3", "http").list_objects_v2, Bucket=bucket))
