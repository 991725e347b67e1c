"""What one job has built for all environments: zips and images, each under the name that its content gives it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.errors import Failure
from tools.project import BUILD
from tools.release import image_files
from tools.release.archive import build, libraries
from tools.release.manifest import EMULATOR, Artefact, Platform, artefacts, base_image, of_images

if TYPE_CHECKING:
    from docker import DockerClient

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


def build_images(
    wanted: Sequence[Artefact], where: Platform, say: Callable[[str], None], folder: Path = FOLDER
) -> list[Artefact]:
    """Build the images of artefacts that the folder does not hold yet. Returns those that were built.

    Without anything to build no engine is needed. Raises Failure when there is none, or a base image cannot be had.
    """
    missing = [artefact for artefact in wanted if image_files.find(artefact, folder) is None]
    if not missing:
        return []
    from tools.release import engine, images  # zips need no engine, and not its library

    platform, client = of_images(where), engine.connect()
    base = _base(client, where, say)
    libraries(platform)

    def keep(artefact: Artefact) -> None:
        image = image_files.keep(images.build(client, artefact, platform, base), artefact, folder)
        say(f"built {artefact.tag} for linux/{platform.architecture}: {image.digest}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(keep, missing))
    return missing


def _base(engine: DockerClient, where: Platform, say: Callable[[str], None]) -> str:
    """The base image: what is named; on the emulator a stand-in for it where its registry is out of reach."""
    from tools.release import images, standin_base

    base, platform = base_image(), of_images(where)
    try:
        images.check_base(engine, base, platform)
    except Failure as failure:
        if where is not EMULATOR or os.environ.get("BASE_IMAGE"):
            raise
        say(f"{failure.problem}; on the emulator a stand-in of Debian's packages replaces it (docs/emulator.md)")
        return standin_base.ensure(engine, platform)
    return base
