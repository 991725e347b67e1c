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
    fix='Set encryption_configuration { type = "CUSTOMER_MANAGED_KMS_KEY", kms_key_id = <the ARN of a key of ours> }.',
)
def workflows_use_a_customer_managed_key(workflow: Resource) -> Iterator[str]:
    """PLT-31: every store is encrypted with a key of ours. An execution holds the payload of its event (AWS Step
    Functions Developer Guide, "Data at rest encryption").
    """
    kind = workflow.get("encryption_configuration.type")
    if any(option != "CUSTOMER_MANAGED_KMS_KEY" for option in options(kind)):
        yield f"encryption_configuration.type is {kind}"
    yield from not_customer_managed(
        workflow.get("encryption_configuration.kms_key_id"), "encryption_configuration.kms_key_id"
    )
