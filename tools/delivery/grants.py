"""What a change of a policy allows that was not allowed before, and what it no longer denies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from policies.iam import Statement, statements
from policies.model import Undecidable

Conditions = tuple[tuple[str, str, tuple[str, ...]], ...]

# Conditions that keep a principal of "*" to an account, an organisation, a network or an address:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html. As S3 judges what is public:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_BINDING: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "kms:calleraccount",
    }
)
# Values that name nobody in particular: any text, any repository, and ARNs of any account but those of a named bucket.
_ANYBODY: Final = re.compile(r"(?:repo:)?[*?/:]*|arn:(?!aws:s3:::[^*?]+$)[^:]*:[^:]*:[^:]*:[*?]*(?::.*)?")
_ALL_ADDRESSES: Final = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, order=True)
class Grant:
    """One action on one resource, for a principal where the policy is that of a resource."""

    action: str
    resource: str
    principal: str = ""
    conditions: Conditions = ()

    def covers(self, other: Grant) -> bool:
        """Whether this grant gives all that another one gives."""
        return (
            fnmatchcase(other.action.lower(), self.action.lower())
            and fnmatchcase(other.resource, self.resource)
            and self.principal in (other.principal, "AWS *")
            and set(self.conditions) <= set(other.conditions)
        )

    @property
    def is_public(self) -> bool:
        """Whether it is for everybody: a principal of "*" that no condition binds."""
        kind, _, who = self.principal.partition(" ")
        if kind == "Federated" and ":oidc-provider/" in who:
            # A provider of tokens gives them to all of its users, of any audience. Which one may come is another claim:
            # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
            claims = f"{who.partition('/')[2]}:".lower()
            named = [each for each in self.conditions if each[1].lower().startswith(claims)]
            return not any(_names_some(*each) for each in named if not each[1].lower().endswith(":aud"))
        return who == "*" and not any(_names_some(*each) for each in self.conditions if each[1].lower() in _BINDING)

    @property
    def account(self) -> str:
        """The account of the principal: "111111111111"; empty where it has none."""
        kind, _, who = self.principal.partition(" ")
        found = re.fullmatch(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?", who)
        return found[1] if kind == "AWS" and found else ""


@dataclass(frozen=True)
class Policy:
    """What a policy allows and denies. `readable` is false for what cannot be judged: a policy known after the apply,
    or one that allows everything except what it lists.
    """

    allows: frozenset[Grant] = frozenset()
    denies: frozenset[Grant] = frozenset()
    readable: bool = True

    @property
    def public(self) -> list[Grant]:
        return sorted(grant for grant in self.allows if grant.is_public)


def policy(value: Any) -> Policy | None:
    """The policy that an attribute holds as JSON; None for a value that is no policy."""
    document = _document(value)
    if document is None:
        return None
    try:
        found = statements(document)
    except Undecidable:
        return Policy(readable=False)
    inverted = any(one.not_actions or one.not_resources or one.not_principals for one in found if one.allows)
    return Policy(
        allows=frozenset(grant for one in found if one.allows for grant in _grants(one)),
        denies=frozenset(grant for one in found if not one.allows for grant in _grants(one)),
        readable=not inverted,
    )


def added(before: Policy, after: Policy) -> list[Grant]:
    """What is allowed now, and by no statement before."""
    return sorted(grant for grant in after.allows if not any(old.covers(grant) for old in before.allows))


def undenied(before: Policy, after: Policy) -> list[Grant]:
    """What was denied before, and is by no statement now."""
    return sorted(grant for grant in before.denies if not any(new.covers(grant) for new in after.denies))


def _names_some(operator: str, _: str, values: tuple[str, ...]) -> bool:
    """Whether a condition lets only some through: each of its values names somebody."""
    named = operator.lower()
    if named.startswith(("stringnot", "arnnot", "notip", "null")) or named.endswith("ifexists"):
        return False
    return not any(value in _ALL_ADDRESSES or _ANYBODY.fullmatch(value) for value in values)


def described(grants: list[Grant], most: int = 4) -> str:
    """For people: "sqs:SendMessage on arn:... to AWS *". Grants of the same actions are told together."""
    by_rest: dict[tuple[str, str, Conditions], list[str]] = {}
    for grant in grants:
        by_rest.setdefault((grant.resource, grant.principal, grant.conditions), []).append(grant.action)
    parts = []
    for (resource, principal, conditions), actions in by_rest.items():
        text = ", ".join(actions[:most]) + (f" and {len(actions) - most} more" if len(actions) > most else "")
        text += f" on {resource}" if resource else ""
        text += f" to {principal}" if principal else ""
        text += f" if {' and '.join(sorted(key for _, key, _ in conditions))} fits" if conditions else ""
        parts.append(text)
    shown = "; ".join(parts[:most])
    return shown + (f"; and {len(parts) - most} more" if len(parts) > most else "")


def _document(value: Any) -> Mapping[str, Any] | None:
    if not isinstance(value, str) or '"Statement"' not in value:
        return None
    try:
        document = json.loads(value)
    except ValueError:
        return None
    return document if isinstance(document, Mapping) and "Statement" in document else None


def _grants(statement: Statement) -> Iterator[Grant]:
    conditions = tuple(
        sorted(
            (operator, key, values) for operator, keys in statement.conditions.items() for key, values in keys.items()
        )
    )
    actions = statement.actions or tuple(f"everything except {each}" for each in statement.not_actions)
    resources = statement.resources or tuple(f"everything except {each}" for each in statement.not_resources) or ("",)
    principals = [f"{kind} {who}" for kind, who in statement.principals]
    principals += [f"everybody except {who}" for _, who in statement.not_principals]
    for action in actions:
        for resource in resources:
            for principal in principals or [""]:
                yield Grant(action, resource, principal, conditions)
