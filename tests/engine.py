"""The container engine of this machine, for tests that build images and run them; without one they are skipped."""

from __future__ import annotations

import functools
import io
import tarfile

import docker
import pytest

from tools.errors import Failure
from tools.release import engine, standin_base
from tools.release.manifest import EMULATOR_IMAGES, Platform


@functools.cache
def _connected() -> docker.DockerClient | str:
    """The engine, or why images do not run here."""
    try:
        client = engine.connect()
        engine.check_runs_here(client)
    except Failure as failure:
        return failure.problem
    return client


def connected() -> docker.DockerClient:
    """The engine. Skips the test, and says why, where images do not run."""
    found = _connected()
    if isinstance(found, str):
        pytest.skip(f"images are neither built nor run here: {found}")
    return found


def standin() -> str:
    """The name of the stand-in for Lambda's base image. Skips the test where it cannot be made."""
    try:
        return standin_base.ensure(connected(), EMULATOR_IMAGES)
    except Failure as failure:
        pytest.skip(f"there is no base image here: {failure.problem}")


def build(files: dict[str, str], where: Platform, tag: str) -> None:
    """Build an image of a few files; one of them is the Dockerfile."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text.encode()), 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    context.seek(0)
    connected().images.build(
        fileobj=context, custom_context=True, platform=f"linux/{where.architecture}", tag=tag, rm=True, forcerm=True
    )
