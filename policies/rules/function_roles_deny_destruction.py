"""Explicit denies."""

from __future__ import annotations

from collections.abc import Iterator

from policies import iam
from policies.model import Resource, Undecidable, options, points_at
from policies.rule import rule
from policies.rules._policies import role_policies

NEVER = frozenset({"dynamodb:DeleteTable", "s3:DeleteBucket"})


@rule(
    "CKV_FEP_14",
    "Function roles deny s3:DeleteBucket and dynamodb:DeleteTable",
    "aws_lambda_function",
    rows=("PLT-31", "TXF-15", "TXF-32"),
    fix="Give the role an `aws_iam_role_policy` that denies both actions on `*`, without a condition and "
    "without `count`.",
)
def function_roles_deny_destruction(function: Resource) -> Iterator[str]:
    """No later permission can lift an explicit deny, so no function can ever delete a bucket or a table."""
    for role in options(function.get("role")):
        found = [one for one in function.world.of("aws_iam_role", near=function) if points_at(role, one)]
        if len(found) != 1:
            raise Undecidable(f"role is {role}, which cannot be traced to one role")
        denied: set[str] = set()
        undecided: list[str] = []
        for policy in role_policies(found[0]):
            try:
                denied |= set.intersection(*(_denied(statements) for statements in iam.policies(policy)))
            except Undecidable as fault:
                undecided.append(str(fault))
        missing = NEVER - denied
        if missing and undecided:
            raise Undecidable("; ".join(undecided))
        if missing:
            yield f"{found[0].address} does not deny {', '.join(sorted(missing))} on every resource"


def _denied(statements: list[iam.Statement]) -> set[str]:
    return {
        action
        for statement in statements
        if statement.effect == "Deny" and statement.resources == ("*",) and not statement.conditions
        for action in statement.actions
    }
