"""Whose a resource is: the ARNs of what this repository creates, the account and the region that it creates them in.

A policy or an edge names a resource by a reference, or by an ARN that is put together from the resource's name so that
no resource waits for another. Both are compared as texts: equal texts are equal values (`policies.model.Unknown`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final
from weakref import WeakKeyDictionary

from policies.model import Resource, Undecidable, Unknown, World, options, text

ACCOUNT: Final = "${var.context.account_id}"
REGION: Final = "${var.context.region}"
SUFFIX: Final = "${var.context.suffix}"

# How AWS forms the ARN of each type from the attribute that names it ("Resource types" in the Service Authorization
# Reference). What is not here has an id that AWS assigns, so only a reference can name it.
ARN_FORMS: Final = {
    "aws_backup_vault": ("name", "arn:aws:backup:{region}:{account}:backup-vault:{name}"),
    "aws_cloudwatch_event_bus": ("name", "arn:aws:events:{region}:{account}:event-bus/{name}"),
    "aws_cloudwatch_log_group": ("name", "arn:aws:logs:{region}:{account}:log-group:{name}"),
    "aws_dynamodb_table": ("name", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    "aws_iam_role": ("name", "arn:aws:iam::{account}:role/{name}"),
    "aws_lambda_function": ("function_name", "arn:aws:lambda:{region}:{account}:function:{name}"),
    "aws_s3_bucket": ("bucket", "arn:aws:s3:::{name}"),
    "aws_security_group": ("id", "arn:aws:ec2:{region}:{account}:security-group/{name}"),
    "aws_sfn_state_machine": ("name", "arn:aws:states:{region}:{account}:stateMachine:{name}"),
    "aws_sns_topic": ("name", "arn:aws:sns:{region}:{account}:{name}"),
    "aws_sqs_queue": ("name", "arn:aws:sqs:{region}:{account}:{name}"),
    "aws_subnet": ("id", "arn:aws:ec2:{region}:{account}:subnet/{name}"),
}
BY_REFERENCE: Final = ("aws_kms_key", "aws_secretsmanager_secret", "aws_api_gateway_rest_api", "aws_wafv2_web_acl")


def system_of(resource: Resource) -> str:
    """The system that a resource belongs to: in the source, the folder above its unit; in a plan, part of the unit."""
    if resource.world.form == "plan":
        return resource.root.partition("_")[2].rpartition("_")[0] or resource.root
    unit = re.search(r"/systems/([^/]+)/[^/]+$", resource.root)
    return unit.group(1) if unit else resource.root


def arn_texts(resource: Resource) -> Iterator[str]:
    """The texts that name a resource by its ARN: a reference, the value once it is known, and the form of its type."""
    yield reference_text(resource, "arn")
    known = resource.value("arn")
    if isinstance(known, str):
        yield known
    account, region = resource.world.place(resource)
    if resource.type == "aws_cloudwatch_event_rule":
        for bus in options(resource.value("event_bus_name")):
            if isinstance(bus, str | Unknown) and isinstance(name := resource.value("name"), str | Unknown):
                path = text(name) if bus == "default" else f"{text(bus)}/{text(name)}"
                yield f"arn:aws:events:{region}:{account}:rule/{path}"
    elif form := ARN_FORMS.get(resource.type):
        attribute, pattern = form
        name = resource.value(attribute)
        said = text(name) if isinstance(name, str | Unknown) else reference_text(resource, attribute)
        yield pattern.format(region=region, account=account, name=said)


def reference_text(resource: Resource, attribute: str) -> str:
    """What a reference to an attribute looks like where its value is not known yet."""
    return resource.world.reference(resource, attribute).text


@dataclass
class Index:
    """The resources of one system by the texts of their ARNs."""

    by_arn: dict[str, Resource]

    def find(self, said: str) -> tuple[Resource, str] | None:
        """The resource that an ARN names, and what follows its ARN; None for an ARN of nobody here."""
        if said in self.by_arn:
            return self.by_arn[said], ""
        found = max((arn for arn in self.by_arn if said.startswith(arn)), key=len, default=None)
        return None if found is None else (self.by_arn[found], said[len(found) :])

    def matched(self, pattern: str, *types: str) -> list[Resource]:
        """The resources of these types whose ARN a pattern of IAM (`*`, `?`) matches."""
        found = {resource for arn, resource in self.by_arn.items() if resource.type in types and like(arn, pattern)}
        return sorted(found, key=lambda resource: resource.address)


def like(value: str, pattern: str) -> bool:
    """Whether a pattern of IAM matches a text. Only `*` and `?` are special there."""
    return fnmatchcase(value, pattern.replace("[", "[[]"))


_indexes: WeakKeyDictionary[World, dict[str, Index]] = WeakKeyDictionary()


def index(resource: Resource) -> Index:
    """The resources of the system that a resource belongs to."""
    systems = _indexes.setdefault(resource.world, {})
    system = system_of(resource)
    if system not in systems:
        systems[system] = Index(
            {
                arn: other
                for other in resource.world.resources
                if other.mode == "managed"
                and (other.type in ARN_FORMS or other.type in BY_REFERENCE or other.type == "aws_cloudwatch_event_rule")
                and system_of(other) == system
                for arn in _texts(other)
            }
        )
    return systems[system]


def _texts(resource: Resource) -> list[str]:
    try:
        return list(arn_texts(resource))
    except Undecidable:
        return [reference_text(resource, "arn")]


def owned(resource: Resource, value: Any, *types: str) -> Resource | None:
    """The resource of one of these types, of the same system, that a value is the ARN of; None for any other value."""
    if not isinstance(value, str | Unknown):
        return None
    found = index(resource).find(text(value))
    return found[0] if found and not found[1] and found[0].type in types else None
