"""The table of events, which holds the state of every hand-over (WHK-20)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from functions.common.aws.item_table import ItemTable
from functions.common.status_shards import status_shard
from functions.webhooks.logic.handover import Lease, Record, Status


class EventTable:
    """Implements `functions.webhooks.logic.handover.Store`, which says what each call does.

    An item also has the attribute `status_shard`, by which the index finds it.
    """

    def __init__(self, table: ItemTable) -> None:
        self._table = table

    def record(self, new: Record) -> Record:
        item = msgspec.to_builtins(new) | {"status_shard": status_shard(new.status.value, new.event_id)}
        standing = self._table.put_new(item)
        return new if standing is None else _record(standing)

    def read(self, event_id: str) -> Record | None:
        item = self._table.get(event_id)
        return None if item is None else _record(item)

    def take(self, seen: Record, lease: Lease) -> Record | None:
        item = self._table.update(
            seen.event_id,
            {"lease_holder": lease.holder, "lease_until": lease.until},
            expected={"status": Status.RECEIVED, "lease_holder": seen.lease_holder, "lease_until": seen.lease_until},
        )
        return None if item is None else _record(item)

    def release(self, event_id: str, lease: Lease) -> None:
        self._table.update(
            event_id, {"lease_until": 0}, expected={"status": Status.RECEIVED, "lease_holder": lease.holder}
        )

    def complete(self, event_id: str, at: str) -> None:
        self._table.update(
            event_id,
            {
                "status": Status.HANDED_OVER,
                "status_shard": status_shard(Status.HANDED_OVER.value, event_id),
                "handed_over_at": at,
            },
            expected={"status": Status.RECEIVED},
        )


def _record(item: dict[str, Any]) -> Record:
    # boto3 reads DynamoDB's numbers as Decimal; all numbers of a record are integers.
    return msgspec.convert(
        {name: int(value) if isinstance(value, Decimal) else value for name, value in item.items()}, Record
    )
