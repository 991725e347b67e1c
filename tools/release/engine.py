"""The container engine that builds and pushes images, and what to do where there is none."""

from __future__ import annotations

import errno
import os
import platform
import shutil
from typing import Final

import docker
from docker.errors import DockerException

from tools.errors import MISSING_ON_THIS_MACHINE, Failure

ZIPS_INSTEAD: Final = "or take zips: `packaging: zip` in environment.yaml (on the emulator, leave PACKAGING out)"


def connect() -> docker.DockerClient:
    """The engine that DOCKER_HOST names, else this machine's.

    Raises Failure when there is none, it does not run, or this user may not use it.
    """
    address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    try:
        # Pushing a layer can take minutes, in which the engine says nothing.
        client = docker.from_env(timeout=600)
        client.ping()
    except (DockerException, OSError) as error:
        raise _unusable(address, error) from error
    return client


def check_runs_here(client: docker.DockerClient) -> None:
    """Raise Failure unless containers of an engine share this machine's network, as those of the emulator have to."""
    information = client.info()
    rootless = any("rootless" in option for option in information.get("SecurityOptions") or [])
    if platform.system() == "Linux" and not rootless and "Desktop" not in information.get("OperatingSystem", ""):
        return
    raise Failure(
        "this container engine has a machine or a network of its own, in which containers do not reach the emulator",
        where=f"{information.get('OperatingSystem')}{', rootless' if rootless else ''}",
        do=f"run images on Linux with an engine that runs as root, {ZIPS_INSTEAD}",
        status=MISSING_ON_THIS_MACHINE,
    )


def _unusable(address: str, error: BaseException) -> Failure:
    causes = list(_causes(error))
    if any(isinstance(cause, PermissionError) or getattr(cause, "errno", None) == errno.EACCES for cause in causes):
        return Failure(
            "this user may not use the container engine",
            where=address,
            do=f"join its group and log in again (`sudo usermod -aG docker $USER`), {ZIPS_INSTEAD}",
            status=MISSING_ON_THIS_MACHINE,
        )
    if shutil.which("dockerd") or shutil.which("docker"):
        return Failure(
            f"the container engine does not answer: {causes[-1]}",
            where=address,
            do="start it (`sudo systemctl start docker`, or open Docker Desktop), name another in DOCKER_HOST, "
            f"{ZIPS_INSTEAD}",
            status=MISSING_ON_THIS_MACHINE,
        )
    return Failure(
        "there is no container engine, which builds and runs the images of functions",
        where=address,
        do=f"install one (Debian: `sudo apt-get install docker.io`; macOS: Docker Desktop), {ZIPS_INSTEAD}",
        status=MISSING_ON_THIS_MACHINE,
    )


def _causes(error: BaseException | None) -> list[BaseException]:
    """An error and what it was raised for: the libraries in between wrap it in arguments and contexts."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = [each for each in error.args if isinstance(each, BaseException)]
        error = error.__cause__ or error.__context__ or (inner[0] if inner else None)
    return found
