"""A transaction of conditional puts is written whole or not at all, and says of each item why not.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

from typing import Any

import pytest

from functions.common.aws.batch_table import BatchTable, Item
from tests.emulator.fidelity.account import Account


def item(number: int, amount: str = "1") -> dict[str, dict[str, str]]:
    return {"id": {"S": f"tx-{number:03d}"}, "at": {"N": "5"}, "amount": {"N": amount}}


@pytest.mark.requirement("TXF-12", "TXF-13")
def test_what_stands_is_told_with_its_item_and_the_others_are_written(account: Account) -> None:
    client = account.client("dynamodb")
    client.create_table(
        TableName="transactions",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "N"},
        ],
    )
    table = BatchTable(client, "transactions", "id")
    first: list[Item] = [item(number) for number in range(0, 100, 2)]
    all_of_them: list[Item] = [item(number, "2") for number in range(100)]

    assert table.put_new(first) == [None] * 50
    assert table.put_new(all_of_them) == [item(number) if number % 2 == 0 else None for number in range(100)]

    written: list[dict[str, Any]] = client.scan(TableName="transactions")["Items"]
    amounts = {one["id"]["S"]: one["amount"]["N"] for one in written}
    assert amounts == {f"tx-{number:03d}": "1" if number % 2 == 0 else "2" for number in range(100)}
