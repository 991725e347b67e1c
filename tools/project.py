"""Where this repository is, and how a person is told a path in it. Standard library only."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
# Everything that set-up and runs write, apart from the Python environments.
BUILD: Final = ROOT / "build"


def display(path: Path) -> str:
    """A path as a person is told it: from the repository's folder where it lies in there, else the whole of it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
