"""Encryption of queues."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule
from policies.rules._keys import not_customer_managed


@rule(
    "CKV_FEP_10",
    "Queues are encrypted, with a customer-managed key or by SQS",
    "aws_sqs_queue",
    rows=("PLT-31", "TXF-30", "CSV-23", "WHK-21"),
    reading={
        'Amazon SQS Developer Guide, "Configuring KMS permissions for AWS services"': "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services",
    },
    fix="Set `kms_master_key_id` to the ARN of a customer-managed key, or set `sqs_managed_sse_enabled = true`.",
)
def queues_are_encrypted(queue: Resource) -> Iterator[str]:
    """The AWS-managed key `alias/aws/sqs` is never right: its policy cannot admit another service, so everything that
    SNS or EventBridge sends to the queue is lost.
    """
    keys = list(options(queue.get("kms_master_key_id")))
    if all(key is MISSING or key == "" for key in keys):  # a state says "" of a queue without a key
        if any(option is not True for option in options(queue.get("sqs_managed_sse_enabled"))):
            yield "neither kms_master_key_id nor sqs_managed_sse_enabled = true is set"
    else:
        yield from not_customer_managed(queue.get("kms_master_key_id"), "kms_master_key_id")
