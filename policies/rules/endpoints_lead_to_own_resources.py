"""What passes an endpoint of a network."""

from __future__ import annotations

from collections.abc import Iterator

from policies import iam
from policies.model import MISSING, Resource, options
from policies.rule import rule

_ACCOUNT = "aws:principalaccount"


@rule(
    "CKV_FEP_36",
    "Endpoints let only roles of this account reach only its own resources",
    "aws_vpc_endpoint",
    rows=("TXF-50", "PLT-31"),
    reading={
        'AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"': "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
    },
    fix="Give the endpoint a `policy` that names each action and the ARN of each resource, with a condition on "
    "`aws:PrincipalAccount`.",
)
def endpoints_lead_to_own_resources(endpoint: Resource) -> Iterator[str]:
    """Without a policy, an endpoint leads to the whole service. Whatever runs in the network could carry data to a
    bucket of another account, with credentials of that account. The role of the function cannot prevent that.
    """
    for policy in options(endpoint.get("policy")):
        if policy is MISSING:
            yield "policy is not set, or not in every case: everything passes"
            continue
        for statement in iam.statements(policy):
            if statement.allows:
                yield from iam.beyond_need(statement)
                if not _is_bound(statement):
                    yield f"{statement} admits principals of every account: it has no condition on aws:PrincipalAccount"


def _is_bound(statement: iam.Statement) -> bool:
    return any(
        operator.lower().startswith(("stringequals", "stringlike"))
        and name.lower() == _ACCOUNT
        and not any("*" in value for value in values)
        for operator, names in statement.conditions.items()
        for name, values in names.items()
    )
