"""Keys."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_1",
    "Keys rotate every year",
    "aws_kms_key",
    rows=("PLT-31", "EVT-32", "TXF-40"),
    fix="Set `enable_key_rotation = true`, and no `rotation_period_in_days` above 365.",
)
def keys_rotate_every_year(key: Resource) -> Iterator[str]:
    """A customer-managed key rotates only where the configuration says so. Yearly rotation limits what one version of
    the key protects.
    """
    if any(option is not True for option in options(key.get("enable_key_rotation"))):
        yield f"enable_key_rotation is {key.get('enable_key_rotation')}"
    for days in options(key.get("rotation_period_in_days")):
        if days is not MISSING and not (isinstance(days, int) and days <= 365):
            yield f"rotation_period_in_days is {days}"
