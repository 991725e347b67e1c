"""Encryption of topics."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.rule import rule
from policies.rules._keys import not_customer_managed
from policies.rules._policies import forms, resource_policies

AWS_MANAGED = "alias/aws/sns"


@rule(
    "CKV_FEP_11",
    "Topics are encrypted, and with a customer-managed key where an AWS service publishes",
    "aws_sns_topic",
    fix="Set kms_master_key_id to the ARN of a key of ours, or to alias/aws/sns where no AWS service publishes.",
)
def topics_are_encrypted(topic: Resource) -> Iterator[str]:
    """PLT-31, EVT-01 (alias/aws/sns), TXF-53, CSV-23 (a key of ours). AWS services cannot use alias/aws/sns, so that an
    alarm to such a topic is lost (Amazon SNS Developer Guide, "Enable compatibility between event sources and encrypted
    topics").
    """
    key = topic.get("kms_master_key_id")
    if key != AWS_MANAGED:
        yield from not_customer_managed(key, "kms_master_key_id")
        return
    for statements in forms(resource_policies(topic)):
        for statement in statements:
            services = [who for kind, who in statement.principals if kind == "Service"]
            if statement.allows and services:
                yield f"{', '.join(services)} publishes, but cannot use {AWS_MANAGED}"
