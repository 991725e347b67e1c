from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, document, statement
from tools.waiting import wait_for

ACTIONS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
# Answers as the body of its first message says; ID stands for the message's own id.
ANSWERS = """
import json, time

def handler(event, context):
    started = time.time()
    first = event["Records"][0]
    order = json.loads(first["body"])
    time.sleep(order.get("takes", 0))
    ended = time.time()
    for record in event["Records"]:
        print("SEEN " + json.dumps({**record, "started": started, "ended": ended, "batch": len(event["Records"])}))
    if order.get("raises"):
        raise ValueError("order")
    return json.loads(json.dumps(order.get("answer")).replace("ID", first["messageId"]))
"""
FAILS = {"batchItemFailures": [{"itemIdentifier": "ID"}]}


class Mapped:
    """A queue and a function that is mapped to it."""

    def __init__(self, account: Account, name: str = "worker", **attributes: str) -> None:
        self.account = account
        self.name = name
        self.queue_url, self.queue_arn = account.queue(name, **attributes)
        self.function_arn = account.function(name, ANSWERS, statement(ACTIONS, self.queue_arn))

    def map(self, **settings: Any) -> str:
        """Map the queue to the function. Returns the mapping's id."""
        mapping = self.account.client("lambda").create_event_source_mapping(
            FunctionName=self.name,
            EventSourceArn=self.queue_arn,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **settings,
        )
        return str(mapping["UUID"])

    def send(self, *orders: dict[str, Any]) -> list[str]:
        """Send messages. Returns their ids."""
        client = self.account.client("sqs")
        return [
            client.send_message(QueueUrl=self.queue_url, MessageBody=json.dumps(order))["MessageId"] for order in orders
        ]

    def seen(self) -> list[dict[str, Any]]:
        """The records that the function was given, in this order, and when."""
        try:
            lines = self.account.lines(f"/aws/lambda/{self.name}")
        except self.account.client("logs").exceptions.ResourceNotFoundException:
            return []
        return [json.loads(line.split("SEEN ", 1)[1]) for line in lines if "SEEN " in line]

    def wait_for(self, number: int) -> list[dict[str, Any]]:
        def look() -> list[dict[str, Any]] | None:
            found = self.seen()
            return found if len(found) >= number else None

        return wait_for(look, f"{number} records in {self.name}")

    def left(self) -> int:
        """How many messages are in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.account.client("sqs").get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def permit(self, *actions: str) -> None:
        """Let the function's role do this, and nothing else."""
        self.account.client("iam").put_role_policy(
            RoleName=f"{self.name}-role",
            PolicyName="all",
            PolicyDocument=document(statement([*actions], self.queue_arn)),
        )


@pytest.fixture
def mapped(account: Account) -> Mapped:
    return Mapped(account)


@pytest.mark.parametrize("missing", ACTIONS)
def test_a_mapping_is_refused_without_a_permission(mapped: Mapped, missing: str) -> None:
    mapped.permit(*[action for action in ACTIONS if action != missing])
    with pytest.raises(ClientError, match=f"does not have permissions to call {missing.removeprefix('sqs:')} on SQS"):
        mapped.map()


def test_a_mapping_is_refused_whose_messages_come_back_while_the_function_runs(account: Account) -> None:
    with pytest.raises(ClientError, match="Queue visibility timeout: 9 seconds is less than Function timeout: 10"):
        Mapped(account, VisibilityTimeout="9").map()


def test_only_what_failed_comes_back_and_is_a_dead_letter_at_last(account: Account) -> None:
    letters = Mapped(account, "letters")
    redrive = json.dumps({"deadLetterTargetArn": letters.queue_arn, "maxReceiveCount": 3})
    mapped = Mapped(account, VisibilityTimeout="300", RedrivePolicy=redrive)
    mapping = mapped.map(Enabled=False)
    failing, *others = mapped.send({"answer": FAILS}, *[{"number": number} for number in range(4)])
    account.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    letters.map()
    # What stands for itself in the answer was the first of its batch each time.
    (letter,) = letters.wait_for(1)
    seen = mapped.seen()
    assert [record["messageId"] for record in seen if record["batch"] > 1] == [failing, *others]
    attempts = [record for record in seen if record["messageId"] == failing]
    assert [record["attributes"]["ApproximateReceiveCount"] for record in attempts] == ["1", "2", "3"]
    assert len(seen) == len(attempts) + len(others)
    for name in ("SentTimestamp", "ApproximateFirstReceiveTimestamp"):
        assert len({record["attributes"][name] for record in attempts}) == 1
    assert letter["messageId"] == failing
    assert letter["attributes"]["DeadLetterQueueSourceArn"] == mapped.queue_arn
    assert mapped.left() == 0


def test_an_answer_that_lambda_does_not_understand_fails_the_batch(mapped: Mapped) -> None:
    complete: list[Any] = [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}]
    failures: list[Any] = [
        "three failed",
        ["ID"],
        {"failures": []},
        {"batchItemFailures": "ID"},
        {"batchItemFailures": ["ID"]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{"itemIdentifier": None}]},
        {"batchItemFailures": [{"messageId": "ID"}]},
        {"batchItemFailures": [{"itemIdentifier": "of another message"}]},
    ]
    done = mapped.send(*[{"answer": answer} for answer in complete])
    back = {*mapped.send(*[{"answer": answer} for answer in failures], {"raises": True})}
    mapped.map(BatchSize=1)

    def came_back() -> set[str]:
        return {each["messageId"] for each in mapped.seen() if each["attributes"]["ApproximateReceiveCount"] == "2"}

    wait_for(lambda: came_back() == back, "the messages to come back")
    assert len([record for record in mapped.seen() if record["messageId"] in done]) == len(done)
    assert mapped.left() == len(back)


def test_a_throttled_batch_is_tried_again_and_counts_once(mapped: Mapped) -> None:
    mapped.account.client("lambda").put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=1)
    mapped.map()
    busy = {"Records": [{"messageId": "direct", "body": json.dumps({"takes": 3}), "attributes": {}}]}
    mapped.account.client("lambda").invoke(
        FunctionName="worker", InvocationType="Event", Payload=json.dumps(busy).encode()
    )
    throttles = wait_for(
        lambda: mapped.send({}) and mapped.account.metric("AWS/Lambda", "Throttles", FunctionName="worker"),
        "a batch to be throttled",
    )
    assert throttles
    wait_for(lambda: mapped.left() == 0, "the queue to be empty")
    counts = {record["attributes"].get("ApproximateReceiveCount", "1") for record in mapped.seen()}
    assert counts == {"1"}


def test_nothing_is_received_or_deleted_without_the_permission(mapped: Mapped) -> None:
    mapped.map()
    mapped.permit("sqs:DeleteMessage", "sqs:GetQueueAttributes")
    mapped.send({})
    # By the time that a younger mapping works on a younger message, this one would have been received.
    other = Mapped(mapped.account, "other")
    other.map()
    other.send({})
    other.wait_for(1)
    assert (mapped.seen(), mapped.left()) == ([], 1)
    mapped.permit("sqs:ReceiveMessage", "sqs:GetQueueAttributes")
    first, second = mapped.wait_for(2)[:2]
    assert first["messageId"] == second["messageId"]
    mapped.permit(*ACTIONS)
    wait_for(lambda: mapped.left() == 0, "the queue to be empty")


def test_a_burst_is_worked_on_a_few_batches_at_a_time(mapped: Mapped) -> None:
    mapped.account.client("lambda").put_function_concurrency(FunctionName="worker", ReservedConcurrentExecutions=100)
    sent = mapped.send(*[{"takes": 0.05}] * 60)
    mapped.map(BatchSize=1, ScalingConfig={"MaximumConcurrency": 100})
    seen = mapped.wait_for(len(sent))
    assert sorted(record["messageId"] for record in seen) == sorted(sent)
    assert {record["attributes"]["ApproximateReceiveCount"] for record in seen} == {"1"}
    at_once = [sum(other["started"] <= each["started"] < other["ended"] for other in seen) for each in seen]
    assert max(at_once) <= 8
    wait_for(lambda: mapped.left() == 0, "the queue to be empty")
