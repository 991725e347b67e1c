"""Building a function's image and pushing it: the same sources give the same layers, on any machine."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from docker import DockerClient
from docker.errors import APIError, BuildError, ImageNotFound
from docker.models.images import Image

from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.project import BUILD, display
from tools.release import archive, bytecode
from tools.release.manifest import DOCKERFILE, Artefact, Platform

# Where Lambda's base images have a function's code: https://docs.aws.amazon.com/lambda/latest/dg/python-image.html
TASK: Final = "var/task"
# Local names of images that are built, before they are pushed.
LOCAL: Final = "financial-event-pipelines"
# The time of every file in a layer: a file's own time would make two builds of one tree differ.
EPOCH: Final = 315532800  # 1980-01-01, as in zips


@dataclass(frozen=True)
class Registry:
    """Where images are pushed: the host ("111111111111.dkr.ecr.us-east-1.amazonaws.com"), and who pushes."""

    host: str
    user: str
    password: str

    @property
    def login(self) -> dict[str, str]:
        return {"username": self.user, "password": self.password}


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
    layers = {"libraries": _compiled_libraries(where), "sources": _compiled_sources(artefact, where)}
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        _add_file(tar, "Dockerfile", f"{DOCKERFILE.read_text()}CMD {handler}\n".encode())
        for layer, files in layers.items():
            names = {f"{layer}/{TASK}/{name}": path for name, path in files.items()}
            for folder in sorted({str(each) for name in names for each in Path(name).parents} - {"."}):
                _add_folder(tar, folder)
            for name in sorted(names):
                _add_file(tar, name, names[name].read_bytes())
    data.seek(0)
    return data


def push(engine: DockerClient, image: Image, registry: Registry, repository: str, tag: str) -> Iterator[str]:
    """Push an image under a tag; yields a line for each layer, when it is there.

    Raises Failure when the registry does not take it.
    """
    name = f"{registry.host}/{repository}"
    image.tag(name, tag)
    try:
        yield from _pushed(
            engine.images.push(name, tag, auth_config=registry.login, stream=True, decode=True), name, tag
        )
    except APIError as error:
        raise _refused(name, tag, error.explanation or str(error)) from error
    finally:
        engine.images.remove(f"{name}:{tag}", noprune=True)


class TagExistsError(Failure):
    """The repository has the tag already, for an image with another digest."""


def _pushed(messages: Iterable[Mapping[str, Any]], name: str, tag: str) -> Iterator[str]:
    for message in messages:
        if "error" in message:
            raise _refused(name, tag, message["error"])
        if message.get("status") in ("Pushed", "Layer already exists"):
            yield f"{message['id']}: {message['status'].lower()}"


def _refused(name: str, tag: str, said: str) -> Failure:
    if "immutable" in said or "tag invalid" in said:
        return TagExistsError(
            f"the tag exists with other content: {said}",
            where=f"{name}:{tag}",
            do="a tag is the hash of what its image is made of, so an image that somebody made by hand has it, or one "
            "that another Python compiled: look at it (`aws ecr describe-images`), delete it, then apply again",
        )
    if "auth" in said or "denied" in said or "credentials" in said or "403" in said:
        do = "check that your credentials allow ecr:GetAuthorizationToken, BatchCheckLayerAvailability, "
        do += "InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload and PutImage on the repository"
    elif "not exist" in said or "not known" in said:
        do = "apply the system's unit `data` first, or run-all apply in the environment's folder"
    else:
        do = "check the connection to the registry, then apply again: what was pushed stays"
    return Failure(f"the registry refuses the image: {said}", where=f"{name}:{tag}", do=do)


def _compiled_libraries(where: Platform) -> dict[str, Path]:
    """The functions' libraries with their byte code, compiled once for what `archive.libraries` resolved."""
    libraries = archive.libraries(where)
    folder = libraries.with_name(f"{libraries.name}-compiled")
    if not folder.is_dir():
        fresh = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            bytecode.copy_compiled(archive.packed(libraries), fresh, where, f"/{TASK}")
            fresh.rename(folder)
        except OSError:  # another process was faster; its result is the same
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return _files(folder)


def _compiled_sources(artefact: Artefact, where: Platform) -> dict[str, Path]:
    folder = BUILD / "release" / f"sources-{where.name}-{artefact.image_hash[:16]}"
    shutil.rmtree(folder, ignore_errors=True)
    bytecode.copy_compiled(archive.sources(artefact), folder, where, f"/{TASK}")
    return _files(folder)


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


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
