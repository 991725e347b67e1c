"""The table of transactions: each once, as it was first said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from functions.common.aws.batch_table import BatchTable, Item
from functions.common.status_shards import BULK_STATUS_SHARDS, status_shard
from functions.transaction_files.logic.processing import Standing
from functions.transaction_files.logic.transactions import Transaction

STORED: Final = "STORED"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

# An item by its key, and what stands there or is about to.
_Key = tuple[str, str]


class TransactionTable:
    """Where transactions are stored (functions.transaction_files.logic.processing.Store)."""

    def __init__(self, table: BatchTable) -> None:
        self._table = table

    def put(self, records: Sequence[tuple[str, Transaction]]) -> list[Standing | None]:
        """Store what is new. For each record that was not stored now, or by the same line of the same file before, what
        stands in its place. Raises TransientError.
        """
        items = [_item(origin, record) for origin, record in records]
        # A transaction takes no item twice: of two with one key the first is written, and the other meets it.
        first: dict[_Key, Item] = {}
        for item in items:
            first.setdefault(_key(item), item)
        written = zip(first, self._table.put_new(list(first.values())), strict=True)
        standing = {key: found or first[key] for key, found in written}
        return [_standing(item, standing[_key(item)]) for item in items]


def _item(origin: str, record: Transaction) -> Item:
    timestamp = str((record.timestamp - _EPOCH) // _MILLISECOND)
    amount = format(record.amount.normalize(), "f")
    item = {
        "transaction_id": {"S": record.transaction_id},
        "timestamp": {"N": timestamp},
        "account_id": {"S": record.account_id},
        "amount": {"N": amount},
        "content_digest": {"S": _digest(record, timestamp, amount)},
        "currency": {"S": record.currency},
        "origin": {"S": origin},
        "status": {"S": STORED},
        "status_shard": {"S": status_shard(STORED, record.transaction_id, BULK_STATUS_SHARDS)},
        "type": {"S": record.type},
    }
    if record.counterparty:
        item["counterparty"] = {"S": record.counterparty}
    if record.description:
        item["description"] = {"S": record.description}
    return item


def _digest(record: Transaction, timestamp: str, amount: str) -> str:
    """Of all that a file says of a transaction, however it writes time and amount. No field holds a NUL."""
    content = (
        record.transaction_id, timestamp, amount, record.currency, record.account_id, record.type, record.counterparty,
        record.description,
    )  # fmt: skip
    return blake2b("\x00".join(content).encode(), digest_size=16).hexdigest()


def _key(item: Item) -> _Key:
    return item["transaction_id"]["S"], item["timestamp"]["N"]


def _standing(item: Item, standing: Item) -> Standing | None:
    is_same = item["content_digest"] == standing["content_digest"]
    if is_same and item["origin"] == standing["origin"]:
        return None
    return Standing(is_same, standing["origin"]["S"])
