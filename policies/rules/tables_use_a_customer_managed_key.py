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
    fix="Set server_side_encryption { enabled = true, kms_key_arn = <the ARN of a key of ours> }.",
)
def tables_use_a_customer_managed_key(table: Resource) -> Iterator[str]:
    """PLT-31, EVT-30, TXF-20, CSV-21: tables are encrypted with a key of ours, which we can withdraw."""
    if any(option is not True for option in options(table.get("server_side_encryption.enabled"))):
        yield "server_side_encryption is not enabled, or may not be"
    else:
        yield from not_customer_managed(
            table.get("server_side_encryption.kms_key_arn"), "server_side_encryption.kms_key_arn"
        )
    for replica in table.blocks("replica"):
        yield from not_customer_managed(replica.get("kms_key_arn"), "replica.kms_key_arn")
