"""Public access."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule

BLOCK = "aws_s3_bucket_public_access_block"
SWITCHES = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@rule(
    "CKV_FEP_28",
    "Buckets block public access in all four ways",
    "aws_s3_bucket",
    fix=f"Give the bucket an {BLOCK} with {', '.join(SWITCHES)} = true, without count.",
)
def buckets_block_public_access(bucket: Resource) -> Iterator[str]:
    """PLT-31, TXF-01, CSV-22: all four public access blocks."""
    found = [one for one in bucket.world.pointing_at(bucket, BLOCK, "bucket") if one.certain]
    if not found:
        yield f"no {BLOCK} names it for sure"
    for block in found:
        for name in SWITCHES:
            if any(option is not True for option in options(block.get(name))):
                yield f"{name} is {block.get(name)}"
