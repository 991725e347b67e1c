"""The AWS side: which calls are made, and which errors are worth another attempt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from botocore.stub import Stubber

from functions.common.aws.attempts import ATTEMPTS
from functions.common.aws.clients import client, transient_errors
from functions.common.aws.item_table import ItemTable
from functions.common.aws.queues import DeadLetterQueue, Queue
from functions.common.dead_letters import DeadLetter
from functions.common.errors import ItemTooLargeError, TransientError
from functions.common.messages import MAXIMUM_MESSAGE_BYTES

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

LETTER = DeadLetter("event-validator", "InvalidEvent", {"faults": []}, "message-1", {"payload": "{}"})


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


@pytest.fixture
def dynamodb() -> Iterator[tuple[DynamoDBClient, Stubber]]:
    dynamodb = boto3.client("dynamodb", region_name="us-east-1")
    with Stubber(dynamodb) as stubber:
        yield dynamodb, stubber


def failure(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "PutItem")  # type: ignore[typeddict-item]


@pytest.mark.requirement("EVT-11")
@pytest.mark.parametrize(
    "error",
    [failure("ThrottlingException", 400), failure("ProvisionedThroughputExceededException", 400),
     failure("Unheard", 503), failure("Unheard", 429), ConnectTimeoutError(endpoint_url="https://x"),
     ReadTimeoutError(endpoint_url="https://x"), EndpointConnectionError(endpoint_url="https://x")],
)  # fmt: skip
def test_a_throttle_a_timeout_and_a_fault_of_the_service_are_transient(error: Exception) -> None:
    # By its exact name: Step Functions matches that, and knows no subclasses.
    with pytest.raises(TransientError, match="writing: ") as raised, transient_errors("writing"):
        raise error
    assert type(raised.value).__name__ == "TransientError"


@pytest.mark.requirement("EVT-11")
@pytest.mark.parametrize(
    "error", [failure("AccessDeniedException", 400), failure("ValidationException", 400), KeyError("x")]
)
def test_every_other_error_passes_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, transient_errors("writing"):
        raise error
    assert raised.value is error


@pytest.mark.requirement("EVT-24")
def test_an_item_is_written_on_the_condition_that_none_stands_or_one_that_gives_way(
    dynamodb: tuple[DynamoDBClient, Stubber],
) -> None:
    table, stubber = ItemTable(dynamodb[0], "audit", "event_id"), dynamodb[1]
    expected: dict[str, Any] = {
        "TableName": "audit",
        "Item": {"event_id": {"S": "e"}, "duration_ms": {"N": "3"}},
        "ConditionExpression": "attribute_not_exists(#key) OR #a0 IN (:a0v0, :a0v1)",
        "ExpressionAttributeNames": {"#key": "event_id", "#a0": "status"},
        "ExpressionAttributeValues": {":a0v0": {"S": "FAILED"}, ":a0v1": {"S": "REJECTED"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    stubber.add_response("put_item", {}, expected)
    assert table.put_new({"event_id": "e", "duration_ms": 3}, {"status": ["FAILED", "REJECTED"]}) is None
    stubber.assert_no_pending_responses()


@pytest.mark.requirement("EVT-24")
def test_the_item_that_stands_is_answered(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    table, stubber = ItemTable(dynamodb[0], "audit", "event_id"), dynamodb[1]
    stubber.add_client_error(
        "put_item",
        "ConditionalCheckFailedException",
        modeled_fields={"Item": {"event_id": {"S": "e"}, "correlation_id": {"S": "first"}}},
    )
    assert table.put_new({"event_id": "e"}) == {"event_id": "e", "correlation_id": "first"}


@pytest.mark.requirement("WHK-12")
def test_an_item_is_changed_on_the_condition_that_it_is_as_expected(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    table, stubber = ItemTable(dynamodb[0], "events", "event_id"), dynamodb[1]
    expected: dict[str, Any] = {
        "TableName": "events",
        "Key": {"event_id": {"S": "e"}},
        "UpdateExpression": "SET #c0 = :c0, #c1 = :c1",
        "ConditionExpression": "#e0 = :e0 AND #e1 = :e1",
        "ExpressionAttributeNames": {"#c0": "holder", "#c1": "until", "#e0": "status", "#e1": "until"},
        "ExpressionAttributeValues": {
            ":c0": {"S": "me"}, ":c1": {"N": "2"}, ":e0": {"S": "RECEIVED"}, ":e1": {"N": "1"},
        },
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }  # fmt: skip
    stubber.add_response("update_item", {"Attributes": {"event_id": {"S": "e"}, "holder": {"S": "me"}}}, expected)
    changed = table.update("e", {"holder": "me", "until": 2}, expected={"status": "RECEIVED", "until": 1})
    assert changed == {"event_id": "e", "holder": "me"}


@pytest.mark.requirement("WHK-12")
@pytest.mark.parametrize(
    ("item", "answer"), [({"event_id": {"S": "e"}, "until": {"N": "3"}}, {"event_id": "e", "until": 3}), ({}, None)]
)
def test_an_item_that_is_not_as_expected_is_answered_as_it_stands(
    dynamodb: tuple[DynamoDBClient, Stubber], item: dict[str, Any], answer: dict[str, Any] | None
) -> None:
    table, stubber = ItemTable(dynamodb[0], "events", "event_id"), dynamodb[1]
    stubber.add_client_error("update_item", "ConditionalCheckFailedException", modeled_fields={"Item": item})
    assert table.update("e", {"until": 2}, expected={"until": 1}) == answer


@pytest.mark.requirement("WHK-12")
@pytest.mark.parametrize(("response", "answer"), [({"Item": {"event_id": {"S": "e"}}}, {"event_id": "e"}), ({}, None)])
def test_an_item_is_read_as_the_last_write_left_it(
    dynamodb: tuple[DynamoDBClient, Stubber], response: dict[str, Any], answer: dict[str, Any] | None
) -> None:
    table, stubber = ItemTable(dynamodb[0], "events", "event_id"), dynamodb[1]
    expected = {"TableName": "events", "Key": {"event_id": {"S": "e"}}, "ConsistentRead": True}
    stubber.add_response("get_item", response, expected)
    assert table.get("e") == answer


@pytest.mark.requirement("WHK-11")
def test_a_message_carries_its_attributes() -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    expected = {
        "QueueUrl": "https://queue",
        "MessageBody": "{}",
        "MessageAttributes": {"event_id": {"DataType": "String", "StringValue": "e"}},
    }
    with Stubber(sqs) as stubber:
        stubber.add_response("send_message", {}, expected)
        Queue(sqs, "https://queue").send("{}", {"event_id": "e"})
        stubber.assert_no_pending_responses()


@pytest.mark.requirement("WHK-12")
def test_a_throttled_message_is_transient_and_names_the_queue() -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    with Stubber(sqs) as stubber:
        stubber.add_client_error("send_message", "RequestThrottled", http_status_code=403)
        with pytest.raises(TransientError, match="sending to refunds-queue"):
            Queue(sqs, "https://sqs/1/refunds-queue").send("{}")


@pytest.mark.requirement("EVT-11")
def test_a_throttled_write_is_transient(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    table, stubber = ItemTable(dynamodb[0], "audit", "event_id"), dynamodb[1]
    stubber.add_client_error("put_item", "ProvisionedThroughputExceededException", http_status_code=400)
    with pytest.raises(TransientError, match="writing to audit"):
        table.put_new({"event_id": "e"})


@pytest.mark.requirement("EVT-24")
def test_an_item_of_more_than_400_kb_is_an_error_of_its_own(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    table, stubber = ItemTable(dynamodb[0], "audit", "event_id"), dynamodb[1]
    stubber.add_client_error("put_item", "ValidationException", "Item size has exceeded the maximum allowed size")
    with pytest.raises(ItemTooLargeError, match="writing to audit"):
        table.put_new({"event_id": "e"})
    stubber.add_client_error("put_item", "ValidationException", "One or more parameter values were invalid")
    with pytest.raises(ClientError, match="parameter values"):
        table.put_new({"event_id": "e"})


@pytest.mark.requirement("EVT-25")
def test_a_dead_letter_is_json_that_says_what_failed_where_and_why() -> None:
    sqs = boto3.client("sqs", region_name="us-east-1")
    with Stubber(sqs) as stubber:
        stubber.add_response(
            "send_message", {}, {"QueueUrl": "https://queue", "MessageBody": LETTER.encode(), "MessageAttributes": {}}
        )
        DeadLetterQueue(sqs, "https://queue").send(LETTER)
        stubber.assert_no_pending_responses()
    assert json.loads(LETTER.encode()) == {
        "step": "event-validator", "error": "InvalidEvent", "cause": {"faults": []}, "correlation_id": "message-1",
        "input": {"payload": "{}"},
    }  # fmt: skip


@pytest.mark.requirement("EVT-25")
@pytest.mark.parametrize(
    "character", ["\ufffe", "\uffff", "\x00", "\x1f", "\x7f", "\ud7ff", "\ue000", "\ufffd", "\U0001ffff"]
)
def test_a_letter_holds_only_characters_that_sqs_takes_and_reads_as_it_was_written(character: str) -> None:
    letter = DeadLetter("event-validator", "InvalidEvent", character, "message-1", {"payload": f"a{character}"})
    text = letter.encode()
    # SendMessage, "MessageBody": #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF
    assert re.fullmatch("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*", text)
    assert json.loads(text)["input"] == {"payload": f"a{character}"}
    assert json.loads(text)["cause"] == character


def test_a_letter_counts_what_is_escaped_for_sqs() -> None:
    assert not DeadLetter("s", "e", "", "m", {"payload": "\ufffe" * 87_000}).fits()


def test_a_letter_fits_up_to_the_last_byte_that_sqs_takes() -> None:
    room = MAXIMUM_MESSAGE_BYTES - len(LETTER.encode()) + len("{}")
    letter = DeadLetter("event-validator", "InvalidEvent", {"faults": []}, "message-1", {"payload": "x" * room})
    larger = DeadLetter("event-validator", "InvalidEvent", {"faults": []}, "message-1", {"payload": "x" * (room + 1)})
    assert letter.fits()
    assert not larger.fits()


def test_clients_retry_and_give_up_in_bounded_time() -> None:
    configuration: Any = client("dynamodb", "eu-central-1").meta.config
    assert configuration.region_name == "eu-central-1"
    assert configuration.retries["mode"] == "standard"
    assert configuration.retries["total_max_attempts"] > 1
    assert configuration.connect_timeout + configuration.read_timeout < 10


@pytest.fixture
def sqs() -> Iterator[tuple[SQSClient, Stubber]]:
    sqs = boto3.client("sqs", region_name="us-east-1")
    with Stubber(sqs) as stubber:
        yield sqs, stubber
        stubber.assert_no_pending_responses()


def taken(*bodies: str) -> dict[str, Any]:
    """A batch as the service is asked to take it."""
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
    return {"QueueUrl": "https://queues/main", "Entries": entries}


def failed(index: int, *, sender: bool = False) -> dict[str, Any]:
    entry = {"Id": str(index), "SenderFault": sender, "Code": "InvalidMessageContents" if sender else "InternalError"}
    return {"Successful": [], "Failed": [entry]}


@pytest.mark.requirement("TXF-12")
def test_messages_go_ten_at_a_time_and_no_more_than_a_call_holds(sqs: tuple[SQSClient, Stubber]) -> None:
    client, stubber = sqs
    long = "ä" * (MAXIMUM_MESSAGE_BYTES // 4)
    bodies = [*(str(index) for index in range(12)), long, long, long]
    for batch in (bodies[:10], [*bodies[10:12], long], [long, long]):
        stubber.add_response("send_message_batch", {"Successful": [], "Failed": []}, taken(*batch))
    Queue(client, "https://queues/main").send_all(bodies)


@pytest.mark.requirement("TXF-12")
def test_messages_that_were_not_taken_are_sent_again(sqs: tuple[SQSClient, Stubber]) -> None:
    client, stubber = sqs
    pauses: list[float] = []
    stubber.add_response("send_message_batch", failed(1), taken("a", "b", "c"))
    stubber.add_response("send_message_batch", {"Successful": [], "Failed": []}, taken("b"))
    Queue(client, "https://queues/main", pauses.append).send_all(["a", "b", "c"])
    assert len(pauses) == 1


@pytest.mark.requirement("TXF-12")
def test_a_message_that_is_never_taken_is_a_transient_error(sqs: tuple[SQSClient, Stubber]) -> None:
    client, stubber = sqs
    for bodies in [("a", "b"), *[("b",)] * (ATTEMPTS - 1)]:
        stubber.add_response("send_message_batch", failed(len(bodies) - 1), taken(*bodies))
    with pytest.raises(TransientError, match="sending to main: 1 of 2 messages were not taken"):
        Queue(client, "https://queues/main", lambda _: None).send_all(["a", "b"])


@pytest.mark.requirement("TXF-12")
def test_a_message_that_the_queue_refuses_is_not_tried_again(sqs: tuple[SQSClient, Stubber]) -> None:
    client, stubber = sqs
    stubber.add_response("send_message_batch", failed(0, sender=True), taken("a"))
    with pytest.raises(ValueError, match="sending to main: InvalidMessageContents"):
        Queue(client, "https://queues/main").send_all(["a"])
