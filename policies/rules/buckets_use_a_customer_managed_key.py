"""Encryption of buckets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._keys import not_customer_managed

CONFIGURATION = "aws_s3_bucket_server_side_encryption_configuration"


@rule(
    "CKV_FEP_9",
    "Buckets are encrypted with a customer-managed key",
    "aws_s3_bucket",
    rows=("PLT-10", "PLT-31", "TXF-01", "CSV-22"),
    fix="Give the bucket an `aws_s3_bucket_server_side_encryption_configuration` with `sse_algorithm = "
    '"aws:kms"` and `kms_master_key_id` = the ARN of a customer-managed key.',
)
def buckets_use_a_customer_managed_key(bucket: Resource) -> Iterator[str]:
    """S3 encrypts with a key of its own by default. Only a customer-managed key can be withdrawn."""
    found = [one for one in bucket.world.pointing_at(bucket, CONFIGURATION, "bucket") if one.certain]
    if not found:
        yield f"there is no {CONFIGURATION} for it, or not in every case"
    for configuration in found:
        for block in configuration.blocks("rule"):
            default = "apply_server_side_encryption_by_default"
            if any(option != "aws:kms" for option in options(block.get(f"{default}.sse_algorithm"))):
                yield f"sse_algorithm is {block.get(f'{default}.sse_algorithm')}"
            yield from not_customer_managed(block.get(f"{default}.kms_master_key_id"), "kms_master_key_id")
        if not any(block.certain for block in configuration.blocks("rule")):
            yield f"{configuration.address} has no rule, or not in every case"
