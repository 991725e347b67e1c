"""Who may use a resource by its own policy."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies import iam
from policies.model import Resource
from policies.rule import rule
from policies.rules._policies import resource_policies

SOURCE = re.compile(r"(?i)aws:source(arn|account|orgid)|aws:principal(account|orgid|arn)")
ROOT = re.compile(r"arn:aws[\w-]*:iam::(\d{12}|\$\{.*\}):root")
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
    rows=("EVT-01", "TXF-30", "TXF-53", "PLT-31"),
    reading={
        'AWS IAM User Guide, "The confused deputy problem"': "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
    },
    fix="Name the principals. Give each service principal a condition on `aws:SourceArn` or `aws:SourceAccount`.",
)
def policies_admit_nobody_else(resource: Resource) -> Iterator[str]:
    """A service principal without a source acts for everybody who can make that service act, in any account."""
    for policy in resource_policies(resource):
        for statement in iam.statements(policy):
            if statement.allows:
                yield from _admits(statement, resource)


def _admits(statement: iam.Statement, resource: Resource) -> Iterator[str]:
    if statement.not_principals or statement.not_actions:
        yield f"{statement} allows everything except what it lists (NotAction, NotPrincipal)"
    bound = any(
        SOURCE.fullmatch(name) and not any(set(value) <= set("*?") for value in values)
        for names in statement.conditions.values()
        for name, values in names.items()
    )
    for kind, who in statement.principals:
        if "*" in who and not bound:
            yield f"{statement} admits everybody ({who})"
        elif kind == "Service" and not bound:
            yield (
                f"{statement} admits {who} on behalf of every account: "
                "it has no condition on aws:SourceArn or aws:SourceAccount"
            )
    for action in statement.actions:
        if "*" in action and not (resource.type == "aws_s3_bucket" and _is_root(statement)):
            yield f"{statement} allows {action}"


def _is_root(statement: iam.Statement) -> bool:
    """Whether a statement admits an account's root only. TXF-02 asks for its access to a bucket; roles still need
    policies of their own.
    """
    return bool(statement.principals) and all(ROOT.fullmatch(who) for _, who in statement.principals)
