"""Which units a change touches: those whose plan can become another one by it."""

from __future__ import annotations

import functools
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from policies.hcl import syntax
from tools import process_environment
from tools.errors import WRONG_INPUT, Failure
from tools.livetree import layout
from tools.livetree.layout import LIVE, SETTINGS_FILE, UNIT_FILE, Place
from tools.livetree.reading.source import Source
from tools.project import ROOT

# What every unit reads: the root configuration, the defaults of the settings, and what makes the one from the other.
_EVERY_UNIT: Final = (UNIT_FILE, f"{LIVE}/defaults.yaml", "mise.toml")
# What names and makes the artefacts of functions. A change of it gives every function another one.
_EVERY_FUNCTION: Final = ("functions/common/", "requirements/functions.txt", "tools/release/")
_INCLUDES: Final = re.compile(r"_units/[\w.-]+\.hcl")


def changed_since(revision: str, root: Path = ROOT) -> list[str]:
    """The paths that differ between the working tree and the commit where it left a revision ("origin/main").

    Raises Failure for a revision that git does not know.
    """
    command = ["git", "diff", "--name-only", "--no-renames", "-z", "--merge-base", revision, "--"]
    answer = subprocess.run(
        command, cwd=root, env=process_environment.inherited(), capture_output=True, text=True, check=False
    )
    if answer.returncode:
        raise Failure(
            f"git does not say what has changed since {revision}: {answer.stderr.strip()}",
            where=str(root),
            do="name a commit that shares history with this one; a shallow clone lacks it (`fetch-depth: 0`)",
            status=WRONG_INPUT,
        )
    return [path for path in answer.stdout.split("\0") if path]


def affected(paths: Iterable[str], root: Path = ROOT) -> list[Place]:
    """The units that changes of these paths touch, in all environments."""
    changed = list(paths)
    return [place for place in layout.units(root=root) if any(_is_read(path, place, root) for path in changed)]


def _is_read(path: str, place: Place, root: Path) -> bool:
    return any(path == read or (read.endswith("/") and path.startswith(read)) for read in _reads(place, root))


@functools.cache
def _reads(place: Place, root: Path) -> frozenset[str]:
    """The files, and the folders with a slash at the end, that make a unit what it is."""
    composition = root / "modules" / "systems" / place.system / place.unit
    found = {*_EVERY_UNIT, f"{place}/", f"{LIVE}/{place.environment}/{SETTINGS_FILE}"}
    found |= set(_included(root / str(place) / UNIT_FILE))
    found |= {f"{folder.relative_to(root)}/" for folder in _modules(composition)}
    if place.unit == "service":
        found |= {f"functions/{place.system.replace('-', '_')}/", *_EVERY_FUNCTION}
    # Mocks stand for the outputs of other units of the system.
    found |= {str(path.relative_to(root)) for path in composition.parent.glob("*/mock_outputs.yaml")}
    return frozenset(found)


def _included(file: Path) -> Iterator[str]:
    for path in (block.body.attributes.get("path") for block in Source.read(file).body.named("include")):
        parts = path.parts if isinstance(path, syntax.Template) else ()
        texts = (part for part in parts if isinstance(part, str))
        yield from (f"{LIVE}/{name}" for text in texts for name in _INCLUDES.findall(text))


def _modules(folder: Path) -> set[Path]:
    """A module's folder, and those of all modules that it calls, directly or not."""
    found: set[Path] = set()
    waiting = [folder]
    while waiting:
        module = waiting.pop()
        if module in found or not module.is_dir():
            continue
        found.add(module)
        for path in module.glob("*.tf"):
            sources = (block.body.attributes.get("source") for block in Source.read(path).body.named("module"))
            names = (str(source.value) for source in sources if isinstance(source, syntax.Literal))
            waiting += [(module / name).resolve() for name in names if name.startswith(".")]
    return found
