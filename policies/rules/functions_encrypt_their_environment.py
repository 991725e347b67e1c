"""Encryption of function environments."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_7",
    "Functions encrypt their environment with a customer-managed key",
    "aws_lambda_function",
    rows=("PLT-31", "EVT-20", "TXF-10"),
    fix="Set `kms_key_arn` to the ARN of a customer-managed key.",
)
def functions_encrypt_their_environment(function: Resource) -> Iterator[str]:
    """Without a key of its own, a function's environment variables are encrypted with a key that AWS manages."""
    yield from not_customer_managed(function.get("kms_key_arn"), "kms_key_arn")
