"""Building a function's image: the same sources give the same layers, on any machine."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Final

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound
from docker.models.images import Image

from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.project import display
from tools.release import archive
from tools.release.manifest import DOCKERFILE, Artefact, Platform

# Local names of images that are built, before they are pushed.
LOCAL: Final = "financial-event-pipelines"
# The time of every file in a layer: a file's own time would make two builds of one tree differ.
EPOCH: Final = 315532800  # 1980-01-01, as in zips


def build(engine: DockerClient, artefact: Artefact, where: Platform, base: str, *, cached: bool = True) -> Image:
    """Build the artefact's image on a base image.

    Raises Failure when the base image cannot be had, or not for the platform.
    """
    check_base(engine, base, where)
    name = f"{LOCAL}/{artefact.system}:{artefact.tag}"
    try:
        image, _ = engine.images.build(
            fileobj=context(artefact, where),
            custom_context=True,
            platform=f"linux/{where.architecture}",
            buildargs={"BASE_IMAGE": base},
            tag=name,
            nocache=not cached,
            rm=True,
            forcerm=True,
        )
    except (APIError, BuildError) as error:
        raise Failure(
            f"the image of {artefact.system}/{artefact.function} was not built: {error}",
            where=display(DOCKERFILE),
            do="read the engine's message above",
        ) from error
    return image


def check_base(engine: DockerClient, base: str, where: Platform) -> None:
    """Pull the base image for a platform unless the engine has it. Raises Failure when it cannot be had."""
    try:
        found = engine.images.get(base)
    except ImageNotFound:
        pass
    else:
        if found.attrs["Architecture"] == where.architecture:
            return
    try:
        engine.images.pull(base, platform=f"linux/{where.architecture}")
    except APIError as error:
        raise Failure(
            f"the base image cannot be had for linux/{where.architecture}: {error.explanation or error}",
            where=base,
            do="check the connection to its registry, or name an image that you can reach in BASE_IMAGE "
            "(README, 'Functions from images', says which do)",
            status=MISSING_ON_THIS_MACHINE,
        ) from error


def context(artefact: Artefact, where: Platform) -> io.BytesIO:
    """What the engine builds from, as a tar: the Dockerfile, and a folder for each layer."""
    handler = json.dumps([artefact.handler])
    layers = {"libraries": archive.compiled_libraries(where), "sources": archive.compiled_sources(artefact, where)}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        _add_file(tar, "Dockerfile", f"{DOCKERFILE.read_text()}CMD {handler}\n".encode())
        for layer, files in layers.items():
            names = {f"{layer}/{archive.TASK}/{name}": path for name, path in files.items()}
            for folder in sorted({str(each) for name in names for each in Path(name).parents} - {"."}):
                _add_folder(tar, folder)
            for name in sorted(names):
                _add_file(tar, name, names[name].read_bytes())
    data.seek(0)
    return data


def _add_folder(tar: tarfile.TarFile, name: str) -> None:
    entry = _entry(name, 0o755)
    entry.type = tarfile.DIRTYPE
    tar.addfile(entry)


def _add_file(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = _entry(name, 0o644)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


def _entry(name: str, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime = mode, EPOCH
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry
