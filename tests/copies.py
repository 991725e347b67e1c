"""A copy of this repository, for tests that change the live tree."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.project import ROOT
from tools.toolchain import CLI_CONFIGURATION, DEVELOPMENT


def copy_of_the_repository(folder: Path) -> Path:
    """What git knows of this repository, as it is in the working tree, at `folder`; its tools run there."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in listed.rstrip("\0").split("\0"):
        if (ROOT / name).is_file():  # listed, and perhaps removed since
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".git").mkdir()
    (folder / DEVELOPMENT.folder.name).symlink_to(DEVELOPMENT.folder)
    if CLI_CONFIGURATION.exists():
        (folder / "build").mkdir()
        shutil.copy2(CLI_CONFIGURATION, folder / "build")
    return folder
