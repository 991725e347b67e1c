"""Where this repository is, which files it has, and how a path in it is shown to a person. Standard library only."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tools import process_environment

ROOT: Final = Path(__file__).resolve().parent.parent
# Everything that set-up and runs write, apart from the Python environments.
BUILD: Final = ROOT / "build"


def files(*patterns: str, root: Path = ROOT) -> list[Path]:
    """The files that git tracks, and new ones that it does not ignore; all, or those of some patterns ("docs/*.md").

    A file that was removed, and that git still tracks, is left out.
    """
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=root, env=process_environment.inherited(), capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return sorted({root / name for name in listed.split("\0") if name and (root / name).is_file()})


def head(root: Path = ROOT) -> str:
    """The commit that is checked out, as 40 hexadecimal digits."""
    return subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=root, env=process_environment.inherited(), capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip


def display(path: Path) -> str:
    """A path for a person: relative to the repository if it is in there, else the whole path."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
