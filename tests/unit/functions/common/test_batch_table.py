"""Many items in one transaction: what stands is told, what meets others is tried again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from functions.common.aws.attempts import ATTEMPTS
from functions.common.aws.batch_table import BatchTable, Item
from functions.common.errors import TransientError

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ITEMS: list[Item] = [{"id": {"S": name}, "amount": {"N": "10.25"}} for name in "abc"]
STANDING = {"id": {"S": "b"}, "amount": {"N": "7"}}


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[DynamoDBClient, Stubber]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    client = boto3.client("dynamodb", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield client, stubber


def puts(items: Sequence[Item]) -> dict[str, Any]:
    rest = {
        "TableName": "transactions",
        "ConditionExpression": "attribute_not_exists(#key)",
        "ExpressionAttributeNames": {"#key": "id"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return {"TransactItems": [{"Put": {"Item": item, **rest}} for item in items]}


def cancelled(stubber: Stubber, items: Sequence[Item], *codes: str) -> None:
    reasons = [{"Code": code} | ({"Item": STANDING} if code == "ConditionalCheckFailed" else {}) for code in codes]
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": reasons},
        expected_params=puts(items),
    )


@pytest.mark.requirement("TXF-12")
def test_items_are_written_in_one_transaction(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    stubber.add_response("transact_write_items", {}, puts(ITEMS))
    assert BatchTable(client, "transactions", "id").put_new(ITEMS) == [None, None, None]
    assert BatchTable(client, "transactions", "id").put_new([]) == []
    stubber.assert_no_pending_responses()


@pytest.mark.requirement("TXF-13")
def test_what_stands_is_told_and_the_others_are_written(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    cancelled(stubber, ITEMS, "None", "ConditionalCheckFailed", "None")
    stubber.add_response("transact_write_items", {}, puts([ITEMS[0], ITEMS[2]]))
    assert BatchTable(client, "transactions", "id").put_new(ITEMS) == [None, STANDING, None]
    stubber.assert_no_pending_responses()


@pytest.mark.requirement("TXF-13")
def test_where_all_stand_there_is_nothing_to_write(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    cancelled(stubber, ITEMS, *["ConditionalCheckFailed"] * 3)
    assert BatchTable(client, "transactions", "id").put_new(ITEMS) == [STANDING] * 3


@pytest.mark.requirement("TXF-12")
def test_other_writers_and_throttles_are_met_again_after_a_growing_pause(
    dynamodb: tuple[DynamoDBClient, Stubber],
) -> None:
    client, stubber = dynamodb
    pauses: list[float] = []
    cancelled(stubber, ITEMS, "None", "TransactionConflict", "None")
    cancelled(stubber, ITEMS, "ThrottlingError", "None", "None")
    stubber.add_response("transact_write_items", {}, puts(ITEMS))
    assert BatchTable(client, "transactions", "id", pauses.append).put_new(ITEMS) == [None, None, None]
    assert len(pauses) == 2
    assert all(0 <= pause <= 0.2 * 2**number for number, pause in enumerate(pauses))


@pytest.mark.requirement("TXF-12")
def test_what_does_not_pass_is_a_transient_error(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    for _ in range(ATTEMPTS):
        cancelled(stubber, ITEMS, "None", "TransactionConflict", "ThrottlingError")
    with pytest.raises(TransientError, match="transactions: ThrottlingError, TransactionConflict"):
        BatchTable(client, "transactions", "id", lambda _: None).put_new(ITEMS)
    stubber.add_client_error("transact_write_items", "ThrottlingException")
    with pytest.raises(TransientError, match="ThrottlingException"):
        BatchTable(client, "transactions", "id", lambda _: None).put_new(ITEMS)


def test_an_item_that_the_table_does_not_take_is_an_error_of_its_own(dynamodb: tuple[DynamoDBClient, Stubber]) -> None:
    client, stubber = dynamodb
    cancelled(stubber, ITEMS, "None", "ValidationError", "None")
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        BatchTable(client, "transactions", "id").put_new(ITEMS)
    with pytest.raises(ValueError, match="101 items: a transaction takes 100"):
        BatchTable(client, "transactions", "id").put_new(ITEMS[:1] * 101)
