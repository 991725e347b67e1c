"""Point-in-time recovery keeps its `RecoveryPeriodInDays`: 1 to 35, 35 where none is given.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html

ministack keeps only whether recovery is on.
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb

from tools.emulator import places

RESTORES: Final = "DynamoDB: `RecoveryPeriodInDays` is kept (else the second plan is not empty)"

_LONGEST_DAYS: Final = 35

_days = AccountRegionScopedDict()


def apply() -> None:
    update = places.take(dynamodb, "_update_continuous_backups", "4d306deca0a2")
    describe = places.take(dynamodb, "_describe_continuous_backups", "ba81b08f309d")

    def update_keeping_days(data: dict[str, Any]) -> Any:
        answer = update(data)
        if answer[0] == 200:
            wanted = data.get("PointInTimeRecoverySpecification", {}).get("RecoveryPeriodInDays", _LONGEST_DAYS)
            _days[_table(data)] = wanted
        return _with_days(data, answer)

    def describe_with_days(data: dict[str, Any]) -> Any:
        return _with_days(data, describe(data))

    places.put(dynamodb, "_update_continuous_backups", update_keeping_days)
    places.put(dynamodb, "_describe_continuous_backups", describe_with_days)


def _table(data: dict[str, Any]) -> str:
    """A table's name, from its name or its ARN: requests may carry either."""
    return str(data.get("TableName", "")).rsplit("/", 1)[-1]


def _with_days(data: dict[str, Any], answer: Any) -> Any:
    status, headers, body = answer
    if status != 200:
        return answer
    content = json.loads(body)
    recovery = content.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
    if recovery.get("PointInTimeRecoveryStatus") == "ENABLED":
        recovery["RecoveryPeriodInDays"] = _days.get(_table(data), _LONGEST_DAYS)
    return status, headers, json.dumps(content).encode()
