"""What several rules read of policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies import iam
from policies.model import MISSING, Resource

POLICY_OF = {
    "aws_s3_bucket": ("aws_s3_bucket_policy", "bucket"),
    "aws_sns_topic": ("aws_sns_topic_policy", "arn"),
    "aws_sqs_queue": ("aws_sqs_queue_policy", "queue_url"),
}


def resource_policies(resource: Resource) -> Iterator[Any]:
    """The policies of a bucket, queue or topic: inline ones, and resources of their own that exist in every case."""
    own = resource.get("policy") if resource.type != "aws_s3_bucket" else MISSING
    if own is not MISSING:
        yield own
    type_, attribute = POLICY_OF[resource.type]
    for policy in resource.world.pointing_at(resource, type_, attribute):
        if policy.certain:
            yield policy.get("policy")


def role_policies(role: Resource) -> Iterator[Any]:
    """The inline policies of a role that exist in every case."""
    for policy in role.world.pointing_at(role, "aws_iam_role_policy", "role"):
        if policy.certain:
            yield policy.get("policy")


def forms(policies: Iterator[Any]) -> Iterator[list[iam.Statement]]:
    """The statements of each policy, once for each form that the policy can have. Raises Undecidable."""
    for policy in policies:
        yield from iam.policies(policy)
