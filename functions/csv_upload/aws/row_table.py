"""The table of rows: each once, as it was first said."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from functions.common.aws.batch_table import BatchTable, Item
from functions.csv_upload.logic.rows import Row
from functions.csv_upload.logic.uploads import Upload


class RowTable:
    """functions.csv_upload.logic.processing.Table."""

    def __init__(self, table: BatchTable) -> None:
        self._table = table

    def put(self, upload: Upload, rows: Sequence[tuple[int, Row]]) -> list[bool | None]:
        items = [_item(upload, line, row) for line, row in rows]
        # A transaction takes no item twice: of two with one id the first is written, and the other meets it.
        first: dict[str, Item] = {}
        for item in items:
            first.setdefault(item["transaction_id"]["S"], item)
        written = zip(first, self._table.put_new(list(first.values())), strict=True)
        standing = {key: found or first[key] for key, found in written}
        return [_meets(item, standing[item["transaction_id"]["S"]]) for item in items]


def _item(upload: Upload, line: int, row: Row) -> Item:
    texts = {
        "transaction_id": row.transaction_id,
        "currency": row.currency,
        "type": row.type,
        "description": row.description,
        "counterparty": row.counterparty,
    }
    numbers = {"timestamp": str(int(row.at.timestamp() * 1000)), "amount_minor": str(row.amount_minor)}
    digest = blake2b("\x00".join([*texts.values(), *numbers.values()]).encode(), digest_size=16).hexdigest()
    texts |= {
        "content_digest": digest,
        # Sixteen partitions of the index a day.
        "day_shard": f"{row.at:%Y-%m-%d}#{digest[-1]}",
        "origin": f"{upload.upload_id}#{line}",
    }
    return {
        **{name: {"S": text} for name, text in texts.items() if text},
        **{name: {"N": number} for name, number in numbers.items()},
    }


def _meets(item: Item, standing: Item) -> bool | None:
    is_same = item["content_digest"] == standing["content_digest"]
    return None if is_same and item["origin"] == standing["origin"] else is_same
