"""A table with point-in-time recovery is restored as it was at a time; the new table lacks what AWS does not restore.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html (not restored:
tags, time to live, point-in-time recovery, deletion protection)

ministack copies the items of now, whatever time is asked for and whether recovery is on, and leaves the new table
without the key of the old one. What differs still: on AWS a table can be restored to five minutes ago, here to now.
"""

from __future__ import annotations

import copy
import json
import time
from collections import defaultdict
from typing import Any, Final

from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from tools.emulator import places

RESTORES: Final = "DynamoDB: a table is restored as it was at a time, if its point-in-time recovery is on"

# A table's own entries: (time, item before, item after) of each change since recovery is on, and since when it is.
_CHANGES: Final = "_changes_to_restore"
_SINCE: Final = "_recoverable_since"


def apply() -> None:
    emit = places.take(dynamodb, "_emit_stream_event", "8568d0446f26")
    update = places.take(dynamodb, "_update_continuous_backups", "4d306deca0a2")
    describe = places.take(dynamodb, "_describe_continuous_backups", "ba81b08f309d")
    restore = places.take(dynamodb, "_restore_table_to_point_in_time", "d2251b31c311")

    def emit_and_remember(name: str, event: str, old: Any, new: Any, replicate: bool = True) -> Any:
        table = dynamodb._tables.get(name)
        if table and _SINCE in table:
            table[_CHANGES].append((time.time(), old, new))
        return emit(name, event, old, new, replicate)

    def update_from_now_on(data: dict[str, Any]) -> Any:
        answer = update(data)
        table = dynamodb._tables.get(_name(data.get("TableName")))
        if answer[0] == 200 and table:
            if not data["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]:
                table.pop(_SINCE, None)
            elif _SINCE not in table:
                table.update({_SINCE: time.time(), _CHANGES: []})
        return answer

    def describe_with_times(data: dict[str, Any]) -> Any:
        status, headers, body = describe(data)
        table = dynamodb._tables.get(_name(data.get("TableName")))
        if status == 200 and table and _SINCE in table:
            content = json.loads(body)
            recovery = content["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            recovery |= {"EarliestRestorableDateTime": table[_SINCE], "LatestRestorableDateTime": time.time()}
            body = json.dumps(content).encode()
        return status, headers, body

    def restore_as_it_was(data: dict[str, Any]) -> Any:
        source = dynamodb._tables.get(_name(data.get("SourceTableName") or data.get("SourceTableArn")))
        at: Any = time.time() if data.get("UseLatestRestorableTime") else data.get("RestoreDateTime")
        if source and _SINCE not in source:
            return _refused("PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled")
        if source and at is None:
            return _refused("ValidationException", "Either RestoreDateTime or UseLatestRestorableTime is needed")
        if source and not source[_SINCE] <= at <= time.time():
            return _refused("InvalidRestoreTimeException", "The time is not within the recovery period of the table")
        answer = restore(data)
        if answer[0] == 200 and source:
            made = dynamodb._tables[data["TargetTableName"]]
            made["items"] = _items_at(source, at)
            dynamodb._items_replaced(made)
            made["SSEDescription"] = copy.deepcopy(source.get("SSEDescription"))
        return answer

    places.put(dynamodb, "_emit_stream_event", emit_and_remember)
    places.put(dynamodb, "_update_continuous_backups", update_from_now_on)
    places.put(dynamodb, "_describe_continuous_backups", describe_with_times)
    places.put(dynamodb, "_restore_table_to_point_in_time", restore_as_it_was)


def _items_at(table: dict[str, Any], at: float) -> dict[str, Any]:
    """The items of a table at a time: those of now, with the changes since then undone, the newest first."""
    items = defaultdict(dict, {partition: dict(found) for partition, found in table["items"].items()})
    for changed_at, old, new in reversed(table[_CHANGES]):
        if changed_at <= at:
            break
        partition, sort, _ = dynamodb._resolve_table_key_values(table, old or new, allow_extra=True)
        if old:
            items[partition][sort] = old
        else:
            items[partition].pop(sort, None)
    return copy.deepcopy(items)


def _refused(code: str, message: str) -> Any:
    return error_response_json(code, message, 400)


def _name(given: Any) -> str:
    """A table's name, from its name or its ARN: requests may carry either."""
    return str(given or "").rsplit("/", 1)[-1]
