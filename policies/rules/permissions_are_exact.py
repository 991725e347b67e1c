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
    rows=("PLT-31", "EVT-33", "WHK-13", "TXF-15"),
    reading={
        "AWS Service Authorization Reference": "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
    },
    fix="Name each action in full, and the ARN of each resource. `*` is only for actions that AWS cannot "
    "restrict to a resource; put those into a statement of their own.",
)
def permissions_are_exact(policy: Resource) -> Iterator[str]:
    """A wildcard allows more than the code needs, and more with each action that AWS adds. The rule looks up in the
    Service Authorization Reference whether an action exists and which resources it takes.
    """
    if policy.get("policy") is MISSING:
        yield "policy is not set"
    for statement in iam.statements(policy.get("policy")):
        yield from iam.beyond_need(statement)
