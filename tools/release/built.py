"""What one job has built for all environments: each artefact's zip, under the name that its content gives it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tools.project import BUILD
from tools.release.archive import build, libraries
from tools.release.manifest import Artefact, Platform, artefacts

FOLDER: Final = BUILD / "release" / "built"


def build_all(where: Platform, folder: Path = FOLDER) -> list[Artefact]:
    """Build the zips of all functions that the folder does not hold yet. Returns those that were built.

    A zip appears under its name only once it is whole.
    """
    missing = [artefact for artefact in artefacts(where) if not (folder / artefact.key).is_file()]
    if missing:
        libraries(where)
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda artefact: _build(artefact, where, folder / artefact.key), missing))
    return missing


def archive(artefact: Artefact, where: Platform, scratch: Path, folder: Path = FOLDER) -> Path:
    """An artefact's zip: the one that was built before, else one that is built now in a scratch folder."""
    before = folder / artefact.key
    return (
        before if before.is_file() else build(artefact, where, scratch / f"{artefact.system}-{artefact.function}.zip")
    )


def _build(artefact: Artefact, where: Platform, to: Path) -> None:
    build(artefact, where, to.with_suffix(".part")).replace(to)
