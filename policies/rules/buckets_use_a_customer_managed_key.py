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
    fix=f'Give the bucket an {CONFIGURATION} with sse_algorithm = "aws:kms" '
    "and kms_master_key_id = <the ARN of a key of ours>.",
)
def buckets_use_a_customer_managed_key(bucket: Resource) -> Iterator[str]:
    """PLT-10, PLT-31, TXF-01, CSV-22: SSE-KMS with a key of ours."""
    found = [one for one in bucket.world.pointing_at(bucket, CONFIGURATION, "bucket") if one.certain]
    if not found:
        yield f"no {CONFIGURATION} names it for sure"
    for configuration in found:
        for block in configuration.blocks("rule"):
            default = "apply_server_side_encryption_by_default"
            if any(option != "aws:kms" for option in options(block.get(f"{default}.sse_algorithm"))):
                yield f"sse_algorithm is {block.get(f'{default}.sse_algorithm')}"
            yield from not_customer_managed(block.get(f"{default}.kms_master_key_id"), "kms_master_key_id")
        if not any(block.certain for block in configuration.blocks("rule")):
            yield f"{configuration.address} has no rule for sure"
