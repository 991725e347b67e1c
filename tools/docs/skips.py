"""The table of accepted findings in docs/security.md, made from the skips of checkov in the modules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.docs.generated import table
from tools.toolchain import ROOT

PAGE: Final = ROOT / "docs" / "security.md"
# https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html
_SKIP: Final = re.compile(r"#\s*checkov:skip=(\w+):(.*)")


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
        Skip(check, path.relative_to(root).as_posix(), reason.strip())
        for path in files
        if ".terragrunt-cache" not in path.parts
        for check, reason in _SKIP.findall(path.read_text(encoding="utf-8"))
    }
    return sorted(found, key=lambda skip: (skip.check, skip.file))


def render() -> list[str]:
    """The table of skips as they are."""
    return table(("check", "where", "reason"), ((f"`{skip.check}`", f"`{skip.file}`", skip.reason) for skip in skips()))
