"""Point-in-time recovery."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule

LONGEST = 35
"""Days: the longest period that AWS offers, and the one that the specification asks for."""


@rule(
    "CKV_FEP_4",
    "Tables can be restored to any point of the last 35 days",
    "aws_dynamodb_table",
    rows=("PLT-31", "EVT-30"),
    fix="Set `point_in_time_recovery` with `enabled = true` and `recovery_period_in_days = 35`.",
)
def tables_can_be_restored(table: Resource) -> Iterator[str]:
    """Every table has point-in-time recovery, for as long as AWS offers it. checkov's built-in check accepts a period
    of one day.
    """
    if any(option is not True for option in options(table.get("point_in_time_recovery.enabled"))):
        yield "point_in_time_recovery is not enabled, or not in every case"
    for days in options(table.get("point_in_time_recovery.recovery_period_in_days")):
        if days != LONGEST:
            yield f"point_in_time_recovery.recovery_period_in_days is {days}"
