"""Encryption of tables."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_3",
    "Tables are encrypted with a customer-managed key",
    "aws_dynamodb_table",
    rows=("PLT-31", "EVT-30", "TXF-20", "CSV-21"),
    fix="Set `server_side_encryption` with `enabled = true` and `kms_key_arn` = the ARN of a customer-managed key.",
)
def tables_use_a_customer_managed_key(table: Resource) -> Iterator[str]:
    """The owner of a key can withdraw it. Nobody here can withdraw a key that AWS owns or manages."""
    if any(option is not True for option in options(table.get("server_side_encryption.enabled"))):
        yield "server_side_encryption is not enabled, or not in every case"
    else:
        yield from not_customer_managed(
            table.get("server_side_encryption.kms_key_arn"), "server_side_encryption.kms_key_arn"
        )
    for replica in table.blocks("replica"):
        yield from not_customer_managed(replica.get("kms_key_arn"), "replica.kms_key_arn")
