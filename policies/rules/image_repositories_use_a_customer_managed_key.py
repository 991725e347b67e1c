"""Encryption of images."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_8",
    "Image repositories are encrypted with a customer-managed key, and their tags are immutable",
    "aws_ecr_repository",
    rows=("PLT-31", "PLT-25", "EVT-31", "CSV-20"),
    fix='Set `encryption_configuration` with `encryption_type = "KMS"` and `kms_key` = the ARN of a '
    'customer-managed key, and `image_tag_mutability = "IMMUTABLE"`.',
)
def image_repositories_use_a_customer_managed_key(repository: Resource) -> Iterator[str]:
    """A tag that can move makes a function run another image than the one that was tested."""
    kind = repository.get("encryption_configuration.encryption_type")
    if any(option != "KMS" for option in options(kind)):
        yield f"encryption_configuration.encryption_type is {kind}"
    yield from not_customer_managed(
        repository.get("encryption_configuration.kms_key"), "encryption_configuration.kms_key"
    )
    if any(option != "IMMUTABLE" for option in options(repository.get("image_tag_mutability"))):
        yield f"image_tag_mutability is {repository.get('image_tag_mutability')}"
