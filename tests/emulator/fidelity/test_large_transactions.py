"""What is checked once is still checked for each item: without the patch the same, in twice the time."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account, statement

DIGEST = ":digest"


def _puts(table: str, first: int, condition: str | None = None) -> list[dict[str, Any]]:
    """A hundred puts, each with a digest of its own."""
    puts: list[dict[str, Any]] = []
    for number in range(first, first + 100):
        digest = {"S": f"digest-{number}"}
        put = {"TableName": table, "Item": {"id": {"S": f"tx-{number}"}, "digest": digest, "amount": {"N": "12.34"}}}
        more = {"ConditionExpression": condition, "ExpressionAttributeValues": {DIGEST: digest}} if condition else {}
        puts.append({"Put": put | more})
    return puts


CONDITION = f"attribute_not_exists(id) OR digest = {DIGEST}"


def test_each_item_meets_the_condition_with_its_own_values(account: Account) -> None:
    account.table("transactions", "id")
    client = account.client("dynamodb")
    client.put_item(TableName="transactions", Item={"id": {"S": "tx-7"}, "digest": {"S": "another"}})
    with pytest.raises(ClientError) as error:
        client.transact_write_items(TransactItems=_puts("transactions", 0, CONDITION))
    codes = [reason["Code"] for reason in error.value.response["CancellationReasons"]]
    assert codes == ["ConditionalCheckFailed" if number == 7 else "None" for number in range(100)]
    client.transact_write_items(TransactItems=_puts("transactions", 8, CONDITION))
    client.transact_write_items(TransactItems=_puts("transactions", 8, CONDITION))


def test_each_table_of_a_transaction_needs_the_permission(account: Account) -> None:
    account.table("transactions", "id")
    account.table("others", "id")
    user = account.user_client("dynamodb", statement("dynamodb:PutItem", account.arn("dynamodb", "table/transactions")))
    user.transact_write_items(TransactItems=_puts("transactions", 0))
    with pytest.raises(ClientError) as error:
        user.transact_write_items(TransactItems=[*_puts("transactions", 0)[:99], _puts("others", 0)[0]])
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"


def test_the_capacity_of_a_transaction_is_told_to_who_asks(account: Account) -> None:
    client = account.client("dynamodb")
    client.create_table(
        TableName="transactions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "digest")],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "digests",
                "KeySchema": [{"AttributeName": "digest", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    answer = client.transact_write_items(TransactItems=_puts("transactions", 0), ReturnConsumedCapacity="INDEXES")
    (consumed,) = answer["ConsumedCapacity"]
    # Two units for an item in a transaction, one for its entry in the index.
    assert consumed["WriteCapacityUnits"] == 200
    assert consumed["GlobalSecondaryIndexes"]["digests"]["WriteCapacityUnits"] == 100
