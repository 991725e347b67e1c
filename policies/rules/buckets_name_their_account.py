"""Who may invoke a function in the name of a bucket."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import MISSING, Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_39",
    "Functions admit a bucket only of a named account",
    "aws_lambda_permission",
    rows=("TXF-03", "PLT-31"),
    reading={
        'AWS Lambda Developer Guide, "Process Amazon S3 event notifications with Lambda"': "https://docs.aws.amazon.com/lambda/latest/dg/with-s3.html",
    },
    fix="Set `source_account` beside `source_arn`.",
)
def buckets_name_their_account(permission: Resource) -> Iterator[str]:
    """The ARN of a bucket has no account. When a bucket is deleted, anybody may create one of the same name, and its
    events would invoke the function. checkov's built-in check is content with the ARN.
    """
    if "s3.amazonaws.com" not in options(permission.get("principal")):
        return
    for name in ("source_account", "source_arn"):
        for option in options(permission.get(name)):
            if option is MISSING:
                yield f"{name} is not set, or not in every case"
