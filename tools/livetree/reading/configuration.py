"""What one file of a unit says, and what several say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import ValidationError

from policies.hcl.syntax import Block, Body
from tools.errors import Failure
from tools.livetree.reading.expressions import View, rewrite
from tools.livetree.reading.source import Source
from tools.livetree.reading.subset import (
    SHAPES,
    SUBSET,
    TOP_ATTRIBUTES,
    TOP_BLOCKS,
    Dependencies,
    Dependency,
    Exclude,
    GeneratedFile,
    Hook,
    Ignored,
    Part,
    RemoteState,
    TerraformBlock,
)

AnyPart = TypeVar("AnyPart", bound=Part)


@dataclass
class Configuration:
    """What a unit's files say together. `inputs` lacks what reads dependencies until their outputs are known."""

    inputs: dict[str, Any] = field(default_factory=dict)
    source: str | None = None
    remote_state: RemoteState | None = None
    generated: dict[str, GeneratedFile] = field(default_factory=dict)
    before_hooks: dict[str, Hook] = field(default_factory=dict)
    after_hooks: dict[str, Hook] = field(default_factory=dict)
    dependencies: dict[str, Dependency] = field(default_factory=dict)
    comes_after: list[str] = field(default_factory=list)
    ignored: dict[str, Ignored] = field(default_factory=dict)


class ConfigurationFile:
    """A file, read for one unit: checked against the subset, with its expressions in Terraform's terms."""

    def __init__(self, source: Source, view: View, tag: str, dependencies: str, *, merge: str = "shallow") -> None:
        self.source = source
        self.view = view
        self.tag = tag
        self.merge = merge
        self.body = source.body
        self._check()
        self.expressions = [
            rewrite(source, body, view, tag=tag, dependencies=dependencies, trail=trail)
            for trail, body in _walk(self.body)
            if trail[0] != "include"
        ]

    def _check(self) -> None:
        for name, place in self.body.places.items():
            if name not in TOP_ATTRIBUTES:
                raise self._outside(place.name, name)
        self._check_blocks(self.body, TOP_BLOCKS)

    def _check_blocks(self, body: Body, allowed: Iterable[str]) -> None:
        seen: dict[tuple[str, ...], Block] = {}
        for block in body.blocks:
            shown = " ".join([block.kind, *(f'"{label}"' for label in block.labels)])
            shape = SHAPES.get(block.kind)
            if shape is None or block.kind not in allowed:
                raise self._outside(block.span[0], f"the block {shown}")
            if len(block.labels) != shape.labels:
                takes = "one label" if shape.labels else "no label"
                raise self.source.failure(block.span[0], f"the block {shown} has to have {takes}", SUBSET)
            if twin := seen.get((block.kind, *block.labels)):
                line = self.source.line(twin.span[0])
                raise self.source.failure(
                    block.span[0], f"the block {shown} is there twice (first on line {line})", "keep one of them"
                )
            seen[(block.kind, *block.labels)] = block
            if shape.attributes is not None:
                names = {known.alias or name for name, known in shape.attributes.model_fields.items()}
                for name, place in block.body.places.items():
                    if name not in names:
                        raise self._outside(place.name, f"{block.kind}.{name}")
            self._check_blocks(block.body, shape.blocks)

    def _outside(self, offset: int, what: str) -> Failure:
        return self.source.failure(offset, f"{what} is outside the subset that the stand-in reads", SUBSET)

    def configuration(self, values: Mapping[str, Any]) -> Configuration:
        """What this file says by itself. `values` holds the values of the expressions, by the name of their local.

        Raises Failure with file and line for a value of the wrong kind.
        """
        by_trail = {e.trail: values[e.name] for e in self.expressions if e.name in values}
        said = Configuration(inputs=by_trail.get(("inputs",), {}))
        if not isinstance(said.inputs, dict):
            raise self.source.failure(self.body.places["inputs"].name, f"inputs is {said.inputs!r}", "give an object")
        for block in self.body.blocks:
            trail = (block.kind, *block.labels)
            match block.kind:
                case "remote_state":
                    said.remote_state = self._part(RemoteState, block, trail, by_trail)
                case "generate":
                    said.generated[block.labels[0]] = self._part(GeneratedFile, block, trail, by_trail)
                case "dependency":
                    said.dependencies[block.labels[0]] = self._part(Dependency, block, trail, by_trail)
                case "dependencies":
                    said.comes_after = self._part(Dependencies, block, trail, by_trail).paths
                case "errors":
                    for one in block.body.blocks:
                        said.ignored[one.labels[0]] = self._part(
                            Ignored, one, (*trail, one.kind, *one.labels), by_trail
                        )
                case "exclude":
                    if self._part(Exclude, block, trail, by_trail).if_:
                        raise self._outside(block.span[0], "an exclude that holds for a unit")
                case "terraform":
                    said.source = self._part(TerraformBlock, block, trail, by_trail).source
                    for hook in block.body.blocks:
                        hooks = said.before_hooks if hook.kind == "before_hook" else said.after_hooks
                        hooks[hook.labels[0]] = self._part(Hook, hook, (*trail, hook.kind, *hook.labels), by_trail)
        return said

    def _part(
        self, model: type[AnyPart], block: Block, trail: tuple[str, ...], by_trail: Mapping[tuple[str, ...], Any]
    ) -> AnyPart:
        said = {name: by_trail[*trail, name] for name in block.body.attributes}
        try:
            return model.model_validate({name: value for name, value in said.items() if value is not None})
        except ValidationError as error:
            fault = error.errors()[0]
            place = block.body.places.get(str(fault["loc"][0]))
            where = place.name if place else block.span[0]
            name = ".".join(map(str, (block.kind, *fault["loc"])))
            raise self.source.failure(where, f"{name}: {fault['msg'].lower()}", SUBSET) from None


def _walk(body: Body, trail: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Body]]:
    """Every attribute: its trail, which ends in its name, and the body that it is in."""
    for name in body.attributes:
        yield (*trail, name), body
    for block in body.blocks:
        yield from _walk(block.body, (*trail, block.kind, *block.labels))


def merge_deep(below: Any, above: Any) -> Any:
    """Terragrunt's deep merge: objects by key, lists one after the other; for all else the value above wins."""
    if isinstance(below, dict) and isinstance(above, dict):
        both = {key: merge_deep(below[key], above[key]) for key in below.keys() & above.keys()}
        return {**below, **above, **both}
    if isinstance(below, list) and isinstance(above, list):
        return [*below, *above]
    return above


def merge(below: Configuration, above: Configuration, *, deep: bool) -> Configuration:
    """Merge an included configuration (`below`) with the one that includes it.

    A named block replaces the whole block of that name; inputs are merged.
    """
    return Configuration(
        inputs=merge_deep(below.inputs, above.inputs) if deep else {**below.inputs, **above.inputs},
        source=above.source or below.source,
        remote_state=above.remote_state or below.remote_state,
        generated={**below.generated, **above.generated},
        before_hooks={**below.before_hooks, **above.before_hooks},
        after_hooks={**below.after_hooks, **above.after_hooks},
        dependencies={**below.dependencies, **above.dependencies},
        comes_after=[*below.comes_after, *above.comes_after],
        ignored={**below.ignored, **above.ignored},
    )
