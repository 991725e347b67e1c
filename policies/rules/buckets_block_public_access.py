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
    rows=("PLT-31", "TXF-01", "CSV-22"),
    fix="Give the bucket an `aws_s3_bucket_public_access_block` without `count`, with `block_public_acls`, "
    "`block_public_policy`, `ignore_public_acls` and `restrict_public_buckets` set to `true`.",
)
def buckets_block_public_access(bucket: Resource) -> Iterator[str]:
    """Each switch closes another way to make a bucket public: new access lists, existing ones, new policies, existing
    ones.
    """
    found = [one for one in bucket.world.pointing_at(bucket, BLOCK, "bucket") if one.certain]
    if not found:
        yield f"there is no {BLOCK} for it, or not in every case"
    for block in found:
        for name in SWITCHES:
            if any(option is not True for option in options(block.get(name))):
                yield f"{name} is {block.get(name)}"
