"""The table of accepted findings in docs/security.md, made from the skips of checkov in the modules."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.docs.generated import table
from tools.livetree.reading.source import Source
from tools.project import ROOT

PAGE: Final = ROOT / "docs" / "security.md"


@dataclass(frozen=True)
class Skip:
    """A check that does not hold in a file ("modules/bucket/main.tf"), and the reason."""

    check: str
    file: str
    reason: str


def skips(root: Path = ROOT) -> list[Skip]:
    """Every skip in the modules and the live tree, by check and file."""
    files = sorted(path for folder in ("live", "modules") for path in (root / folder).rglob("*.tf"))
    found = {
        Skip(skip.id, path.relative_to(root).as_posix(), skip.reason)
        for path in files
        if ".terragrunt-cache" not in path.parts
        for skip in Source.read(path).file.skips
    }
    return sorted(found, key=lambda skip: (skip.check, skip.file))


def render() -> list[str]:
    """The table of skips as they are."""
    return table(("check", "where", "reason"), ((f"`{skip.check}`", f"`{skip.file}`", skip.reason) for skip in skips()))
