"""Units of the live tree: their files, the subset of Terragrunt's configuration that they may use, and how it merges.

The subset: labelled `include` blocks with known paths, `locals`, `inputs`, `remote_state` on S3, `generate`,
`dependency`, `errors` with `ignore`, `terraform` with a local source and before and after hooks. Everything else is
refused by name, with file and line: a stand-in that skips what it does not know would deploy something else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import WRONG_INPUT, Failure
from tools.livetree.expressions import SUBSET, View, constant, rewrite
from tools.livetree.syntax import Attribute, Block, Body, Source, display, parse

FILE: Final = "terragrunt.hcl"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Part = TypeVar("Part", bound=_Part)


class GeneratedFile(_Part):
    """A `generate` block: a file that is written into the folder where Terraform runs."""

    path: str
    contents: str
    if_exists: Literal["overwrite", "overwrite_terragrunt", "skip", "error"]
    disable_signature: bool = False


class BackendFile(_Part):
    path: str
    if_exists: Literal["overwrite", "overwrite_terragrunt", "skip", "error"]


class BackendSettings(BaseModel):
    """`remote_state.config`; what is not named here goes into the backend's block as it is."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bucket: str
    key: str
    region: str
    dynamodb_table: str

    @property
    def kms_key(self) -> str | None:
        """The alias of the key that states are encrypted with, where the back end names one."""
        return (self.model_extra or {}).get("kms_key_id")


class RemoteState(_Part):
    backend: Literal["s3"]
    generate: BackendFile
    config: BackendSettings


class Hook(_Part):
    """A program that runs before or after the named commands; in the folder where Terraform runs, unless told."""

    commands: list[str]
    execute: list[str] = Field(min_length=1)
    working_dir: str | None = None
    run_on_error: bool = False
    if_: bool = Field(default=True, alias="if")


class Dependency(_Part):
    """A unit whose outputs this one reads; the mocks stand in for them until it is applied, for the named commands.

    For these commands the mocks also stand in for what an applied unit does not put out yet, if there is a strategy.
    """

    config_path: str
    mock_outputs: dict[str, Any] | None = None
    mock_outputs_allowed_terraform_commands: list[str] = []
    mock_outputs_merge_strategy_with_state: Literal["no_merge", "shallow", "deep_map_only"] = "no_merge"


class Dependencies(_Part):
    """Units that come before this one, which reads nothing of them."""

    paths: list[str]


class _Exclude(_Part):
    """Leaves a unit out of runs over all units; the root configuration, which is none, leaves itself out."""

    if_: bool = Field(alias="if")
    actions: list[Literal["all"]]


class Ignored(_Part):
    """Errors of a hook or of Terraform that do not fail a run, by regular expression; `message` says why."""

    ignorable_errors: list[str]
    message: str


class _Terraform(_Part):
    source: str | None = None


class _Include(_Part):
    path: str
    merge_strategy: Literal["shallow", "deep"] = "shallow"


@dataclass(frozen=True)
class _Shape:
    """What a block of the subset is like: its attributes, its number of labels, the blocks inside."""

    attributes: type[_Part] | None
    labels: int = 0
    blocks: frozenset[str] = frozenset()


_SHAPES: Final[Mapping[str, _Shape]] = {
    "include": _Shape(_Include, labels=1),
    "locals": _Shape(None),
    "remote_state": _Shape(RemoteState),
    "generate": _Shape(GeneratedFile, labels=1),
    "dependencies": _Shape(Dependencies),
    "dependency": _Shape(Dependency, labels=1),
    "errors": _Shape(_Part, blocks=frozenset({"ignore"})),
    "exclude": _Shape(_Exclude),
    "ignore": _Shape(Ignored, labels=1),
    "terraform": _Shape(_Terraform, blocks=frozenset({"before_hook", "after_hook"})),
    "before_hook": _Shape(Hook, labels=1),
    "after_hook": _Shape(Hook, labels=1),
}
_TOP_BLOCKS: Final = frozenset(
    {"include", "locals", "remote_state", "generate", "dependencies", "dependency", "errors", "exclude", "terraform"}
)
_TOP_ATTRIBUTES: Final = frozenset({"inputs"})


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
    """One file as it is read from one unit: checked against the subset, its expressions in Terraform's terms."""

    def __init__(self, source: Source, view: View, tag: str, dependencies: str, *, merge: str = "shallow") -> None:
        self.source = source
        self.view = view
        self.tag = tag
        self.merge = merge
        self.body = parse(source)
        self._check()
        self.expressions = [
            rewrite(source, attribute, view, tag=tag, dependencies=dependencies, trail=trail)
            for trail, attribute in _walk(self.body)
            if trail[0] != "include"
        ]

    def _check(self) -> None:
        for attribute in self.body.attributes.values():
            if attribute.name not in _TOP_ATTRIBUTES:
                raise self._outside(attribute.at, attribute.name)
        self._check_blocks(self.body, _TOP_BLOCKS)

    def _check_blocks(self, body: Body, allowed: Iterable[str]) -> None:
        seen: dict[tuple[str, ...], Block] = {}
        for block in body.blocks:
            shown = " ".join([block.type, *(f'"{label}"' for label in block.labels)])
            shape = _SHAPES.get(block.type)
            if shape is None or block.type not in allowed:
                raise self._outside(block.start, f"the block {shown}")
            if len(block.labels) != shape.labels:
                takes = "one label" if shape.labels else "no label"
                raise self.source.failure(block.start, f"the block {shown} has to have {takes}", SUBSET)
            if twin := seen.get((block.type, *block.labels)):
                line = self.source.line(twin.start)
                raise self.source.failure(
                    block.start, f"the block {shown} is there twice (first on line {line})", "keep one of them"
                )
            seen[(block.type, *block.labels)] = block
            if shape.attributes is not None:
                names = {known.alias or name for name, known in shape.attributes.model_fields.items()}
                for attribute in block.body.attributes.values():
                    if attribute.name not in names:
                        raise self._outside(attribute.at, f"{block.type}.{attribute.name}")
            self._check_blocks(block.body, shape.blocks)

    def _outside(self, offset: int, what: str) -> Failure:
        return self.source.failure(offset, f"{what} is outside the subset that the stand-in reads", SUBSET)

    def configuration(self, values: Mapping[str, Any]) -> Configuration:
        """What this file says by itself. `values` are those of the expressions, by the name of their local.

        Raises Failure with file and line for a value of the wrong kind.
        """
        by_trail = {e.trail: values[e.name] for e in self.expressions if e.name in values}
        said = Configuration(inputs=by_trail.get(("inputs",), {}))
        if not isinstance(said.inputs, dict):
            raise self.source.failure(self.body.attributes["inputs"].at, f"inputs is {said.inputs!r}", "give an object")
        for block in self.body.blocks:
            trail = (block.type, *block.labels)
            match block.type:
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
                            Ignored, one, (*trail, one.type, *one.labels), by_trail
                        )
                case "exclude":
                    if self._part(_Exclude, block, trail, by_trail).if_:
                        raise self._outside(block.start, "an exclude that holds for a unit")
                case "terraform":
                    said.source = self._part(_Terraform, block, trail, by_trail).source
                    for hook in block.body.blocks:
                        hooks = said.before_hooks if hook.type == "before_hook" else said.after_hooks
                        hooks[hook.labels[0]] = self._part(Hook, hook, (*trail, hook.type, *hook.labels), by_trail)
        return said

    def _part(
        self, model: type[Part], block: Block, trail: tuple[str, ...], by_trail: Mapping[tuple[str, ...], Any]
    ) -> Part:
        said = {name: by_trail[*trail, name] for name in block.body.attributes}
        try:
            return model.model_validate({name: value for name, value in said.items() if value is not None})
        except ValidationError as error:
            fault = error.errors()[0]
            attribute = block.body.attributes.get(str(fault["loc"][0]))
            where = attribute.at if attribute else block.start
            name = ".".join(map(str, (block.type, *fault["loc"])))
            raise self.source.failure(where, f"{name}: {fault['msg'].lower()}", SUBSET) from None


def _walk(body: Body, trail: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Attribute]]:
    for attribute in body.attributes.values():
        yield (*trail, attribute.name), attribute
    for block in body.blocks:
        yield from _walk(block.body, (*trail, block.type, *block.labels))


def merge_deep(below: Any, above: Any) -> Any:
    """Terragrunt's deep merge: objects by key, lists one after the other, of anything else what is above."""
    if isinstance(below, dict) and isinstance(above, dict):
        both = {key: merge_deep(below[key], above[key]) for key in below.keys() & above.keys()}
        return {**below, **above, **both}
    if isinstance(below, list) and isinstance(above, list):
        return [*below, *above]
    return above


def merge(below: Configuration, above: Configuration, *, deep: bool) -> Configuration:
    """An included configuration beneath the one that includes it: named blocks are replaced whole, inputs merged."""
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


class Unit:
    """A unit: its files in the order in which they merge (includes first), and the values of their expressions."""

    def __init__(
        self, repository: Path, folder: Path, tag: str, environment: Mapping[str, str], command: tuple[str, ...] = ()
    ) -> None:
        self.repository = repository
        self.folder = folder
        self.tag = tag
        self.name = str(folder.relative_to(repository))
        self.environment = self.name.split("/")[1]
        self._variables = environment
        self._command = command
        self.dependencies_local = f"{tag}_dependencies"
        self.values: dict[str, Any] = {}
        own = folder / FILE
        if not own.is_file():
            raise Failure(
                f"{display(folder)} is no unit: it has no {FILE}",
                where=display(folder),
                do="name a folder live/<environment>/<region>/<system>/<unit>, or use run-all in one above it",
                status=WRONG_INPUT,
            )
        source = Source.read(own)
        self.files = [
            ConfigurationFile(included, view, f"{tag}_{number}", self.dependencies_local, merge=strategy)
            for number, (included, view, strategy) in enumerate(self._includes(source))
        ]
        self.files.append(ConfigurationFile(source, self._view(folder), f"{tag}_own", self.dependencies_local))
        self._refuse_twins()

    def _view(self, included: Path) -> View:
        return View(self.repository, self.folder, included, self._variables, self._command)

    def _includes(self, own: Source) -> Iterator[tuple[Source, View, str]]:
        view = self._view(self.folder)
        for block in parse(own).of_type("include"):
            attributes = block.body.attributes
            if "path" not in attributes:
                raise own.failure(block.start, "an include without a path", "name the file that it includes")
            path = Path(os.path.normpath(self.folder / constant(own, attributes["path"], view)))
            strategy = "shallow"
            if "merge_strategy" in attributes:
                strategy = constant(own, attributes["merge_strategy"], view)
            if strategy not in ("shallow", "deep"):
                at = attributes["merge_strategy"].at
                raise own.failure(
                    at, f"merge_strategy {strategy} is outside the subset that the stand-in reads", SUBSET
                )
            if not path.is_file():
                raise own.failure(attributes["path"].at, f"{display(path)} does not exist", "mend the include's path")
            yield Source.read(path), self._view(path.parent), strategy

    def _refuse_twins(self) -> None:
        """Refuse one name in two files where Terragrunt does (`generate`), or merges within blocks (deep includes)."""
        deep = any(file.merge == "deep" for file in self.files)
        seen: dict[tuple[str, ...], str] = {}
        for file in self.files:
            for block in file.body.blocks:
                if block.type != "generate" and not (block.type == "dependency" and deep):
                    continue
                name = (block.type, *block.labels)
                if twin := seen.get(name):
                    raise file.source.failure(
                        block.start, f'{block.type} "{block.labels[0]}" stands at {twin} already', "rename one of them"
                    )
                seen[name] = file.source.where(block.start)

    def dependencies(self) -> dict[str, Path]:
        """The folders of the units whose outputs this one reads, by the names that it gives them.

        Raises Failure with file and line for one that is no unit.
        """
        return {
            name: self._unit_at(dependency.config_path, "dependency", (name,), "config_path")
            for name, dependency in self.configuration().dependencies.items()
        }

    def stands_on(self) -> list[Path]:
        """The folders of all units that come before this one; raises as `dependencies` does."""
        others = (self._unit_at(path, "dependencies", (), "paths") for path in self.configuration().comes_after)
        return [*self.dependencies().values(), *others]

    def _unit_at(self, path: str, block_type: str, labels: tuple[str, ...], attribute: str) -> Path:
        folder = Path(os.path.normpath(self.folder / path))
        if (folder / FILE).is_file():
            return folder
        source, block = next(
            (file.source, block)
            for file in reversed(self.files)
            for block in file.body.of_type(block_type)
            if block.labels == labels
        )
        raise source.failure(
            block.body.attributes[attribute].at,
            f"{display(folder)} is no unit, and {self.name} depends on it",
            f"mend {attribute}, or add the unit",
        )

    def configuration(self) -> Configuration:
        """What the files say together, as far as their values are known."""
        *includes, own = self.files
        together = own.configuration(self.values)
        for file in reversed(includes):
            together = merge(file.configuration(self.values), together, deep=file.merge == "deep")
        return together
