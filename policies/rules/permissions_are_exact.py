"""Least privilege."""

from __future__ import annotations

from collections.abc import Iterator

from policies import iam
from policies.model import MISSING, Resource
from policies.rule import rule


@rule(
    "CKV_FEP_12",
    "Permissions name exact actions on exact resources",
    "aws_iam_policy",
    "aws_iam_role_policy",
    fix='Name each action in full, and the ARN of each resource. "*" is only for actions that AWS cannot restrict to a '
    "resource, in a statement of their own.",
)
def permissions_are_exact(policy: Resource) -> Iterator[str]:
    """PLT-31, EVT-33, WHK-13, TXF-15: no wildcard action; no wildcard resource, except for actions without
    resource-level permission in AWS's Service Authorization Reference.
    """
    if policy.get("policy") is MISSING:
        yield "policy is not set"
    for statement in iam.statements(policy.get("policy")):
        yield from iam.beyond_need(statement)
