"""Only known statements pass."""

from __future__ import annotations

from collections.abc import Iterator

from policies import statements
from policies.model import MISSING, Resource, options
from policies.rule import rule


@rule(
    "CKV_FEP_42",
    "Policies of resources consist of statements that are known",
    *statements.POLICIES,
    rows=("PLT-31", "EVT-01", "EVT-32", "TXF-02", "TXF-30"),
    reading={
        'AWS IAM User Guide, "Policy evaluation logic"': "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    },
    fix="Write the statement in the form that the message names. For one that is new, decide who may do what to what "
    "and when, and write that into `policies/statements.py`.",
)
def policies_hold_known_statements(resource: Resource) -> Iterator[str]:
    """What a statement allows depends on all of its parts at once: `ArnNotEquals` in the place of `ArnEquals` turns it
    around, and a refusal with one more condition may never hold. So the rule knows whole statements: own services for
    an exact source, the account's root, the refusals of what is unencrypted. Any other statement fails.
    """
    attribute, known = statements.POLICIES[resource.type]
    for option in options(resource.get(attribute)):
        if option is MISSING:
            yield f"{attribute} is not set, or not in every case"
        else:
            yield from statements.unknown_statements(option, known(resource))
