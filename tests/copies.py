"""A copy of this repository, for tests that change the live tree."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.toolchain import CLI_CONFIGURATION, DEVELOPMENT, ROOT

_COPIED = ("live", "modules", "functions", "requirements", "tools", "terragrunt.hcl")


def copy_of_the_repository(folder: Path) -> Path:
    """What git knows of this repository, as it is in the working tree, at `folder`; its tools run there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *_COPIED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / ".git").mkdir()
    (folder / DEVELOPMENT.folder.name).symlink_to(DEVELOPMENT.folder)
    if CLI_CONFIGURATION.exists():
        (folder / "build").mkdir()
        shutil.copy2(CLI_CONFIGURATION, folder / "build")
    return folder
