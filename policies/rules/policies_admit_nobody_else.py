"""Who may use a resource by its own policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies import iam
from policies.model import Resource
from policies.rule import rule
from policies.rules._policies import resource_policies

SOURCE = re.compile(r"(?i)aws:source(arn|account|orgid)|aws:principal(account|orgid|arn)")
# Services that act within the account alone: they make no calls on behalf of another account's resource.
POLICY_ATTRIBUTE = {
    "aws_cloudwatch_log_resource_policy": "policy_document",
    "aws_iam_role": "assume_role_policy",
}


@rule(
    "CKV_FEP_27",
    "Resource policies admit nobody from outside, and services only for a named source",
    "aws_s3_bucket",
    "aws_sns_topic",
    "aws_sqs_queue",
    fix="Name the principals; put a condition on aws:SourceArn or aws:SourceAccount to each service principal.",
)
def policies_admit_nobody_else(resource: Resource) -> Iterator[str]:
    """EVT-01 (only the account's principals), TXF-30, TXF-53, PLT-31: a service principal without a source acts for
    anybody who can make that service act (AWS IAM User Guide, "The confused deputy problem").
    """
    for policy in resource_policies(resource):
        for statement in iam.statements(policy):
            if statement.allows:
                yield from _admits(statement)


def _admits(statement: iam.Statement) -> Iterator[str]:
    if statement.not_principals or statement.not_actions:
        yield f"{statement} allows all but some"
    bound = any(
        SOURCE.fullmatch(name) and not any(set(value) <= set("*?") for value in values)
        for names in statement.conditions.values()
        for name, values in names.items()
    )
    for kind, who in statement.principals:
        if "*" in who and not bound:
            yield f"{statement} admits everybody ({who})"
        elif kind == "Service" and not bound:
            yield f"{statement} admits {who} on behalf of anybody: no condition on aws:SourceArn or aws:SourceAccount"
    for action in statement.actions:
        if "*" in action:
            yield f"{statement} allows {action}"
