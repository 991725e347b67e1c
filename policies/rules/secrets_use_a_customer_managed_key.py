"""Encryption of secrets."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_32",
    "Secrets are encrypted with a customer-managed key",
    "aws_secretsmanager_secret",
    rows=("PLT-31", "WHK-07"),
    fix="Set `kms_key_id` to the ARN of a customer-managed key.",
)
def secrets_use_a_customer_managed_key(secret: Resource) -> Iterator[str]:
    """Without a key of its own, a secret is encrypted with a key that AWS manages."""
    yield from not_customer_managed(secret.get("kms_key_id"), "kms_key_id")
