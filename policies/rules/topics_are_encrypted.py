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
    rows=("PLT-31", "EVT-01", "TXF-53", "CSV-23"),
    reading={
        'Amazon SNS Developer Guide, "Enable compatibility between event sources and encrypted topics"': "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services",
    },
    fix="Set `kms_master_key_id` to the ARN of a customer-managed key. Where no AWS service publishes, "
    "`alias/aws/sns` is enough.",
)
def topics_are_encrypted(topic: Resource) -> Iterator[str]:
    """AWS services cannot use `alias/aws/sns`: an alarm that CloudWatch sends to such a topic is lost."""
    key = topic.get("kms_master_key_id")
    if key != AWS_MANAGED:
        yield from not_customer_managed(key, "kms_master_key_id")
        return
    for statements in forms(resource_policies(topic)):
        for statement in statements:
            services = [who for kind, who in statement.principals if kind == "Service"]
            if statement.allows and services:
                yield f"{', '.join(services)} publishes, but cannot use {AWS_MANAGED}"
