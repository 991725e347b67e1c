"""What a rule sees: resources with their values, the same in the source and in a plan.

A value is a plain Python value (str, int, float, bool, list, dict), or one of these:

- `MISSING`: not set, or null;
- `Unknown`: only known later; it keeps its text and where the text comes from;
- `OneOf`: one of several values, depending on something that is only known later;
- `Json`: the result of `jsonencode` on a value that contains some of these.

A rule that cannot decide raises `Undecidable`, which is a finding in the source and never a pass.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final


class Undecidable(Exception):
    """The rule cannot decide. The message says which value is the reason."""


class _Missing:
    def __repr__(self) -> str:
        return "not set"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Reference:
    """An attribute of a resource, for example the `arn` of a key. `attribute` is empty for the resource as a whole."""

    resource: Resource
    attribute: str


@dataclass(frozen=True, slots=True)
class Input:
    """A variable of a root module. Its value comes with the plan, and can be null."""

    name: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that is known later. Its `text` has `${...}` for the parts that are not known. Equal texts are equal
    values: `"${aws_kms_key.this.arn}"`, `"arn:aws:sqs:us-east-1:${var.context.account_id}:orders"`.
    """

    text: str
    origins: frozenset[Reference | Input] = frozenset()

    def __str__(self) -> str:
        return self.text

    @property
    def whole(self) -> bool:
        """Whether it is one reference, with nothing around it."""
        return re.fullmatch(r"\$\{[^{}]*\}", self.text) is not None

    def resources(self, *types: str) -> list[Resource]:
        """The resources that it comes from; with `types`, only those of these types."""
        found = [origin.resource for origin in self.origins if isinstance(origin, Reference)]
        return [resource for resource in found if not types or resource.type in types]

    def attribute(self, name: str) -> Unknown:
        """The value of `.name` or `["name"]` on it."""
        text = f"{self.text[:-1]}.{name}}}" if self.whole else f"${{{self.text}.{name}}}"
        origins = {
            replace(origin, attribute=f"{origin.attribute}.{name}".strip("."))
            if isinstance(origin, Reference)
            else Input(f"{origin.name}.{name}")
            for origin in self.origins
        }
        return Unknown(text, frozenset(origins))


@dataclass(frozen=True, slots=True)
class OneOf:
    options: tuple[Any, ...]
    condition: str = field(default="", compare=False)
    """The text of what it depends on, where it is one condition: the first option where that holds, else the second."""

    def __str__(self) -> str:
        return " or ".join(str(option) for option in self.options)


@dataclass(frozen=True, slots=True)
class Json:
    value: Any

    def __str__(self) -> str:
        return f"${{jsonencode({self.value})}}"


def options(value: Any) -> Iterator[Any]:
    """Every value that it can have. Null is MISSING."""
    if isinstance(value, OneOf):
        for option in value.options:
            yield from options(option)
    else:
        yield MISSING if value is None else value


def items(value: Any) -> list[Any]:
    """A flat list of a value that can be a single one or a list."""
    found: list[Any] = []
    for option in options(value):
        if option is MISSING:
            continue
        if isinstance(option, Sequence) and not isinstance(option, str):
            for item in option:
                found.extend(items(item))
        else:
            found.append(option)
    return found


def origins(value: Any) -> frozenset[Reference | Input]:
    """Where the unknown parts of a value come from."""
    match value:
        case Unknown():
            return value.origins
        case OneOf():
            parts: Any = value.options
        case Json():
            parts = (value.value,)
        case Mapping():
            parts = value.values()
        case list() | tuple():
            parts = value
        case _:
            return frozenset()
    return frozenset(origin for part in parts for origin in origins(part))


def text(value: Any) -> str:
    """A scalar as text that can be compared and matched, with `${...}` for unknown parts.

    Raises Undecidable for a list, an object or alternatives.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case Unknown():
            return value.text
        case _:
            raise Undecidable(f"{value!r} is not a single text")


def decode(value: Any) -> Any:
    """The content of a JSON attribute, such as a policy or a workflow. Raises Undecidable when it is not known."""
    match value:
        case Json():
            return value.value
        case str():
            try:
                return json.loads(value)
            except ValueError:
                raise Undecidable(f"it is not JSON: {value[:60]!r}") from None
        case Mapping() | list():
            return value
        case Unknown() if value.text.lstrip().startswith("{"):
            return _decode_around(value)
        case _:
            raise Undecidable(f"its text is not known here: {value}")


def _decode_around(value: Unknown) -> Any:
    """The content of JSON that was written as a text, with parts that are not known inside its strings."""
    parts: list[str] = []

    def mark(part: str) -> str:
        parts.append(part)
        return f"\ue000{len(parts) - 1}\ue001"

    marked = "".join(mark(piece) if piece.startswith("${") else piece for piece in _pieces(value.text))
    try:
        document = json.loads(marked)
    except ValueError:
        raise Undecidable(f"its text is not known here: {value}") from None

    def unmark(node: Any) -> Any:
        if isinstance(node, dict):
            return {
                unmark(key) if isinstance(key, str) and "\ue000" not in key else key: unmark(one)
                for key, one in node.items()
            }
        if isinstance(node, list):
            return [unmark(one) for one in node]
        if isinstance(node, str) and "\ue000" in node:
            said = re.sub("\ue000(\\d+)\ue001", lambda found: parts[int(found.group(1))], node)
            return Unknown(said, value.origins)
        return node

    return unmark(document)


def _pieces(said: str) -> Iterator[str]:
    """A text in pieces: each `${...}`, with the braces in it, and what stands between them."""
    start = at = 0
    while (at := said.find("${", at)) >= 0:
        yield said[start:at]
        depth, start = 0, at
        while at < len(said):
            depth += {"{": 1, "}": -1}.get(said[at], 0)
            at += 1
            if said[at - 1] == "}" and depth == 0:
                break
        yield said[start:at]
        start = at
    yield said[start:]


class Values(ABC):
    """Attributes and blocks, by name."""

    certain: bool = True
    """Whether it exists in every case: False under a `count`, `for_each` or `dynamic` that is not known."""

    @abstractmethod
    def value(self, name: str) -> Any:
        """The attribute `name`. MISSING when it is null or absent."""

    @abstractmethod
    def blocks(self, name: str) -> Sequence[Values]:
        """The nested blocks `name`, in order."""

    def names(self) -> Sequence[str]:
        """The attributes that are given."""
        raise NotImplementedError

    def kinds(self) -> Sequence[str]:
        """The kinds of nested blocks that are given."""
        raise NotImplementedError

    def get(self, path: str) -> Any:
        """An attribute inside single blocks: `get("tracing_config.mode")`. A block that can be absent gives OneOf with
        MISSING. Raises Undecidable when a block occurs more than once.
        """
        block, _, rest = path.partition(".")
        if not rest:
            return self.value(block)
        found = self.blocks(block)
        if not found:
            return MISSING
        if len(found) > 1:
            raise Undecidable(f"the block {block} occurs {len(found)} times")
        value = found[0].get(rest)
        return value if found[0].certain else OneOf((value, MISSING))


@dataclass(eq=False)
class Resource(Values):
    """One instance of a resource or data source.

    `address` is Terraform's (`module.queue.aws_sqs_queue.this["a"]`). `file` (a full path) and `line` are those of its
    block.
    """

    world: World
    mode: str
    type: str
    name: str
    address: str
    file: str = ""
    line: int = 0
    root: str = ""
    """The folder of the root module that it is an instance in."""
    certain: bool = True
    only_where: str = ""
    """Where it is not certain: the text of the one condition that it exists under, as far as there is one."""
    skipped: Mapping[str, str] = field(default_factory=dict)
    """Ids of rules that are skipped here, with the reason."""

    def __repr__(self) -> str:
        return self.address

    def value(self, name: str) -> Any:
        return self.world.value(self, name)

    def blocks(self, name: str) -> Sequence[Values]:
        return self.world.blocks(self, name)

    def names(self) -> Sequence[str]:
        return self.world.names(self)

    def kinds(self) -> Sequence[str]:
        return self.world.kinds(self)


EVERY_RESOURCE: Final = "aws_*"


class World(ABC):
    """All resources of a configuration or a plan."""

    form: str
    """`hcl` or `plan`."""
    resources: list[Resource]

    @abstractmethod
    def value(self, resource: Resource, name: str) -> Any: ...

    @abstractmethod
    def blocks(self, resource: Resource, name: str) -> Sequence[Values]: ...

    def names(self, resource: Resource) -> Sequence[str]:
        raise NotImplementedError

    def kinds(self, resource: Resource) -> Sequence[str]:
        raise NotImplementedError

    @abstractmethod
    def place(self, resource: Resource) -> tuple[str, str]:
        """The account and the region that a resource is created in, as texts."""

    def reference(self, resource: Resource, attribute: str) -> Unknown:
        """The value of an attribute that AWS assigns."""
        return Unknown(f"${{{resource.address}}}", frozenset({Reference(resource, "")})).attribute(attribute)

    def of(self, *types: str, near: Resource | None = None) -> list[Resource]:
        """The managed resources of these types; with `near`, those of the same root."""
        return [
            resource
            for resource in self.resources
            if (resource.type in types or EVERY_RESOURCE in types)
            and resource.mode == "managed"
            and (near is None or resource.root == near.root)
        ]

    def pointing_at(self, target: Resource, type_: str, path: str) -> list[Resource]:
        """The resources of a type whose attribute `path` names the target, for example the policies of a role."""
        return [resource for resource in self.of(type_, near=target) if points_at(resource.get(path), target)]


IDENTITIES: Final = ("arn", "id", "name", "bucket", "url", "key_id", "function_name")


def points_at(value: Any, target: Resource) -> bool:
    """Whether a value names a resource: comes from it, is one of its identifiers, or is an ARN made from its name."""
    for option in options(value):
        if isinstance(option, Unknown) and option.whole and target in option.resources():
            return True
        if not isinstance(option, str | Unknown):
            continue
        said = text(option)
        for attribute in IDENTITIES:
            own = target.value(attribute)
            if isinstance(own, str | Unknown) and (said == text(own) or _is_arn_of(said, text(own), target)):
                return True
    return False


_SERVICES: Final = {
    "aws_sqs_queue": "sqs",
    "aws_sns_topic": "sns",
    "aws_s3_bucket": "s3",
    "aws_dynamodb_table": "dynamodb",
    "aws_lambda_function": "lambda",
}


def _is_arn_of(said: str, name: str, target: Resource) -> bool:
    service = _SERVICES.get(target.type)
    return bool(service and name) and said.endswith((f":{name}", f"/{name}")) and f":{service}:" in said
