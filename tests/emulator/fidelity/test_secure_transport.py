from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, document, statement


@pytest.fixture
def tls_only_queue(account: Account) -> str:
    """A queue whose policy lets the account do everything, and denies what does not come over TLS."""
    url, arn = account.queue("tls-only")
    everything = statement("sqs:*", arn, Principal={"AWS": f"arn:aws:iam::{account.id}:root"})
    no_plain_text = {
        **everything,
        "Effect": "Deny",
        "Principal": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    # The account's root is asked by no policy: the deny is seen by a user.
    policy = document(everything, no_plain_text)
    account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url


def _as_user(account: Account, scheme: str | None) -> Any:
    """An SQS client of a user who may do everything in SQS, and whose requests name a scheme, or none."""
    client = account.user_client("sqs", statement("sqs:*"))
    if scheme:
        client.meta.events.register(
            "before-sign.sqs", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", scheme)
        )
    return client


@pytest.mark.parametrize("scheme", [None, "https"])
def test_a_tls_only_policy_lets_this_machine_in(account: Account, tls_only_queue: str, scheme: str | None) -> None:
    assert _as_user(account, scheme).send_message(QueueUrl=tls_only_queue, MessageBody="paid")["MessageId"]


def test_a_tls_only_policy_refuses_a_request_that_says_it_is_plain_http(account: Account, tls_only_queue: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        _as_user(account, "http").send_message(QueueUrl=tls_only_queue, MessageBody="paid")


def test_a_topic_delivers_to_a_tls_only_queue(account: Account) -> None:
    url, arn = account.queue("tls-only")
    policy = document(
        statement("sqs:SendMessage", arn, Principal={"Service": "sns.amazonaws.com"}),
        {
            **statement("sqs:*", arn, Principal="*"),
            "Effect": "Deny",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    )
    account.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    sns = account.client("sns")
    topic = sns.create_topic(Name="payments")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    sns.publish(TopicArn=topic, Message="paid")
    assert account.receive(url)["body"] == "paid"
