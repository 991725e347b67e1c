"""Encryption of logs."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_5",
    "Log groups are encrypted with a customer-managed key",
    "aws_cloudwatch_log_group",
    rows=("PLT-31", "EVT-20", "EVT-10", "TXF-51", "CSV-20"),
    fix="Set `kms_key_id` to the ARN of a customer-managed key whose policy admits CloudWatch Logs.",
)
def log_groups_use_a_customer_managed_key(group: Resource) -> Iterator[str]:
    """The owner of the key decides who can read the logs, and can withdraw the key."""
    yield from not_customer_managed(group.get("kms_key_id"), "kms_key_id")
