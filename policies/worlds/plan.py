"""The plan or the state that `terraform show -json` writes, as a world of resources.

A plan knows the values of variables and defaults, which the source leaves open. It does not know the values that AWS
assigns (ARNs, ids) before the first apply, and one such part makes the whole text around it unknown. The configuration
in the plan says where an unknown value comes from, except behind locals. Format:
developer.hashicorp.com/terraform/internals/json-format.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from policies.hcl.syntax import Skip
from policies.model import MISSING, Reference, Resource, Undecidable, Unknown, Values, World
from policies.worlds.configuration import EXAMPLE_PLACE, Folder


class Plan(World):
    form = "plan"

    def __init__(self, document: Mapping[str, Any], source: str = "", *, combined: bool = False) -> None:
        """`source` is the folder of the root module; the skips are read there. In a `combined` plan, each module of the
        root is a unit, with a root of its own.
        """
        self.combined = combined
        self.resources = []
        self.sections: dict[Resource, Section] = {}
        self.by_address: dict[str, Resource] = {}
        self.variables = document.get("variables", {})
        self.configuration = document.get("configuration", {}).get("root_module", {})
        self.unknown = {
            change["address"]: change["change"].get("after_unknown") or {}
            for change in document.get("resource_changes", [])
        }
        self.source = source
        self.folders: dict[str, Folder] = {}
        for values in (
            document.get("planned_values", document.get("values", {})),
            document.get("prior_state", {}).get("values", {}),
        ):
            self._load(values.get("root_module", {}))

    def _load(self, module: Mapping[str, Any]) -> None:
        for found in module.get("resources", []):
            if found["address"] in self.by_address:
                continue
            path = module.get("address", "")
            resource = Resource(self, found["mode"], found["type"], found["name"], found["address"])
            resource.root = path.split(".")[1] if self.combined and path else ""
            configured = _named(_module(self.configuration, path), resource)
            resource.skipped = self._skipped(path, resource)
            unknown = self.unknown.get(resource.address, {})
            self.resources.append(resource)
            self.by_address[resource.address] = resource
            self.sections[resource] = Section(
                self, path, found.get("values") or {}, unknown, configured.get("expressions", {}), configured
            )
        for child in module.get("child_modules", []):
            self._load(child)

    def value(self, resource: Resource, name: str) -> Any:
        return self.sections[resource].value(name)

    def blocks(self, resource: Resource, name: str) -> Sequence[Values]:
        return self.sections[resource].blocks(name)

    def place(self, resource: Resource) -> tuple[str, str]:
        """Those of the context that the unit gets. A plan without one is that of fixtures."""
        call = self.configuration.get("module_calls", {}).get(resource.root, {}) if self.combined else {}
        given = call.get("expressions", {}).get("context", {}).get("constant_value")
        context = given or self.variables.get("context", {}).get("value") or {}
        return context.get("account_id", EXAMPLE_PLACE[0]), context.get("region", EXAMPLE_PLACE[1])

    def _skipped(self, path: str, resource: Resource) -> dict[str, str]:
        """The skips in the source: those of the resource, and those of the module calls above it."""
        if not self.source:
            return {}
        skips: list[Skip] = []
        folder, configuration = self.source, self.configuration
        for name in _calls(path):
            call = self._folder(folder).calls.get(name)
            configured = configuration.get("module_calls", {}).get(name)
            if configured is None:
                return {}
            skips += call.skips if call else ()
            folder = os.path.normpath(os.path.join(folder, configured["source"]))
            configuration = configured.get("module", {})
        block = self._folder(folder).resources.get((resource.mode, resource.type, resource.name))
        if block is not None:
            skips += block[0].skips
            resource.file, resource.line = block[1], block[0].line
        return {skip.id: skip.reason for skip in skips}

    def _folder(self, path: str) -> Folder:
        if path not in self.folders:
            self.folders[path] = Folder.read(path) if Path(path).is_dir() else Folder(path)
        return self.folders[path]

    # References ------------------------------------------------------------------------------------------------------

    def targets(
        self, names: Sequence[str], path: str, each: Mapping[str, Any], seen: set[tuple[str, str]]
    ) -> Iterator[Reference]:
        """The attributes of resources that references in a module lead to, followed through variables and outputs."""
        for name in names:
            if (name, path) in seen:
                continue
            seen.add((name, path))
            kind, _, rest = name.partition(".")
            if name.startswith("each.value"):  # each.key is a text of the configuration, which leads nowhere
                yield from self.targets(_references(each.get("for_each_expression", {})), path, {}, seen)
            elif kind == "var" and path:
                parent, call = _parent(path)
                configured = _module(self.configuration, parent).get("module_calls", {}).get(call, {})
                given = configured.get("expressions", {}).get(rest.split(".")[0].split("[")[0], {})
                yield from self.targets(_references(given), parent, configured, seen)
            elif kind == "module":
                if found := re.match(r"module\.([^.\[]+)((?:\[[^\]]*\])?)\.([^.\[]+)", name):
                    child = f"{path}.module.{found.group(1)}{found.group(2)}".lstrip(".")
                    output = _module(self.configuration, child).get("outputs", {}).get(found.group(3), {})
                    yield from self.targets(_references(output.get("expression", {})), child, {}, seen)
            elif found := re.match(r"((?:data\.)?[a-z0-9_]+\.[\w-]+(?:\[[^\]]*\])?)\.?(\w*)", name):
                address = f"{path}.{found.group(1)}".lstrip(".")
                for resource in self.resources:
                    if resource.address == address or resource.address.startswith(f"{address}["):
                        yield Reference(resource, found.group(2))


@dataclass(eq=False)
class Section(Values):
    """A resource or a block in it: its values, which of them are unknown, and the expressions they come from."""

    world: Plan
    path: str
    values: Mapping[str, Any]
    unknown: Any
    expressions: Any
    resource: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        value = self.values.get(name)
        if value is not None:
            return value
        if self.unknown is not True and not (isinstance(self.unknown, Mapping) and self.unknown.get(name) is True):
            return MISSING
        if not isinstance(self.expressions, Mapping) or name not in self.expressions:
            return (
                MISSING if isinstance(self.expressions, Mapping) and self.expressions else Unknown("${a dynamic block}")
            )
        names = _references(self.expressions[name])
        found = frozenset(
            reference for reference in self.world.targets(names, self.path, self.resource, set()) if reference.attribute
        )
        said = ", ".join(sorted(f"{found_.resource.address}.{found_.attribute}" for found_ in found)) or ", ".join(
            names
        )
        return Unknown(f"${{{said}}}", found)

    def blocks(self, name: str) -> Sequence[Values]:
        if isinstance(self.unknown, Mapping) and self.unknown.get(name) is True:
            if isinstance(self.expressions, Mapping) and self.expressions and name not in self.expressions:
                return []  # not in the configuration: AWS sets it
            raise Undecidable(f"the blocks {name} are only known after the apply")
        found = self.values.get(name) or []
        members = found if isinstance(found, list) else [found]
        return [
            Section(
                self.world,
                self.path,
                value,
                _at(_inner(self.unknown, name), at),
                _at(_inner(self.expressions, name), at),
            )
            for at, value in enumerate(members)
            if isinstance(value, Mapping)
        ]


def _inner(tree: Any, name: str) -> Any:
    return tree.get(name, {}) if isinstance(tree, Mapping) else {}


def _at(members: Any, at: int) -> Any:
    if isinstance(members, list):
        return members[at] if at < len(members) else {}
    return members


def _calls(path: str) -> list[str]:
    return re.findall(r"module\.([^.\[]+)", path)


def _module(configuration: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    for name in _calls(path):
        configuration = configuration.get("module_calls", {}).get(name, {}).get("module", {})
    return configuration


def _parent(path: str) -> tuple[str, str]:
    parent, _, call = path.rpartition("module.")
    return parent.rstrip("."), call.split("[")[0]


def _named(module: Mapping[str, Any], resource: Resource) -> Mapping[str, Any]:
    for found in module.get("resources", []):
        if (found["mode"], found["type"], found["name"]) == (resource.mode, resource.type, resource.name):
            return dict(found)
    return {}


def _references(expression: Any) -> list[str]:
    if isinstance(expression, Mapping):
        if "references" in expression:
            return list(expression["references"])
        return [name for value in expression.values() for name in _references(value)]
    if isinstance(expression, list):
        return [name for value in expression for name in _references(value)]
    return []
