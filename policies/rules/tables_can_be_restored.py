"""Point-in-time recovery."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule

LONGEST = 35
"""Days; what AWS offers at most, and what the specification asks for."""


@rule(
    "CKV_FEP_4",
    "Tables can be restored to any point of the last 35 days",
    "aws_dynamodb_table",
    fix="Set point_in_time_recovery { enabled = true, recovery_period_in_days = 35 }.",
)
def tables_can_be_restored(table: Resource) -> Iterator[str]:
    """PLT-31, EVT-30: point-in-time recovery on every table, with the recovery period. The built-in check takes one day
    for enough.
    """
    if any(option is not True for option in options(table.get("point_in_time_recovery.enabled"))):
        yield "point_in_time_recovery is not enabled, or may not be"
    for days in options(table.get("point_in_time_recovery.recovery_period_in_days")):
        if days != LONGEST:
            yield f"point_in_time_recovery.recovery_period_in_days is {days}"
