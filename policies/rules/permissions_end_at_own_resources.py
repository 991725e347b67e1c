"""Where permissions end."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model import Resource
from policies.permissions import wide_permissions
from policies.rule import rule


@rule(
    "CKV_FEP_44",
    "Permissions end at one resource of the same system",
    "aws_iam_role_policy",
    "aws_vpc_endpoint",
    rows=("PLT-31", "EVT-33", "WHK-13", "TXF-15", "TXF-50"),
    reading={
        "AWS Service Authorization Reference": "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html",
    },
    fix="Refer to the resource itself: its `arn`, or the part of it that the action is for (the objects of a bucket: "
    "`/*`). For an action that a role needs and that is new, write it into `policies/permissions.py`.",
)
def permissions_end_at_own_resources(policy: Resource) -> Iterator[str]:
    """`table/orders*` is also the table of somebody else that is created tomorrow. An exact ARN can be that of another
    system, or of a resource that the action is not for, and then allows nothing that anybody wanted. So a permission
    passes when it ends at a resource that is created beside it, and when the service that takes the role needs it.
    """
    yield from wide_permissions(policy)
