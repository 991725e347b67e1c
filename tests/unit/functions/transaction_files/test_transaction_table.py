"""A transaction is stored once, as it was first said; what meets another is told which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.common.aws.batch_table import Item
from functions.common.status_shards import BULK_STATUS_SHARDS, status_shards
from functions.transaction_files.aws.transaction_table import TransactionTable
from functions.transaction_files.logic.processing import Standing
from functions.transaction_files.logic.transactions import Transaction, Transactions
from tests.unit.functions.transaction_files.test_transactions import ROW


@dataclass
class Table:
    """What DynamoDB holds: the first item of each key."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)

    def put_new(self, items: Sequence[Item]) -> list[Any]:
        keys = [(item["transaction_id"]["S"], item["timestamp"]["N"]) for item in items]
        assert len(set(keys)) == len(keys), "a transaction takes no item twice"
        standing = [self.items.setdefault(key, item) for key, item in zip(keys, items, strict=True)]
        return [None if found is item else found for found, item in zip(standing, items, strict=True)]


@pytest.fixture
def dynamodb() -> Table:
    return Table()


@pytest.fixture
def table(dynamodb: Table) -> TransactionTable:
    return TransactionTable(dynamodb)  # type: ignore[arg-type]


def transaction(**changes: str) -> Transaction:
    (read,) = Transactions().from_rows([ROW | changes])
    return read


@pytest.mark.requirement("TXF-20")
def test_an_item_holds_what_the_file_says(table: TransactionTable, dynamodb: Table) -> None:
    written = transaction(amount="-10.50", timestamp="2026-03-01T10:15:30.1239Z", description="")
    assert table.put([("b/k@v#2", written)]) == [None]
    (item,) = dynamodb.items.values()
    assert {name: value for name, value in item.items() if name != "content_digest"} == {
        "transaction_id": {"S": "tx-1"},
        "timestamp": {"N": "1772360130123"},
        "amount": {"N": "-10.5"},
        "currency": {"S": "EUR"},
        "account_id": {"S": "DE89370400440532013000"},
        "type": {"S": "debit"},
        "counterparty": {"S": "Café René"},
        "origin": {"S": "b/k@v#2"},
        "status": {"S": "STORED"},
        "status_shard": {"S": "STORED#10"},
    }


def test_a_hundred_functions_write_to_all_partitions_of_the_index(table: TransactionTable, dynamodb: Table) -> None:
    table.put([(f"a#{number}", transaction(transaction_id=f"tx-{number}")) for number in range(2000)])
    in_partition = Counter(item["status_shard"]["S"] for item in dynamodb.items.values())
    assert set(in_partition) == set(status_shards("STORED", BULK_STATUS_SHARDS))
    # A partition takes 1,000 writes a second: 20,000 items a second, spread so, are below that.
    assert max(in_partition.values()) / 2000 * 20_000 < 1000


@pytest.mark.requirement("TXF-13")
def test_the_first_stands_and_the_others_are_told_from_repeats(table: TransactionTable) -> None:
    one = transaction()
    assert table.put([("a#2", one), ("a#3", one), ("a#4", transaction(amount="7"))]) == [
        None,
        Standing(is_same=True, origin="a#2"),
        Standing(is_same=False, origin="a#2"),
    ]
    # The same lines again, as after a function that died: what was stored by them counts as stored.
    assert table.put([("a#2", one), ("a#3", one)]) == [None, Standing(is_same=True, origin="a#2")]
    assert table.put([("b#2", one), ("b#3", transaction(amount="7"))]) == [
        Standing(is_same=True, origin="a#2"),
        Standing(is_same=False, origin="a#2"),
    ]


@pytest.mark.requirement("TXF-13")
@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"amount": "-10.250"}, True),
        ({"timestamp": "2026-03-01T11:15:30+01:00"}, True),
        ({"amount": "-10.26"}, False),
        ({"currency": "USD"}, False),
        ({"account_id": "other"}, False),
        ({"type": "credit"}, False),
        ({"description": ""}, False),
        ({"description": "Café René", "counterparty": "Coffee, twice"}, False),
    ],
)
def test_what_differs_in_content_is_another_and_not_what_is_written_in_another_way(
    table: TransactionTable, changes: dict[str, str], is_same: bool
) -> None:
    table.put([("a#2", transaction())])
    assert table.put([("b#2", transaction(**changes))]) == [Standing(is_same, "a#2")]


def test_another_time_is_another_transaction(table: TransactionTable, dynamodb: Table) -> None:
    assert table.put([("a#2", transaction()), ("a#3", transaction(timestamp="2026-03-02T10:15:30Z"))]) == [None, None]
    assert len(dynamodb.items) == 2
