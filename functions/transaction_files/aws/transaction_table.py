"""The table of transactions: each once, as it was first said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from functions.common.aws.batch_table import BatchTable, Item
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
    item = {
        "transaction_id": {"S": record.transaction_id},
        "timestamp": {"N": str((record.timestamp - _EPOCH) // _MILLISECOND)},
        "account_id": {"S": record.account_id},
        "amount": {"N": format(record.amount.normalize(), "f")},
        "currency": {"S": record.currency},
        "origin": {"S": origin},
        "status": {"S": STORED},
        "type": {"S": record.type},
    }
    for name in ("counterparty", "description"):
        if text := getattr(record, name):
            item[name] = {"S": text}
    item["content_digest"] = {"S": _digest(item)}
    return item


def _digest(item: Item) -> str:
    """Of all that a file says of a transaction; of nothing that we add."""
    content = "\x00".join(
        f"{name}={value}" for name in sorted(item) if name not in ("origin", "status") for value in item[name].values()
    )
    return blake2b(content.encode(), digest_size=16).hexdigest()


def _key(item: Item) -> _Key:
    return item["transaction_id"]["S"], item["timestamp"]["N"]


def _standing(item: Item, standing: Item) -> Standing | None:
    is_same = item["content_digest"] == standing["content_digest"]
    if is_same and item["origin"] == standing["origin"]:
        return None
    return Standing(is_same, standing["origin"]["S"])
