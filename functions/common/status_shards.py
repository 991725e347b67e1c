"""The index by status and time: its partition is a status and a shard.

A partition takes 1,000 writes a second, and an index that is throttled throttles its table
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-sharding.html). So items of one
status are spread over several partitions, and a reader of a status queries all of them.
"""

from __future__ import annotations

import zlib
from typing import Final

# For tables that take events one by one: 8,000 writes a second.
STATUS_SHARDS: Final = 8
# For tables that many functions fill from files. A table takes 40,000 write units a second, if nothing is agreed with
# AWS (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html), and an item written in a
# transaction takes two of them. So the index meets 20,000 writes a second: 625 a shard.
BULK_STATUS_SHARDS: Final = 32


def status_shard(status: str, key: str, shards: int = STATUS_SHARDS) -> str:
    """The partition of the index that the item under a key belongs to: "REJECTED#5"."""
    return f"{status}#{zlib.crc32(key.encode()) % shards}"


def status_shards(status: str, shards: int = STATUS_SHARDS) -> list[str]:
    """All partitions of a status."""
    return [f"{status}#{shard}" for shard in range(shards)]
