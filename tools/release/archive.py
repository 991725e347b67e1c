"""What goes into a function's artefact, and its zip: the same sources give the same bytes, on any machine with the same
build of Python, which compiles them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tools import process_environment
from tools.errors import Failure
from tools.project import BUILD, ROOT, display
from tools.release import bytecode
from tools.release.manifest import EMULATOR, LOCK, Artefact, Platform

# Where Lambda has a function's code, from a zip and from an image:
# https://docs.aws.amazon.com/lambda/latest/dg/python-image.html
TASK: Final = "var/task"
# The oldest time a zip can hold: a file's own time would make two builds of one tree differ.
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
READABLE: Final = 0o100644 << 16


def libraries(where: Platform, lock: Path = LOCK) -> Path:
    """The folder with the libraries of a lock (the functions') for a platform, resolved once per lock and platform.

    Raises Failure when a wheel of the lock is not available for the platform.
    """
    name = hashlib.sha256("\0".join((lock.read_text(), where.python, *where.wheels)).encode()).hexdigest()[:16]
    folder = BUILD / "release" / f"libraries-{where.name}-{name}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    selection: list[str] = []
    if where is not EMULATOR:
        selection = ["--python-version", where.python, "--implementation", "cp"]
        for wheels in where.wheels:
            selection += ["--platform", wheels]
    command = [
        sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-compile", "--no-deps",
        "--only-binary", ":all:", "--require-hashes", "--target", str(fresh), *selection, "-r", str(lock),
    ]  # fmt: skip
    answer = subprocess.run(
        command, env=process_environment.inherited(), capture_output=True, text=True, errors="replace", check=False
    )
    if answer.returncode:
        shutil.rmtree(fresh)
        raise Failure(
            f"libraries for {where.name} are not available: {answer.stderr.strip().splitlines()[-1:]}",
            where=display(lock),
            do="check the connection to the package index, then try again",
        )
    _move(fresh, folder)
    return folder


def compiled_libraries(where: Platform) -> dict[str, Path]:
    """The functions' libraries with their byte code, by their names in an artefact; compiled once for what `libraries`
    resolves.
    """
    resolved = libraries(where)
    folder = resolved.with_name(f"{resolved.name}-compiled")
    if not folder.is_dir():
        _compile(packed(resolved), folder, where)
    return _files(folder)


def compiled_sources(artefact: Artefact, where: Platform) -> dict[str, Path]:
    """The function's own files with their byte code, by their names in an artefact."""
    folder = BUILD / "release" / f"sources-{where.name}-{where.python}-{artefact.function}-{artefact.hash[:16]}"
    if not folder.is_dir():
        _compile(sources(artefact), folder, where)
    return _files(folder)


def _compile(files: Mapping[str, Path], folder: Path, where: Platform) -> None:
    """Copy files into a new folder and compile them there."""
    fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    try:
        bytecode.copy_compiled(files, fresh, where, f"/{TASK}")
        _move(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _move(fresh: Path, folder: Path) -> None:
    """Give a complete folder its name. Where another process was faster, its result is the same."""
    try:
        fresh.rename(folder)
    except OSError:
        shutil.rmtree(fresh)
        if not folder.is_dir():
            raise


def build(artefact: Artefact, where: Platform, to: Path) -> Path:
    """Write the artefact's zip: the function's sources, its libraries and the byte code of both, sorted, with constant
    times and modes.
    """
    entries = compiled_sources(artefact, where) | compiled_libraries(where)
    to.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(entries):
            information = zipfile.ZipInfo(name, EPOCH)
            information.external_attr = READABLE
            information.create_system = 3  # Unix, also where it is built elsewhere
            information.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(information, entries[name].read_bytes())
    return to


def sources(artefact: Artefact) -> dict[str, Path]:
    """The function's own files, by their names in the artefact."""
    return {path.relative_to(ROOT).as_posix(): path for path in artefact.sources}


def packed(folder: Path) -> dict[str, Path]:
    """What goes into an artefact of a folder of installed libraries, by the names in there."""
    return {name: path for name, path in _files(folder).items() if not _left_out(Path(name))}


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _left_out(inside: Path) -> bool:
    """What an installer notes down, or makes for this machine, is no part of a library."""
    if inside.parts[0] == "bin" or "__pycache__" in inside.parts:
        return True
    return inside.parts[0].endswith(".dist-info") and inside.name in {
        "RECORD",
        "INSTALLER",
        "REQUESTED",
        "direct_url.json",
    }
