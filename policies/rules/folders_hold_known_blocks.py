"""Only known files and blocks pass."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from weakref import WeakKeyDictionary

from policies.folders import folder_problems, meta_problems
from policies.model import EVERY_RESOURCE, Resource, World
from policies.rule import rule
from policies.shapes import NO_RULE
from policies.worlds.configuration import Configuration

_reporters: WeakKeyDictionary[World, dict[Resource, list[str]]] = WeakKeyDictionary()


@rule(
    "CKV_FEP_43",
    "Folders hold only files and blocks that the rules understand",
    EVERY_RESOURCE,
    rows=("PLT-31", "PLT-14"),
    fix="Write resources, variables, locals, outputs and calls of modules of this repository, in files that end in "
    "`.tf`. Move everything else out of the folder.",
    forms=("hcl",),
)
def folders_hold_known_blocks(resource: Resource) -> Iterator[str]:
    """Terraform reads more files than checkov does: a resource in a `.tf.json` or a `.tofu` file passes every check. A
    provider block, a data source, a module from elsewhere or `ignore_changes` changes what is created behind the back
    of every rule. The first resource of each root answers for what is wrong with the folders below it.
    """
    if isinstance(resource.world, Configuration):
        block, _ = resource.world.folder(os.path.dirname(resource.file)).resources[
            resource.mode, resource.type, resource.name
        ]
        yield from meta_problems(block)
        found = _reporters.get(resource.world)
        if found is None:
            found = _reporters[resource.world] = _by_reporter(resource.world)
        yield from found.get(resource, [])


def _by_reporter(world: Configuration) -> dict[Resource, list[str]]:
    """The problems of all folders, by the resource that reports them: each folder once, and fixtures for themselves."""
    first: dict[str, Resource] = {}
    for resource in world.resources:
        first.setdefault(resource.root, resource)
    found: dict[Resource, list[str]] = {}
    seen: set[str] = set()
    for root, resource in first.items():
        for path in sorted(world.below(root)):
            if path not in seen:
                seen.add(path)
                problems = folder_problems(world.folder(path))
                found.setdefault(resource, []).extend(f"{os.path.basename(path)}/{problem}" for problem in problems)
    if first:
        reporter = next(iter(first.values()))
        found.setdefault(reporter, []).extend(_strays(seen))
    return found


def _strays(seen: set[str]) -> Iterator[str]:
    """Folders of compositions that hold configuration which no rule has read."""
    tops = {path.rpartition("/modules/")[0] + "/modules" for path in seen if "/modules/" in path}
    for top in sorted(tops):
        for path, names, files in os.walk(top):
            names[:] = sorted(name for name in names if not name.startswith("."))
            other = [
                name for name in files if name.endswith((".tf.json", ".tofu", ".tofu.json", ".tfvars", ".tfvars.json"))
            ]
            if other and path not in seen:
                yield f"{Path(path).relative_to(top)}/{sorted(other)[0]}: a file of this kind: {NO_RULE}"
