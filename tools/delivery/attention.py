"""What somebody who approves a plan has to look at first, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from tools.delivery import grants
from tools.delivery.changes import KNOWN_LATER, Change, UnitPlan, texts
from tools.delivery.grants import Grant, Policy


class Rank(IntEnum):
    """The order in which findings are shown."""

    LOST = 1
    PUBLIC = 2
    UNPROTECTED = 3
    WIDER = 4
    IAM = 5
    GONE = 6


TITLES: Final[Mapping[Rank, str]] = {
    Rank.LOST: "Data is lost",
    Rank.PUBLIC: "Open to the public",
    Rank.UNPROTECTED: "A protection is taken off",
    Rank.WIDER: "More is allowed",
    Rank.IAM: "IAM changes",
    Rank.GONE: "Destroyed or replaced",
}

# What is lost with a resource of a type. A test holds this to the plans of all environments.
HOLDS: Final[Mapping[str, str]] = {
    "aws_backup_vault": "its backups",
    "aws_cloudwatch_event_archive": "the events in it",
    "aws_cloudwatch_log_group": "its log",
    "aws_dynamodb_table": "its items",
    "aws_ecr_repository": "its images",
    "aws_kms_key": "all that is encrypted with it, once AWS deletes it",
    "aws_s3_bucket": "its objects in every version",
    "aws_secretsmanager_secret": "its value",
    "aws_sqs_queue": "the messages in it",
}

# (type, path, value with which it protects). Paths are those of Attribute.
_PROTECTIONS: Final = (
    ("aws_dynamodb_table", "deletion_protection_enabled", "true"),
    ("aws_dynamodb_table", "point_in_time_recovery[0].enabled", "true"),
    ("aws_dynamodb_table", "server_side_encryption[0].enabled", "true"),
    ("aws_kms_key", "enable_key_rotation", "true"),
    ("aws_kms_key", "is_enabled", "true"),
    ("aws_s3_bucket_versioning", "versioning_configuration[0].status", "Enabled"),
)
# What is no longer protected once a resource of a type is destroyed.
_GUARDS: Final[Mapping[str, str]] = {
    "aws_backup_plan": "nothing makes its backups any more",
    "aws_backup_selection": "nothing makes backups of what it selects any more",
    "aws_s3_bucket_server_side_encryption_configuration": "the bucket's objects get no key of their own any more",
    "aws_s3_bucket_versioning": "the bucket keeps no versions any more",
    "aws_wafv2_web_acl": "no request is filtered by it any more",
    "aws_wafv2_web_acl_association": "no request is filtered any more",
}
# Attributes that protect as long as they are set at all.
_GUARDING: Final[Mapping[str, str]] = {
    "kms_key_arn": "what it keeps is not encrypted with its own key any more",
    "kms_key_id": "what it keeps is not encrypted with its own key any more",
    "kms_master_key_id": "what it keeps is not encrypted with its own key any more",
}
# Attributes that say how long something is kept, wherever in a resource they are.
_SHORTER: Final = (
    "days",
    "delete_after",
    "deletion_window_in_days",
    "message_retention_seconds",
    "noncurrent_days",
    "recovery_period_in_days",
    "recovery_window_in_days",
    "retention_days",
    "retention_in_days",
)
# New identities, and new ways to become one, with what each is.
_WAYS_IN: Final[Mapping[str, str]] = {
    "aws_iam_access_key": "is a key that does not end",
    "aws_iam_group_membership": "makes users members of a group",
    "aws_iam_openid_connect_provider": "lets holders of its tokens become roles",
    "aws_iam_saml_provider": "lets whom it vouches for become roles",
    "aws_iam_user": "is a new user",
    "aws_iam_user_group_membership": "makes a user a member of groups",
    "aws_iam_user_login_profile": "is a password for the console",
    "aws_kms_grant": "lets somebody use a key beside its policy",
}
_PERMISSIONS: Final = (
    "aws_cloudwatch_event_permission",
    "aws_lambda_layer_version_permission",
    "aws_lambda_permission",
)
_OPEN_GROUPS: Final = ("/global/AllUsers", "/global/AuthenticatedUsers")
_PUBLIC_ACCESS: Final = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_EVERY_ADDRESS: Final = frozenset({"0.0.0.0/0", "::/0"})


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to look at: how urgent, in which unit, which resource, and what happens to it."""

    rank: Rank
    unit: str
    address: str
    what: str


def findings(plans: list[UnitPlan]) -> list[Finding]:
    """What to look at first in the plans of some units, the most urgent first."""
    return sorted(finding for plan in plans for finding in _of_unit(plan))


def _of_unit(plan: UnitPlan) -> Iterator[Finding]:
    made = []
    for change in plan.changes:
        found = list(_of(change, plan.account))
        yield from (Finding(rank, plan.unit, change.address, what) for rank, what in found)
        if change.type.startswith("aws_iam_") and not found:
            made.append(change.address)
    if made:
        more = f" and {len(made) - 5} more" if len(made) > 5 else ""
        yield Finding(Rank.IAM, plan.unit, ", ".join(made[:5]) + more, "are made or changed; the unit's list has all")


def _of(change: Change, account: str) -> Iterator[tuple[Rank, str]]:
    if change.action in ("replace", "destroy"):
        yield _goes(change)
    yield from _public(change)
    yield from _unprotected(change)
    yield from _ways_in(change, account)
    yield from _policies(change, account)


def _goes(change: Change) -> tuple[Rank, str]:
    held = HOLDS.get(change.type)
    because = f", because {' and '.join(change.because)} changes" if change.because else ""
    how = "is destroyed" if change.action == "destroy" else f"is replaced{because}"
    return (Rank.LOST, f"{how}, and with it {held}") if held else (Rank.GONE, how)


def _public(change: Change) -> Iterator[tuple[Rank, str]]:
    if change.type in ("aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"):
        if change.action == "destroy":
            yield Rank.PUBLIC, "the bucket's blocks of public access are destroyed"
        elif off := [name for name in _PUBLIC_ACCESS if change.after.get(name) is False]:
            yield Rank.PUBLIC, f"lets the bucket become public: {', '.join(off)} is false"
    if change.action == "destroy":
        return
    if str(change.after.get("acl")).startswith(("public", "authenticated")):
        yield Rank.PUBLIC, f"the bucket's acl is {change.after['acl']}"
    if any(value.endswith(_OPEN_GROUPS) for path, value in change.values_after.items() if path.endswith(".uri")):
        yield Rank.PUBLIC, "the bucket's acl names everybody"
    if change.after.get("publicly_accessible") is True:
        yield Rank.PUBLIC, "can be reached from the internet: publicly_accessible is true"
    if change.type == "aws_lambda_function_url" and change.after.get("authorization_type") == "NONE":
        yield Rank.PUBLIC, "everybody can call the function at its address: authorization_type is NONE"
    if change.type in ("aws_lambda_permission", "aws_lambda_layer_version_permission"):
        bound = any(
            change.becomes(name) for name in ("organization_id", "principal_org_id", "source_account", "source_arn")
        )
        principal = str(change.becomes("principal"))
        if principal == "*" and not bound:
            yield Rank.PUBLIC, "everybody may call the function: its principal is * and nothing binds it"
        elif principal.endswith(".amazonaws.com") and not bound:
            yield (
                Rank.PUBLIC,
                f"{principal} may call the function for anybody: no source_arn or source_account binds it",
            )
    anybody = change.type == "aws_cloudwatch_event_permission" and change.after.get("principal") == "*"
    if anybody and not change.becomes("condition"):
        yield Rank.PUBLIC, "everybody may put events on the bus: its principal is * and no condition binds it"
    if _asks_nobody(change, change.after) and not (change.action == "change" and _asks_nobody(change, change.before)):
        yield Rank.PUBLIC, "everybody can call it: the API asks for no authorisation and no API key"
    if _EVERY_ADDRESS & set(_incoming(change)):
        yield Rank.PUBLIC, "admits every address on the internet"


def _asks_nobody(change: Change, values: Mapping[str, Any]) -> bool:
    """Whether a method of an API lets everybody in; the function behind it may still look at a signature."""
    if change.type == "aws_apigatewayv2_route":
        return values.get("authorization_type", "NONE") == "NONE" and values.get("api_key_required") is not True
    return (
        change.type == "aws_api_gateway_method"
        and values.get("authorization") == "NONE"
        and values.get("api_key_required") is not True
        and values.get("http_method") != "OPTIONS"
    )


def _incoming(change: Change) -> Iterator[str]:
    """The addresses that a security group, or a rule of one, admits."""
    values = change.after
    if change.type == "aws_security_group":
        rules = values.get("ingress") or []
    elif change.type == "aws_vpc_security_group_ingress_rule" or values.get("type") == "ingress":
        rules = [values]
    else:
        rules = []
    for rule in rules:
        yield from rule.get("cidr_blocks") or []
        yield from rule.get("ipv6_cidr_blocks") or []
        yield from (rule[name] for name in ("cidr_ipv4", "cidr_ipv6") if rule.get(name))


def _unprotected(change: Change) -> Iterator[tuple[Rank, str]]:
    if change.action == "destroy" and change.type in _GUARDS:
        yield Rank.UNPROTECTED, f"is destroyed: {_GUARDS[change.type]}"
    if change.action not in ("change", "replace"):
        return
    by_path = {attribute.path: attribute for attribute in change.attributes}
    for type_, path, good in _PROTECTIONS:
        attribute = by_path.get(path)
        if change.type == type_ and attribute and attribute.before == good and attribute.after != KNOWN_LATER:
            yield Rank.UNPROTECTED, f"{path} becomes {attribute.after or 'unset'}"
    if change.after.get("force_destroy") is True and "force_destroy" in by_path:
        yield Rank.UNPROTECTED, "force_destroy becomes true: a destroy then deletes what is in it"
    for path, attribute in by_path.items():
        is_length = path.rpartition(".")[2] in _SHORTER and _is_number(attribute.before) and _is_number(attribute.after)
        if is_length and float(attribute.after or 0) < float(attribute.before or 0):
            yield Rank.UNPROTECTED, f"{path} falls from {attribute.before} to {attribute.after}"
        lost = _GUARDING.get(path.rpartition(".")[2])
        if lost and attribute.before and not attribute.after:
            yield Rank.UNPROTECTED, f"{path} is taken away: {lost}"
    if change.type == "aws_wafv2_web_acl" and any(path.startswith(("rule[", "default_action")) for path in by_path):
        yield Rank.UNPROTECTED, "what it lets through changes: look at its rules"
    bound = by_path.get("permissions_boundary")
    if bound and bound.before and not bound.after:
        yield Rank.UNPROTECTED, f"its permissions boundary {bound.before} is taken off"
    elif bound and bound.before:
        yield Rank.UNPROTECTED, f"its permissions boundary becomes {bound.after}, in place of {bound.before}"


def _is_number(value: str | None) -> bool:
    return value is not None and value.removeprefix("-").isdecimal()


def _ways_in(change: Change, account: str) -> Iterator[tuple[Rank, str]]:
    """What the change attaches to identities, and who can act in the account that could not before."""
    if change.action == "destroy":
        return
    if change.type in _WAYS_IN and change.action in ("create", "replace"):
        yield Rank.WIDER, _WAYS_IN[change.type]
    iam = change.type.startswith("aws_iam_")
    attached = change.becomes("policy_arn") if iam else None
    if attached and change.action in ("create", "replace"):
        yield Rank.WIDER, f"attaches the policy {attached}"
    for name in ("managed_policy_arns", "policy_arns"):
        had = set(change.before.get(name) or [])
        for arn in sorted(set(change.after.get(name) or []) - had) if iam else []:
            yield Rank.WIDER, f"attaches the policy {arn}"
        if iam and change.becomes(name) == KNOWN_LATER and change.action != "create":
            yield Rank.WIDER, f"{name} becomes what is known after the apply: look at its source"
    if change.type in _PERMISSIONS:
        caller = Grant("", "", f"AWS {change.after.get('principal')}").account
        if caller and account and caller != account:
            yield Rank.WIDER, f"lets another account use it: {change.after['principal']}"


def _policies(change: Change, account: str) -> Iterator[tuple[Rank, str]]:
    """What policies that the change sets, changes or removes mean."""
    iam = change.type.startswith("aws_iam_")
    for name in _names_of_policies(change):
        before = _policy_in(change.before.get(name)) or Policy()
        value = change.becomes(name) if change.action != "destroy" else None
        after = _policy_in(value) or Policy()
        if change.before.get(name) == value:
            continue
        if public := [grant for grant in after.public if grant not in before.public]:
            yield Rank.PUBLIC, f"{name} admits everybody: {grants.described(public)}"
        if value == KNOWN_LATER:
            # A resource that is made gets all its values anew; the policy of one that is no identity is then its own.
            if change.action == "change" or (iam and name != "assume_role_policy"):
                rank = Rank.WIDER if iam else Rank.IAM
                verb = "is" if change.action == "create" else "changes, to what is"
                yield rank, f"{name} {verb} known after the apply: look at its source"
            continue
        if not after.readable:
            yield Rank.WIDER, f"{name} allows everything except what it lists, or cannot be read"
            continue
        wider = [grant for grant in grants.added(before, after) if grant not in after.public]
        free = grants.undenied(before, after)
        foreign = [grant for grant in wider if grant.account and account and grant.account != account]
        if change.action == "create":
            # Who may use a resource that is new is not more than before, and is in the unit's list.
            if iam and wider and name != "assume_role_policy":
                yield Rank.WIDER, f"allows {grants.described(wider)}"
            elif foreign:
                yield Rank.WIDER, f"{name} lets another account in: {grants.described(foreign)}"
            continue
        if wider:
            yield Rank.WIDER, f"{name} allows more: {grants.described(wider)}"
        if free and change.action != "destroy":
            yield Rank.WIDER, f"{name} no longer denies {grants.described(free)}"
        if free and change.action == "destroy":
            yield Rank.WIDER, f"takes away what denied {grants.described(free)}"
        if not wider and not free and change.action == "change":
            yield Rank.IAM, f"{name} allows less"


def _policy_in(value: Any) -> Policy | None:
    """The policy that a value is, or all of those in it (`inline_policy` of a role) as one."""
    if not isinstance(value, list):
        return grants.policy(value)
    found = [grants.policy(text) for _, text in texts(value)]
    held = [one for one in found if one]
    if not held:
        return None
    return Policy(
        allows=frozenset(grant for one in held for grant in one.allows),
        denies=frozenset(grant for one in held for grant in one.denies),
        readable=all(one.readable for one in held),
    )


def _names_of_policies(change: Change) -> list[str]:
    """The attributes that hold a policy: by what is in them, or by their names where that is not known yet."""
    names = change.before.keys() | change.after.keys() | change.unknown.keys()
    return sorted(
        name
        for name in names
        if _policy_in(change.before.get(name))
        or _policy_in(change.after.get(name))
        or (change.unknown.get(name) is True and name in ("policy", "assume_role_policy", "policy_document"))
    )
