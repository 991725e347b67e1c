"""Policies of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies import iam
from policies.model import Resource
from policies.rule import rule

# Conditions on these keys bind a service to a resource or an account (AWS KMS Developer Guide, "Condition keys for AWS
# KMS").
BINDING = re.compile(
    r"(?i)aws:source(arn|account)|kms:encryptioncontext:.+|kms:(viaservice|calleraccount|grantisforawsresource)"
)
# Wildcards that stand for the variants of one operation.
FAMILIES = ("kms:GenerateDataKey*", "kms:ReEncrypt*")


@rule(
    "CKV_FEP_2",
    "Key policies put the account's root first, and bind every service to its resources",
    "aws_kms_key",
    rows=("PLT-31", "EVT-32", "TXF-41"),
    reading={
        'AWS KMS Developer Guide, "Default key policy"': "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    },
    fix="Begin the policy with `kms:*` for `arn:aws:iam::<account>:root`. Give each service only the "
    "operations that it needs, under a condition on `aws:SourceArn`, `aws:SourceAccount` or "
    "`kms:EncryptionContext`.",
)
def key_policies_put_the_root_first(key: Resource) -> Iterator[str]:
    """Without the account's root in its policy, nobody may be able to manage a key. A service without a condition can
    use the key on behalf of any account.
    """
    for statements in iam.policies(key.get("policy")):
        if not statements:
            yield "policy is not set, or may not be"
            continue
        first, *others = statements
        if not _is_root(first):
            yield f"the policy begins with {first}, not with the account's root and kms:*"
            others = statements
        for statement in others:
            yield from _too_wide(statement)


def _is_root(statement: iam.Statement) -> bool:
    return (
        statement.allows
        and not statement.conditions
        and statement.actions == ("kms:*",)
        and statement.resources == ("*",)
        and len(statement.principals) == 1
        and statement.principals[0][0] == "AWS"
        and re.fullmatch(r"arn:(aws[\w-]*|\$\{[^}]*\}):iam::(\d{12}|\$\{.*\}):root", statement.principals[0][1])
        is not None
    )


def _too_wide(statement: iam.Statement) -> Iterator[str]:
    if not statement.allows:
        return
    if statement.not_actions or statement.not_principals:
        yield f"{statement} allows everything except what it lists (NotAction, NotPrincipal)"
    for action in statement.actions:
        if "*" in action and action not in FAMILIES:
            yield f"{statement} allows {action}"
    for _, who in statement.principals:
        if "*" in who:
            yield f"{statement} admits the principal {who}"
    keys = [name for names in statement.conditions.values() for name in names]
    if any(kind == "Service" for kind, _ in statement.principals) and not any(BINDING.fullmatch(name) for name in keys):
        yield f"{statement} lets a service use the key for every account: no condition names a resource or account"
    for operator, names in statement.conditions.items():
        for name, wanted in names.items():
            if BINDING.fullmatch(name) and any(set(value) <= set("*?") for value in wanted):
                yield f"{statement} has the condition {operator} {name} = *, which binds nothing"
