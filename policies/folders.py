"""What the folder of a module may hold: files that the rules read, and blocks that they understand.

Terraform and OpenTofu read more files than the rules do (`.tf.json`, `.tofu`, `*.auto.tfvars`, `override.tf`). Other
blocks than resources change what is created or by whom. What is not listed here is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from policies.shapes import NO_RULE
from policies.worlds.configuration import Folder

FILES: Final = (".tf", ".md", ".yaml")
"""Ends of the names of files that a module may have: what the rules read, and what Terraform does not."""
OVERRIDES: Final = ("override.tf", "_override.tf")

BLOCKS: Final = frozenset({"data", "locals", "module", "moved", "output", "resource", "terraform", "variable"})
DATA_SOURCES: Final = frozenset({"aws_iam_policy_document"})
"""Data sources that look up nothing. Every other one reads what somebody else has created."""
IN_TERRAFORM: Final = frozenset({"required_providers"})
PROVIDERS: Final = {"aws": "hashicorp/aws"}
ONE_MAJOR: Final = re.compile(r"~> \d+\.\d+")
"""A version constraint that stays within a major version."""
IN_LIFECYCLE: Final = frozenset({"create_before_destroy", "prevent_destroy"})
CONDITIONS: Final = frozenset({"precondition", "postcondition"})


def folder_problems(folder: Folder) -> list[str]:
    """What is wrong with the files and blocks of one folder, as sentences that begin with the file."""
    found = [f"{name}: {said}" for name, said in _files(Path(folder.path))]
    for block, file in folder.blocks:
        found += [f"{os.path.basename(file)}, line {block.line}: {said}" for said in _block(block, folder.path)]
    return found


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".terraform"):
            continue
        if path.is_symlink():
            yield path.name, f"a link to another place: {NO_RULE}"
        elif path.is_file() and (not path.name.endswith(FILES) or path.name.startswith(".")):
            yield path.name, f"a file of this kind: {NO_RULE}"
        elif path.name.endswith(OVERRIDES):
            yield path.name, f"a file that changes the blocks of others: {NO_RULE}"


def _block(block: syntax.Block, folder: str) -> Iterator[str]:
    said = " ".join([block.kind, *block.labels])
    if block.kind not in BLOCKS:
        yield f"the block {said}: {NO_RULE}"
    elif block.kind == "data" and block.labels[0] not in DATA_SOURCES:
        yield f"{said} looks up what is not created here: {NO_RULE}"
    elif block.kind == "terraform":
        yield from _terraform(block)
    elif block.kind == "module":
        yield from _call(block, said, folder)


def _terraform(block: syntax.Block) -> Iterator[str]:
    for name in block.body.attributes:
        if name != "required_version":
            yield f"terraform.{name}: {NO_RULE}"
    for inner in block.body.blocks:
        if inner.kind not in IN_TERRAFORM:
            yield f"the block terraform.{' '.join([inner.kind, *inner.labels])}: {NO_RULE}"
        for name, value in inner.body.attributes.items():
            said = {
                key.value if isinstance(key, syntax.Literal) else None: member.value
                for key, member in (value.items if isinstance(value, syntax.ObjectOf) else ())
                if isinstance(member, syntax.Literal)
            }
            if name not in PROVIDERS or said.get("source") != PROVIDERS[name]:
                yield f"the provider {name} from {said.get('source', 'somewhere')}: {NO_RULE}"
            elif not isinstance(value, syntax.ObjectOf) or len(value.items) != 2 or set(said) != {"source", "version"}:
                yield f"the provider {name} has more than a source and a version: {NO_RULE}"
            elif not ONE_MAJOR.fullmatch(str(said["version"])):
                yield f"the provider {name} has the version {said['version']}: stay within one major version, as ~> 5.0"


def _call(block: syntax.Block, said: str, folder: str) -> Iterator[str]:
    source = block.body.attributes.get("source")
    path = str(source.value) if isinstance(source, syntax.Literal) else ""
    if not path.startswith(("./", "../")):
        yield f"{said} comes from {path or 'a source that is not a text'}, which is not in this repository"
    elif not _is_module(target := os.path.normpath(os.path.join(folder, path)), folder):
        yield f"{said} comes from {path}, which is no module of this repository"
    elif os.path.realpath(target) != target:
        yield f"{said} comes from {path}, which is a link to another place: {NO_RULE}"
    for name in ("providers", "version"):
        if name in block.body.attributes:
            yield f"{said} sets {name}: {NO_RULE}"


def _is_module(path: str, folder: str) -> bool:
    """Whether a folder has Terraform files, and stands in the same tree of modules as the one that calls it."""
    tree = folder.rpartition("/modules/")
    inside = path.startswith(f"{tree[0]}/modules/") if tree[1] else True
    return inside and os.path.isdir(path) and any(name.endswith(".tf") for name in os.listdir(path))


def meta_problems(block: syntax.Block) -> Iterator[str]:
    """What is wrong with how Terraform handles a resource: its provider, its lifecycle, commands that it runs."""
    if "provider" in block.body.attributes:
        yield f"it has a provider of its own: {NO_RULE}"
    for inner in block.body.blocks:
        if inner.kind in ("provisioner", "connection"):
            yield f"it has a {inner.kind}: {NO_RULE}"
        if inner.kind == "lifecycle":
            for name in inner.body.attributes:
                if name not in IN_LIFECYCLE:
                    yield f"it has lifecycle.{name}: {NO_RULE}"
            for nested in inner.body.blocks:
                if nested.kind not in CONDITIONS:
                    yield f"it has lifecycle.{nested.kind}: {NO_RULE}"
