"""Retention of logs."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Input, Resource, Unknown, options
from policies.rule import rule

AT_LEAST = 30


@rule(
    "CKV_FEP_6",
    "Log groups keep their entries for 30 days or more, and not for ever",
    "aws_cloudwatch_log_group",
    rows=("PLT-13", "PLT-31", "EVT-20", "TXF-51"),
    fix="Set `retention_in_days` to the environment's `log_retention_days` (30 days or more, never 0).",
)
def log_groups_keep_a_month(group: Resource) -> Iterator[str]:
    """Less than 30 days is too short to investigate a payment. Without a retention (0), entries stay for ever, with any
    personal data in them. The setting `log_retention_days` of an environment passes too, because the schema of the
    settings limits its values.
    """
    for days in options(group.get("retention_in_days")):
        if isinstance(days, Unknown) and days.whole and days.origins == {Input("context.log_retention_days")}:
            continue
        if days is MISSING or not isinstance(days, int) or days < AT_LEAST:
            yield f"retention_in_days is {days}"
