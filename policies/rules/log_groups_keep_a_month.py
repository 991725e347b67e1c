"""Retention of logs."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Input, Resource, Unknown, options
from policies.rule import rule

AT_LEAST = 30


@rule(
    "CKV_FEP_6",
    "Log groups keep their entries for a set time of 30 days or more",
    "aws_cloudwatch_log_group",
    fix="Set retention_in_days to the environment's log_retention_days (30 days or more, never 0).",
)
def log_groups_keep_a_month(group: Resource) -> Iterator[str]:
    """PLT-13, PLT-31, EVT-20, TXF-51: 30 days. Without a retention (0) entries stay for ever, with what they may say of
    people. The environment's setting is an input, whose domain its schema holds.
    """
    for days in options(group.get("retention_in_days")):
        if isinstance(days, Unknown) and days.whole and days.origins == {Input("context.log_retention_days")}:
            continue
        if days is MISSING or not isinstance(days, int) or days < AT_LEAST:
            yield f"retention_in_days is {days}"
