"""What somebody who approves a plan has to look at first, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from tools.delivery import grants
from tools.delivery.changes import KNOWN_LATER, Change, UnitPlan
from tools.delivery.grants import Policy


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

# (type, path, what it protects): protection is off where the value is false. Paths are those of Attribute.
_PROTECTIONS: Final = (
    ("aws_dynamodb_table", "deletion_protection_enabled"),
    ("aws_dynamodb_table", "point_in_time_recovery[0].enabled"),
    ("aws_dynamodb_table", "server_side_encryption[0].enabled"),
    ("aws_kms_key", "enable_key_rotation"),
    ("aws_kms_key", "is_enabled"),
)
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
        found = list(_of(change))
        yield from (Finding(rank, plan.unit, change.address, what) for rank, what in found)
        if change.type.startswith("aws_iam_") and not found:
            made.append(change.address)
    if made:
        more = f" and {len(made) - 5} more" if len(made) > 5 else ""
        yield Finding(Rank.IAM, plan.unit, ", ".join(made[:5]) + more, "are made; the unit's list has all")


def _of(change: Change) -> Iterator[tuple[Rank, str]]:
    if change.action in ("replace", "destroy"):
        yield _goes(change)
    yield from _public(change)
    yield from _unprotected(change)
    yield from _policies(change)


def _goes(change: Change) -> tuple[Rank, str]:
    held = HOLDS.get(change.type)
    because = f", because {' and '.join(change.because)} changes" if change.because else ""
    how = "is destroyed" if change.action == "destroy" else f"is replaced{because}"
    return (Rank.LOST, f"{how}, and with it {held}") if held else (Rank.GONE, how)


def _public(change: Change) -> Iterator[tuple[Rank, str]]:
    if change.type == "aws_s3_bucket_public_access_block":
        if change.action == "destroy":
            yield Rank.PUBLIC, "the bucket's blocks of public access are destroyed"
        elif off := [name for name in _PUBLIC_ACCESS if change.after.get(name) is False]:
            yield Rank.PUBLIC, f"lets the bucket become public: {', '.join(off)} is false"
    if change.action == "destroy":
        return
    if change.type == "aws_s3_bucket_acl" and str(change.after.get("acl")).startswith("public"):
        yield Rank.PUBLIC, f"the bucket's acl is {change.after['acl']}"
    if change.type == "aws_lambda_function_url" and change.after.get("authorization_type") == "NONE":
        yield Rank.PUBLIC, "everybody can call the function at its address: authorization_type is NONE"
    bound = any(change.becomes(name) for name in ("principal_org_id", "source_account", "source_arn"))
    if change.type == "aws_lambda_permission" and change.after.get("principal") == "*" and not bound:
        yield Rank.PUBLIC, "everybody may call the function: its principal is * and nothing binds it"
    if _EVERY_ADDRESS & set(_incoming(change)):
        yield Rank.PUBLIC, "admits every address on the internet"


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
    if change.action != "change":
        return
    by_path = {attribute.path: attribute for attribute in change.attributes}
    for type_, path in _PROTECTIONS:
        if change.type == type_ and path in by_path and by_path[path].after in ("false", None):
            yield Rank.UNPROTECTED, f"{path} becomes false"
    if change.after.get("force_destroy") is True and "force_destroy" in by_path:
        yield Rank.UNPROTECTED, "force_destroy becomes true: a destroy then deletes what is in it"
    for path in ("deletion_window_in_days", "recovery_window_in_days", "retention_in_days"):
        shorter = _number(change.after.get(path)) < _number(change.before.get(path))
        if path in by_path and shorter and change.after.get(path) != KNOWN_LATER:
            yield Rank.UNPROTECTED, f"{path} falls from {change.before[path]} to {change.after[path]}"


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _policies(change: Change) -> Iterator[tuple[Rank, str]]:
    """What policies that the change sets, changes or removes mean, and what it attaches to identities."""
    attached = change.becomes("policy_arn") if change.type.startswith("aws_iam_") else None
    if attached and change.action in ("create", "replace"):
        yield Rank.WIDER, f"attaches the policy {attached}"
    iam = change.type.startswith("aws_iam_")
    for name in _names_of_policies(change):
        before = grants.policy(change.before.get(name)) or Policy()
        value = change.becomes(name) if change.action != "destroy" else None
        after = grants.policy(value) or Policy()
        if change.before.get(name) == value:
            continue
        if public := [grant for grant in after.public if grant not in before.public]:
            yield Rank.PUBLIC, f"{name} admits everybody: {grants.described(public)}"
        if value == KNOWN_LATER:
            # A replaced resource gets all its values anew; its policy is then one of a resource of its own.
            if change.action == "change" or (iam and change.action == "replace"):
                rank = Rank.WIDER if iam else Rank.IAM
                yield rank, f"{name} changes, to what is known after the apply: look at its source"
            continue
        if not after.readable:
            yield Rank.WIDER, f"{name} allows everything except what it lists, or cannot be read"
            continue
        wider = [grant for grant in grants.added(before, after) if grant not in after.public]
        free = grants.undenied(before, after)
        if change.action == "create":
            # Who may use a resource that is new is not more than before, and is in the unit's list.
            if iam and wider and name != "assume_role_policy":
                yield Rank.WIDER, f"allows {grants.described(wider)}"
            continue
        if wider:
            yield Rank.WIDER, f"{name} allows more: {grants.described(wider)}"
        if free and change.action != "destroy":
            yield Rank.WIDER, f"{name} no longer denies {grants.described(free)}"
        if free and change.action == "destroy":
            yield Rank.WIDER, f"takes away what denied {grants.described(free)}"
        if not wider and not free and change.action == "change":
            yield Rank.IAM, f"{name} allows less"


def _names_of_policies(change: Change) -> list[str]:
    """The attributes that hold a policy: by what is in them, or by their names where that is not known yet."""
    names = change.before.keys() | change.after.keys() | change.unknown.keys()
    return sorted(
        name
        for name in names
        if grants.policy(change.before.get(name))
        or grants.policy(change.after.get(name))
        or (change.unknown.get(name) is True and name in ("policy", "assume_role_policy", "policy_document"))
    )
