"""The index by status and time, `status-at-index`: its partition is a status and a shard.

A partition takes 1,000 writes a second, and an index that is throttled throttles its table
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-sharding.html). So items of one
status are spread over STATUS_SHARDS partitions, and a reader of a status queries all of them.
"""

from __future__ import annotations

import zlib

STATUS_SHARDS = 8


def status_shard(status: str, key: str) -> str:
    """The partition of the index that the item under a key belongs to: "REJECTED#5"."""
    return f"{status}#{zlib.crc32(key.encode()) % STATUS_SHARDS}"


def status_shards(status: str) -> list[str]:
    """All partitions of a status."""
    return [f"{status}#{shard}" for shard in range(STATUS_SHARDS)]
