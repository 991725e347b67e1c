from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, statement


def test_a_role_that_may_send_a_message_may_send_a_batch(account: Account) -> None:
    url, arn = account.queue("letters")
    sqs = account.user_client(
        "sqs", statement(["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"], arn)
    )
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "a", "MessageBody": "one"}])
    (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)["Messages"]
    entry = {"Id": "a", "ReceiptHandle": message["ReceiptHandle"]}
    sqs.change_message_visibility_batch(QueueUrl=url, Entries=[entry | {"VisibilityTimeout": 9}])
    with pytest.raises(ClientError) as refused:
        sqs.delete_message_batch(QueueUrl=url, Entries=[entry])
    assert "sqs:DeleteMessage " in refused.value.response["Error"]["Message"]


def test_a_role_that_may_publish_may_publish_a_batch(account: Account) -> None:
    arn = account.client("sns").create_topic(Name="news")["TopicArn"]
    entries = [{"Id": "a", "Message": "one"}]
    published = account.user_client("sns", statement("sns:Publish", arn)).publish_batch(
        TopicArn=arn, PublishBatchRequestEntries=entries
    )
    assert len(published["Successful"]) == 1
    with pytest.raises(ClientError):
        account.user_client("sns", statement("sns:Subscribe", arn)).publish_batch(
            TopicArn=arn, PublishBatchRequestEntries=entries
        )
