from __future__ import annotations

import json

from tests.emulator.fidelity.account import RAISES, Account, statement

SNS = "sns.amazonaws.com"


def _subscribe(account: Account, protocol: str, endpoint: str, letters: str | None = None) -> str:
    """Subscribe an endpoint to a new topic. Returns the topic's ARN."""
    client = account.client("sns")
    topic = str(client.create_topic(Name="payments")["TopicArn"])
    redrive = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": letters})} if letters else {}
    client.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint, Attributes=redrive)
    return topic


def _publish(account: Account, topic: str, message: str) -> str:
    return str(account.client("sns").publish(TopicArn=topic, Message=message)["MessageId"])


def test_a_function_that_raises_is_retried_and_its_dead_letter_holds_the_notification(account: Account) -> None:
    url, arn = account.queue("letters")
    function = account.function("trigger", RAISES, statement("sqs:SendMessage"), DeadLetterConfig={"TargetArn": arn})
    topic = _subscribe(account, "lambda", function)
    account.permit("trigger", SNS, topic)
    message_id = _publish(account, topic, "paid")
    record = json.loads(account.receive(url)["body"])["Records"][0]
    assert (record["EventSource"], record["Sns"]["Message"], record["Sns"]["MessageId"]) == (
        "aws:sns",
        "paid",
        message_id,
    )
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="trigger") == 3


def test_a_function_without_a_permission_is_not_invoked_and_the_subscription_keeps_the_message(
    account: Account,
) -> None:
    url, arn = account.queue("undelivered", admits=SNS)
    function = account.function("trigger", RAISES)
    _publish(account, _subscribe(account, "lambda", function, arn), "paid")
    assert json.loads(account.receive(url)["body"])["Message"] == "paid"
    assert account.metric("AWS/Lambda", "Invocations", FunctionName="trigger") == 0


def test_a_permission_for_another_topic_is_none(account: Account) -> None:
    url, arn = account.queue("undelivered", admits=SNS)
    function = account.function("trigger", RAISES)
    account.permit("trigger", SNS, account.arn("sns", "another"))
    _publish(account, _subscribe(account, "lambda", function, arn), "paid")
    assert json.loads(account.receive(url)["body"])["Message"] == "paid"


def test_a_queue_that_does_not_admit_the_topic_leaves_the_message_to_the_subscription(account: Account) -> None:
    closed, closed_arn = account.queue("closed")
    url, arn = account.queue("undelivered", admits=SNS)
    _publish(account, _subscribe(account, "sqs", closed_arn, arn), "paid")
    assert json.loads(account.receive(url)["body"])["Message"] == "paid"
    assert account.depth(closed) == 0
