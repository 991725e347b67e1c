"""Encryption of workflows."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource, options
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_34",
    "Workflows are encrypted with a customer-managed key",
    "aws_sfn_state_machine",
    rows=("PLT-31",),
    reading={
        'AWS Step Functions Developer Guide, "Data at rest encryption"': "https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html",
    },
    fix='Set `encryption_configuration` with `type = "CUSTOMER_MANAGED_KMS_KEY"` and `kms_key_id` = the ARN '
    "of a customer-managed key.",
)
def workflows_use_a_customer_managed_key(workflow: Resource) -> Iterator[str]:
    """An execution holds the payload of its event."""
    kind = workflow.get("encryption_configuration.type")
    if any(option != "CUSTOMER_MANAGED_KMS_KEY" for option in options(kind)):
        yield f"encryption_configuration.type is {kind}"
    yield from not_customer_managed(
        workflow.get("encryption_configuration.kms_key_id"), "encryption_configuration.kms_key_id"
    )
