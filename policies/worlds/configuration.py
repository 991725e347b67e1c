"""The configuration in a set of folders: every root module with all modules that it calls, evaluated as far as known.

A root is a folder that no other folder calls. The inputs of a root are unknown and can be null. With a default, an
input is either the default or unknown.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from policies.hcl import syntax
from policies.hcl.evaluation import (
    EvaluationFault,
    Named,
    Scope,
    convert,
    evaluate,
    is_known,
    one_of,
    unknown,
)
from policies.iam import policy_document
from policies.model import (
    MISSING,
    Input,
    Json,
    OneOf,
    Reference,
    Resource,
    Undecidable,
    Unknown,
    Values,
    World,
    options,
)

# AWS's documentation uses this account, and it is nobody's.
EXAMPLE_PLACE = ("111122223333", "us-east-1")
NOT_ATTRIBUTES = frozenset({"count", "for_each", "depends_on", "provider", "lifecycle", "connection", "provisioner"})


# Those that a rule about the blocks of folders looks at (`policies/rules/folders_hold_known_blocks.py`).
META_ATTRIBUTES = frozenset({"count", "for_each", "depends_on", "provider"})
META_BLOCKS = frozenset({"lifecycle", "provisioner", "connection"})


class ConfigurationFault(Exception):
    """A file cannot be read; the message names it."""


@dataclass
class Folder:
    """The blocks of one module's source."""

    path: str
    variables: dict[str, syntax.Block] = field(default_factory=dict)
    locals: dict[str, syntax.Expression] = field(default_factory=dict)
    outputs: dict[str, syntax.Block] = field(default_factory=dict)
    calls: dict[str, syntax.Block] = field(default_factory=dict)
    resources: dict[tuple[str, str, str], tuple[syntax.Block, str]] = field(default_factory=dict)
    """(mode, type, name) to the block and its file."""
    blocks: list[tuple[syntax.Block, str]] = field(default_factory=list)
    """Every block at the top of a file, with the file."""

    @classmethod
    def read(cls, path: str) -> Folder:
        folder = cls(path)
        for file in sorted(Path(path).glob("*.tf")):
            try:
                body = syntax.read(file).body
            except syntax.SyntaxFault as fault:
                raise ConfigurationFault(str(fault)) from None
            for block in body.blocks:
                folder.blocks.append((block, str(file)))
                folder.add(block, str(file))
        return folder

    def add(self, block: syntax.Block, file: str) -> None:
        match block.kind, block.labels:
            case "variable", (name,):
                self.variables[name] = block
            case "locals", ():
                self.locals.update(block.body.attributes)
            case "output", (name,):
                self.outputs[name] = block
            case "module", (name,):
                self.calls[name] = block
            case "resource", (type_, name):
                self.resources["managed", type_, name] = (block, file)
            case "data", (type_, name):
                self.resources["data", type_, name] = (block, file)

    def called(self) -> Iterator[str]:
        """The folders of the modules that it calls by a relative path."""
        for block in self.calls.values():
            source = block.body.attributes.get("source")
            if isinstance(source, syntax.Literal) and str(source.value).startswith("."):
                yield os.path.normpath(os.path.join(self.path, str(source.value)))


def _no_name(name: str) -> Any:
    raise EvaluationFault(f"there is no {name!r}")


@dataclass(eq=False)
class Namespace(Named):
    """`var`, `local`, `module`, `data`, `each` and so on: attributes that are evaluated at their first use."""

    name: str
    find: Callable[[str], Any]

    def attribute(self, name: str) -> Any:
        return self.find(name)

    def as_unknown(self) -> Unknown:
        return Unknown(f"${{{self.name}}}")


@dataclass
class Instance:
    """One instance of a block under `count` or `for_each`."""

    key: str
    """The key in the address: empty, `[0]`, `["a"]`, or `[?]` when the keys are not known."""
    each: Mapping[str, Any]
    certain: bool = True
    only_where: str = ""


def instances(body: syntax.Body, scope: Scope) -> tuple[str, list[Instance]]:
    """The kind of repetition of a block and its instances: `once`, `count`, `for_each` or `unknown` (one for all)."""
    for kind in ("count", "for_each"):
        if kind not in body.attributes:
            continue
        value = evaluate(body.attributes[kind], scope)
        found = [_repeat(kind, option) for option in options(value)]
        if all(made is not None for made in found):
            known = {instance.key: instance for made in found for instance in made or ()}
            for instance in known.values():
                there = [any(instance.key == other.key for other in made or ()) for made in found]
                instance.certain = all(there)
                if there == [True, False] and isinstance(value, OneOf):
                    instance.only_where = value.condition
            return kind, list(known.values())
        each: dict[str, Any] = {"index": value}
        if kind == "for_each":
            each = {"key": unknown("each.key", [value]), "value": unknown("each.value", [value])}
        return "unknown", [Instance("[?]", each, certain=False)]
    return "once", [Instance("", {})]


def _repeat(kind: str, value: Any) -> list[Instance] | None:
    if kind == "count":
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return [Instance(f"[{at}]", {"index": at}) for at in range(value)]
    if isinstance(value, Mapping):
        return [Instance(f'["{key}"]', {"key": key, "value": value[key]}) for key in sorted(value)]
    if isinstance(value, list) and is_known(value):
        return [Instance(f'["{key}"]', {"key": key, "value": key}) for key in sorted(map(str, value))]
    return None


@dataclass(eq=False)
class Module(Named):
    """One call of a module, or a root."""

    world: Configuration
    folder: Folder
    address: str
    root: str
    arguments: Callable[[str], Any] | None
    """The value that the call gives for a variable, or MISSING; None for a root."""
    certain: bool = True
    only_where: str = ""
    skipped: Mapping[str, str] = field(default_factory=dict)
    made: dict[tuple[str, str], Any] = field(default_factory=dict)

    # Names -----------------------------------------------------------------------------------------------------------

    def scope(self, name: str) -> Any:
        match name:
            case "var":
                return Namespace("var", self.variable)
            case "local":
                return Namespace("local", lambda which: self.once("local", which, self.local))
            case "module":
                return Namespace("module", lambda which: self.once("module", which, self.call))
            case "data":
                return Namespace(
                    "data", lambda type_: Namespace(type_, lambda which: self.resource("data", type_, which))
                )
            case "path":
                return Namespace("path", {"module": self.folder.path, "root": self.root, "cwd": self.root}.__getitem__)
            case "terraform":
                return Namespace("terraform", lambda which: Unknown(f"${{terraform.{which}}}"))
            case "each" | "count" | "self":
                return _no_name(name)
        return Namespace(name, lambda which: self.resource("managed", name, which))

    def once(self, kind: str, name: str, make: Callable[[str], Any]) -> Any:
        """Make a value at its first use. Raises EvaluationFault for a value that refers to itself."""
        key = (kind, name)
        if key not in self.made:
            self.made[key] = EvaluationFault(f"{kind}.{name} refers to itself")
            try:
                self.made[key] = make(name)
            except EvaluationFault as fault:
                self.made[key] = fault
        made = self.made[key]
        if isinstance(made, EvaluationFault):
            raise made
        return made

    def variable(self, name: str) -> Any:
        return self.once("var", name, self.make_variable)

    def make_variable(self, name: str) -> Any:
        block = self.folder.variables.get(name)
        if block is None:
            raise EvaluationFault(f"there is no variable {name!r} in {self.folder.path}")
        declared = block.body.attributes
        type_ = declared.get("type")
        default = evaluate(declared["default"], _no_name) if "default" in declared else MISSING
        if self.arguments is None:
            if (unit := self.world.unit_behind(self.root, name)) is not None:
                return unit
            given: Any = Unknown(f"${{var.{name}}}", frozenset({Input(name)}))
            return given if default is MISSING else one_of([convert(default, type_, self.scope), given])
        value = self.arguments(name)
        nullable = not ("nullable" in declared and evaluate(declared["nullable"], _no_name) is False)
        if value is MISSING or (value is None and not nullable):
            if default is MISSING:
                raise EvaluationFault(f"{self.address} gives no value for {name!r}")
            value = default
        if isinstance(value, OneOf) and not nullable and default is not MISSING:
            value = one_of(default if option is None else option for option in value.options)
        return convert(value, type_, self.scope)

    def local(self, name: str) -> Any:
        if name not in self.folder.locals:
            raise EvaluationFault(f"there is no local {name!r} in {self.folder.path}")
        return evaluate(self.folder.locals[name], self.scope)

    # Calls -----------------------------------------------------------------------------------------------------------

    def call(self, name: str) -> Any:
        """The module `name` as a reference sees it: one module, or a collection by key."""
        block = self.folder.calls.get(name)
        if block is None:
            raise EvaluationFault(f"there is no module {name!r} in {self.folder.path}")
        kind, found = instances(block.body, self.scope)
        modules = [self.child(name, block, instance) for instance in found]
        return _collection(kind, found, modules)

    def child(self, name: str, block: syntax.Block, instance: Instance) -> Any:
        address = f"{self.address}.module.{name}{instance.key}".lstrip(".")
        source = block.body.attributes.get("source")
        if not isinstance(source, syntax.Literal) or not str(source.value).startswith("."):
            return Unknown(f"${{{address}}}")
        path = os.path.normpath(os.path.join(self.folder.path, str(source.value)))
        scope = _with_each(self.scope, instance)

        def argument(variable: str) -> Any:
            expression = block.body.attributes.get(variable)
            return MISSING if expression is None else evaluate(expression, scope)

        skipped = {**self.skipped, **{skip.id: skip.reason for skip in block.skips}}
        return Module(
            self.world,
            self.world.folder(path),
            address,
            self.root,
            argument,
            self.certain and instance.certain,
            self.only_where or instance.only_where,
            skipped,
        )

    def attribute(self, name: str) -> Any:
        """An output."""
        return self.once("output", name, self.output)

    def output(self, name: str) -> Any:
        block = self.folder.outputs.get(name)
        if block is None:
            raise EvaluationFault(f"{self.address} has no output {name!r}")
        return evaluate(block.body.attributes["value"], self.scope)

    def as_unknown(self) -> Unknown:
        return Unknown(f"${{{self.address}}}")

    # Resources -------------------------------------------------------------------------------------------------------

    def resource(self, mode: str, type_: str, name: str) -> Any:
        """A resource as a reference sees it: one resource, or a collection by key."""
        return self.once(mode, f"{type_}.{name}", lambda _: self.make_resource(mode, type_, name)[0])

    def make_resource(self, mode: str, type_: str, name: str) -> tuple[Any, list[Handle]]:
        if (mode, type_, name) not in self.folder.resources:
            raise EvaluationFault(f"there is no {type_}.{name} in {self.folder.path}")
        block, file = self.folder.resources[mode, type_, name]
        kind, found = instances(block.body, self.scope)
        handles = []
        for instance in found:
            prefix = "data." if mode == "data" else ""
            resource = Resource(
                world=self.world,
                mode=mode,
                type=type_,
                name=name,
                address=f"{self.address}.{prefix}{type_}.{name}{instance.key}".lstrip("."),
                file=file,
                line=block.line,
                root=self.root,
                certain=self.certain and instance.certain,
                only_where=self.only_where or instance.only_where,
                skipped={**self.skipped, **{skip.id: skip.reason for skip in block.skips}},
            )
            scope = _with_each(self.scope, instance)
            handles.append(Handle(resource, Section(block.body, scope)))
        self.world.keep(handles)
        return _collection(kind, found, handles), handles

    def load(self) -> Iterator[str]:
        """Load every resource, here and in all modules below. Yields a message for each that cannot be evaluated."""
        for mode, type_, name in self.folder.resources:
            try:
                self.resource(mode, type_, name)
            except EvaluationFault as fault:
                yield f"{self.address} {type_}.{name}: {fault}".strip()
        for name in self.folder.calls:
            try:
                made = self.once("module", name, self.call)
            except EvaluationFault as fault:
                yield f"{self.address} module.{name}: {fault}".strip()
                continue
            for child in made.values() if isinstance(made, dict) else made if isinstance(made, list) else [made]:
                if isinstance(child, Module):
                    yield from child.load()


def _collection(kind: str, found: list[Instance], members: Sequence[Any]) -> Any:
    match kind:
        case "once" | "unknown":
            return members[0]
        case "count":
            return list(members)
        case _:
            return {str(instance.each["key"]): member for instance, member in zip(found, members, strict=True)}


def _with_each(scope: Scope, instance: Instance) -> Scope:
    if not instance.each:
        return scope
    return _bound(scope, "count" if "index" in instance.each else "each", dict(instance.each))


@dataclass(eq=False)
class Section(Values):
    """The attributes and blocks inside a block."""

    body: syntax.Body
    scope: Scope
    certain: bool = True
    evaluated: dict[str, Any] = field(default_factory=dict)
    """What was asked for before: rules ask for the same attributes again and again."""

    def raw(self, name: str) -> Any:
        """An attribute that is given, as expressions see it. Raises EvaluationFault."""
        if name not in self.evaluated:
            self.evaluated[name] = evaluate(self.body.attributes[name], self.scope)
        return self.evaluated[name]

    def value(self, name: str) -> Any:
        if name not in self.body.attributes:
            return MISSING
        key = f"{name} as rules see it"
        if key not in self.evaluated:
            self.evaluated[key] = self._value(name)
        return self.evaluated[key]

    def _value(self, name: str) -> Any:
        try:
            value = _finished(self.raw(name))
        except EvaluationFault as fault:
            raise Undecidable(f"{name}: {fault}") from None
        if isinstance(value, OneOf):
            return OneOf(tuple(MISSING if option is None else option for option in value.options), value.condition)
        return MISSING if value is None else value

    def blocks(self, name: str) -> Sequence[Section]:
        key = f"blocks {name}"
        if key not in self.evaluated:
            found = [Section(block.body, self.scope) for block in self.body.named(name)]
            for block in self.body.named("dynamic"):
                if block.labels == (name,):
                    found += self.dynamic(block)
            self.evaluated[key] = found
        blocks: Sequence[Section] = self.evaluated[key]
        return blocks

    def names(self) -> Sequence[str]:
        return [name for name in self.body.attributes if name not in META_ATTRIBUTES]

    def kinds(self) -> Sequence[str]:
        """`lifecycle` is not one: `policies/rules/folders_hold_known_blocks.py` looks at it."""
        blocks = self.body.blocks
        kinds = [block.labels[0] if block.kind == "dynamic" and block.labels else block.kind for block in blocks]
        return list(dict.fromkeys(kinds))

    def dynamic(self, block: syntax.Block) -> Iterator[Section]:
        content = next(block.body.named("content")).body
        iterator = block.body.attributes.get("iterator")
        name = iterator.name if isinstance(iterator, syntax.Name) else block.labels[0]
        try:
            value = evaluate(block.body.attributes["for_each"], self.scope)
        except EvaluationFault as fault:
            raise Undecidable(f"dynamic {block.labels[0]}: {fault}") from None
        forms = list(options(value))
        for form in forms:
            if isinstance(form, Mapping):
                pairs = sorted(form.items())
            elif isinstance(form, list):
                pairs = list(enumerate(form))
            else:
                pairs = [(unknown("key", [form]), unknown("value", [form]))]
            certain = len(forms) == 1 and isinstance(form, Mapping | list)
            for key, member in pairs:
                yield Section(content, _bound(self.scope, name, {"key": key, "value": member}), certain)


def _bound(scope: Scope, name: str, value: Any) -> Scope:
    return lambda wanted: value if wanted == name else scope(wanted)


def _finished(value: Any) -> Any:
    """A value as rules see it: resources and modules in it are unknown values."""
    match value:
        case Named():
            return value.as_unknown()
        case Mapping():
            return {key: _finished(member) for key, member in value.items()}
        case list():
            return [_finished(member) for member in value]
        case OneOf():
            return OneOf(tuple(_finished(option) for option in value.options), value.condition)
        case Json():
            return Json(_finished(value.value))
        case _:
            return value


@dataclass(eq=False)
class Handle(Named):
    """A resource as expressions see it."""

    resource: Resource
    section: Section

    def attribute(self, name: str) -> Any:
        if self.resource.mode == "data" and self.resource.type == "aws_iam_policy_document" and name == "json":
            try:
                return Json(policy_document(self.resource))
            except Undecidable as fault:
                raise EvaluationFault(str(fault)) from None
        if name in self.section.body.attributes and name not in NOT_ATTRIBUTES:
            return self.section.raw(name)
        return self.as_unknown().attribute(name)

    def as_unknown(self) -> Unknown:
        text = f"${{{_unit_prefix(self.resource.root)}{self.resource.address}}}"
        return Unknown(text, frozenset({Reference(self.resource, "")}))


def _unit(root: str) -> tuple[str, str] | None:
    """(system, unit) of a composition's folder `.../systems/<system>/<unit>`; None for other folders."""
    parts = Path(root).parts
    return (parts[-2], parts[-1]) if parts[-3:-2] == ("systems",) else None


def _unit_prefix(root: str) -> str:
    """A prefix that distinguishes equal addresses of two units."""
    unit = _unit(root)
    return "/".join(unit) + ":" if unit else ""


class Configuration(World):
    """All root modules in some folders."""

    form = "hcl"

    def __init__(self, folders: Iterable[str], read: Callable[[str], Folder] = Folder.read) -> None:
        """`read` reads a folder; who judges the same folders many times keeps what it has read.

        Raises ConfigurationFault for a file that is not HCL. Roots that cannot be evaluated are in `faults`.
        """
        self.read = read
        self.resources = []
        self.sections: dict[Resource, Section] = {}
        self.folders: dict[str, Folder] = {}
        for path in sorted({os.path.realpath(folder) for folder in folders}):
            self.folder(path)
        called = {path for folder in list(self.folders.values()) for path in folder.called()}
        self.roots = {
            path: Module(self, self.folders[path], "", path, None) for path in sorted(set(self.folders) - called)
        }
        self.faults: dict[str, str] = {}
        for path, root in self.roots.items():
            if found := list(root.load()):
                self.faults[path] = "; ".join(dict.fromkeys(found))

    def below(self, root: str) -> set[str]:
        """The folders of a root and of all modules that it calls."""
        found: set[str] = set()
        ahead = [root]
        while ahead:
            path = ahead.pop()
            if path not in found:
                found.add(path)
                ahead += self.folder(path).called()
        return found

    def unit_behind(self, root: str, variable: str) -> Module | None:
        """The unit whose outputs a composition gets as `var.data`, `var.network` or `var.service`
        (docs/architecture.md, "Units and what passes between them"). Through it, a rule traces a key to where it was
        created.
        """
        unit = _unit(root)
        if unit is None or variable not in ("data", "network", "service"):
            return None
        return self.roots.get(str(Path(root).parents[1] / unit[0] / variable))

    def folder(self, path: str) -> Folder:
        if path not in self.folders:
            self.folders[path] = self.read(path)
        return self.folders[path]

    def keep(self, handles: Iterable[Handle]) -> None:
        for handle in handles:
            self.resources.append(handle.resource)
            self.sections[handle.resource] = handle.section

    def value(self, resource: Resource, name: str) -> Any:
        section = self.sections[resource]
        if name == "json" and resource.type == "aws_iam_policy_document":
            return Json(policy_document(resource))
        return section.value(name)

    def blocks(self, resource: Resource, name: str) -> Sequence[Values]:
        return self.sections[resource].blocks(name)

    def names(self, resource: Resource) -> Sequence[str]:
        return self.sections[resource].names()

    def kinds(self, resource: Resource) -> Sequence[str]:
        return [kind for kind in self.sections[resource].kinds() if kind not in META_BLOCKS]

    def place(self, resource: Resource) -> tuple[str, str]:
        """Those of the context that a composition gets. A root without one is a fixture."""
        root = self.roots.get(resource.root)
        if root is None or "context" not in root.folder.variables:
            return EXAMPLE_PLACE
        return "${var.context.account_id}", "${var.context.region}"

    def reference(self, resource: Resource, attribute: str) -> Unknown:
        return Handle(resource, self.sections[resource]).as_unknown().attribute(attribute)

    def at(self, file: str, address: str) -> list[Resource]:
        """The resources of a file under an address. Where checkov leaves out the keys of `count` and `for_each`, these
        are all instances. Where two roots have the same address of a shared module, these are the resources of both.

        Raises LookupError for a block that does not exist, and for one that may also be in a root that cannot be
        evaluated.
        """
        for root, fault in self.faults.items():
            if os.path.dirname(file) in self.below(root):
                raise LookupError(f"{root} cannot be evaluated: {fault}")
        here = self.by_file.get(file, [])
        found = [resource for resource in here if resource.address == address]
        found = found or [resource for resource in here if without_keys(resource.address) == without_keys(address)]
        if not found:
            *_, type_, name = without_keys(address).split(".")
            folder = self.folders.get(os.path.dirname(file))
            if folder is None or ("managed", type_, name) not in folder.resources:
                raise LookupError(f"{address} in {file} was not read")
        return found

    @cached_property
    def by_file(self) -> dict[str, list[Resource]]:
        found: dict[str, list[Resource]] = {}
        for resource in self.resources:
            found.setdefault(resource.file, []).append(resource)
        return found


def without_keys(address: str) -> str:
    """An address without the keys of `count` and `for_each`."""
    return re.sub(r"\[[^\]]*\]", "", address)


def of_tree(root: str) -> Configuration:
    """The configuration of all folders with `.tf` files below `root`, except hidden ones."""
    folders = []
    for path, names, files in os.walk(root):
        names[:] = sorted(name for name in names if not name.startswith("."))
        if any(name.endswith(".tf") for name in files):
            folders.append(path)
    return Configuration(folders)
