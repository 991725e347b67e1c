"""Byte code for artefacts: what a function imports, compiled once for all of its instances.

The file system of a function is read-only, so without byte code each new instance compiles all that it imports. It is
never compared with its source (PEP 552, unchecked), because nobody changes a file of an artefact.
Its form is that of a minor version of Python (PEP 3147), so any build of 3.11 makes what Lambda's 3.11 takes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tools import process_environment
from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.release.manifest import Platform


def copy_compiled(files: Mapping[str, Path], to: Path, where: Platform, at: str) -> None:
    """Copy files into a folder, by their names in there, and compile them for the path that it has when it
    runs ("/var/task")."""
    for name, path in files.items():
        target = to / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    compile_folder(to, where, at)


def compile_folder(folder: Path, where: Platform, at: str) -> None:
    """Put byte code beside the sources. The same sources give the same code: one process, one hash seed, no times.

    Raises Failure when no Python of the platform's version is there, or it does not take a source.
    """
    command = [
        _python(where), "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash",
        "-s", str(folder), "-p", at, str(folder),
    ]  # fmt: skip
    answer = subprocess.run(
        command,
        env=process_environment.inherited() | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        raise Failure(f"Python {where.python} does not compile what goes into an artefact: {answer.stdout[-500:]}")


def _python(where: Platform) -> str:
    """A Python of the version that the functions run on: no other one makes its byte code."""
    if where.python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(f"python{where.python}")
    if found is None:
        raise Failure(
            f"artefacts hold byte code of Python {where.python}, and there is no python{where.python} here",
            where="PATH",
            do=f"run `mise install`, which brings Python {where.python}",
            status=MISSING_ON_THIS_MACHINE,
        )
    return found
