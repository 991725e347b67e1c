"""Encryption in transit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies import iam
from policies.model import Resource, Undecidable, text
from policies.rule import rule
from policies.rules._policies import resource_policies

# The actions that a deny must cover. A topic's policy cannot have sns:*: SNS refuses actions that do not belong in the
# policy of a topic.
COVERED: Final = {
    "aws_s3_bucket": {"s3:*"},
    "aws_sns_topic": {"sns:Publish"},
    "aws_sqs_queue": {"sqs:*"},
}


@rule(
    "CKV_FEP_26",
    "Buckets, queues and topics refuse requests without TLS",
    "aws_s3_bucket",
    "aws_sns_topic",
    "aws_sqs_queue",
    rows=("PLT-10", "PLT-31", "EVT-01", "TXF-02", "TXF-30", "CSV-22"),
    fix="Give the policy of the resource a Deny for the principal `*`, under the condition `Bool = { "
    '"aws:SecureTransport" = "false" }` and no other. It must cover `s3:*` (on the bucket and its '
    "objects), `sqs:*` or `sns:Publish`.",
)
def policies_require_tls(resource: Resource) -> Iterator[str]:
    """AWS accepts plain HTTP unless a policy denies it."""
    undecided: list[str] = []
    for policy in resource_policies(resource):
        try:
            if all(any(_refuses(statement, resource) for statement in form) for form in iam.policies(policy)):
                return
        except Undecidable as fault:
            undecided.append(str(fault))
    if undecided:
        raise Undecidable("; ".join(undecided))
    yield "none of its policies denies requests without TLS"


def _refuses(statement: iam.Statement, resource: Resource) -> bool:
    conditions = {
        operator: {name.lower(): values for name, values in names.items()}
        for operator, names in statement.conditions.items()
    }
    return (
        statement.effect == "Deny"
        and ("AWS", "*") in statement.principals
        and conditions == {"Bool": {"aws:securetransport": ("false",)}}
        and set(statement.actions) & {*COVERED[resource.type], "*"} != set()
        and _covers(statement.resources, resource)
    )


def _covers(resources: tuple[str, ...], resource: Resource) -> bool:
    if "*" in resources:
        return True
    if resource.type != "aws_s3_bucket":
        return bool(resources)
    bucket = text(resource.get("bucket"))
    ours = [one for one in resources if bucket in one or "aws_s3_bucket" in one]
    return any(one.endswith("/*") for one in ours) and any(not one.endswith("/*") for one in ours)
