from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account

LOCK = {"TableName": "locks", "Item": {"LockID": {"S": "unit"}}, "ConditionExpression": "attribute_not_exists(LockID)"}


@pytest.fixture
def dynamodb(account: Account) -> Any:
    account.table("locks", "LockID")
    return account.client("dynamodb")


def as_attempt(client: Any, invocation: str, number: int) -> None:
    """From here on, requests say that they are this attempt of this invocation, as an SDK's repeat does."""

    def mark(request: Any, **_: Any) -> None:
        request.headers["amz-sdk-invocation-id"] = invocation
        request.headers["amz-sdk-request"] = f"attempt={number}; max=5"

    client.meta.events.unregister("before-send.dynamodb.PutItem", unique_id="attempt")
    client.meta.events.register("before-send.dynamodb.PutItem", mark, unique_id="attempt")


def test_the_repeat_of_a_write_gets_the_answer_that_was_lost(dynamodb: Any) -> None:
    as_attempt(dynamodb, "taking-the-lock", 1)
    dynamodb.put_item(**LOCK)
    as_attempt(dynamodb, "taking-the-lock", 2)
    dynamodb.put_item(**LOCK)


def test_another_invocation_collides_whatever_its_attempt(dynamodb: Any) -> None:
    as_attempt(dynamodb, "taking-the-lock", 1)
    dynamodb.put_item(**LOCK)
    for invocation, number in (("another", 1), ("another", 2), ("taking-the-lock", 1)):
        as_attempt(dynamodb, invocation, number)
        with pytest.raises(ClientError, match="ConditionalCheckFailed"):
            dynamodb.put_item(**LOCK)


def test_a_request_that_failed_is_carried_out_again(dynamodb: Any) -> None:
    as_attempt(dynamodb, "taking-the-lock", 1)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        dynamodb.put_item(**LOCK | {"TableName": "no-such-table"})
    as_attempt(dynamodb, "taking-the-lock", 2)
    dynamodb.put_item(**LOCK)
    assert dynamodb.scan(TableName="locks")["Count"] == 1
