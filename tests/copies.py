"""A copy of this repository, for tests that change the live tree."""

from __future__ import annotations

import shutil
from pathlib import Path

from tools.project import ROOT, files
from tools.toolchain import CLI_CONFIGURATION, DEVELOPMENT


def copy_of_the_repository(folder: Path) -> Path:
    """What git knows of this repository, as it is in the working tree, at `folder`; its tools run there."""
    for file in files():
        copied = folder / file.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copied)
    (folder / ".git").mkdir()
    (folder / DEVELOPMENT.folder.name).symlink_to(DEVELOPMENT.folder)
    if CLI_CONFIGURATION.exists():
        (folder / "build").mkdir()
        shutil.copy2(CLI_CONFIGURATION, folder / "build")
    return folder
