"""AWS-managed policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from policies.model import MISSING, Resource, Unknown, items
from policies.rule import rule


@rule(
    "CKV_FEP_13",
    "Roles hold only policies of this configuration",
    "aws_iam_role",
    rows=("PLT-31", "EVT-33"),
    fix="Write the permissions as an `aws_iam_role_policy`. Remove attachments and `managed_policy_arns`.",
)
def roles_take_no_foreign_policies(role: Resource) -> Iterator[str]:
    """An AWS-managed policy allows more than is needed, and AWS can widen it at any time."""
    given = items(role.get("managed_policy_arns"))
    given += [one.get("policy_arn") for one in role.world.pointing_at(role, "aws_iam_role_policy_attachment", "role")]
    for policy in given:
        if policy is MISSING or (isinstance(policy, Unknown) and policy.resources("aws_iam_policy")):
            continue
        yield f"it has the policy {policy}, which is not of this configuration"
    own: set[Any] = set()
    if role.world.form == "plan":  # of an applied role, AWS lists here what its aws_iam_role_policy resources have made
        own = {one.get("name") for one in role.world.pointing_at(role, "aws_iam_role_policy", "role")}
    for block in role.blocks("inline_policy"):
        if (name := block.value("name")) is MISSING or name not in own:
            yield f"it has the inline_policy {name}: write it as an aws_iam_role_policy, which the other rules read"
