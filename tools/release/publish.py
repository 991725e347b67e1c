"""Uploading a release's artefacts to where functions are deployed from: zips to a bucket, images to repositories."""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.errors import Failure
from tools.release.archive import libraries
from tools.release.built import archive
from tools.release.manifest import EMULATOR, Artefact, Platform, artefacts, base_image, of_images

if TYPE_CHECKING:
    from docker import DockerClient
    from types_boto3_ecr import ECRClient
    from types_boto3_s3 import S3Client

    from tools.release.images import Registry


def publish(s3: S3Client, bucket: str, where: Platform, systems: list[str]) -> list[Artefact]:
    """Build and upload each artefact that the bucket does not hold yet. Returns those that were uploaded.

    An object's name is the hash of what it was made from, so what is there is never written again.
    """
    missing = [artefact for artefact in artefacts(where, systems) if not _exists(s3, bucket, artefact.key)]
    if not missing:
        return []
    libraries(where)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda artefact: _upload(s3, bucket, where, artefact, Path(folder)), missing))
    return missing


def _upload(s3: S3Client, bucket: str, where: Platform, artefact: Artefact, folder: Path) -> None:
    s3.upload_file(str(archive(artefact, where, folder)), bucket, artefact.key)


def _exists(s3: S3Client, bucket: str, key: str) -> bool:
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in {"404", "NoSuchKey"}:
            return False
        if code == "NoSuchBucket":
            raise Failure(
                f"the artefact bucket {bucket} does not exist",
                where="foundation/data of this region",
                do="apply foundation/data first, or run-all apply in the environment's folder",
            ) from error
        raise
    return True


def publish_images(
    ecr: ECRClient,
    repositories: Callable[[Artefact], str],
    where: Platform,
    systems: list[str],
    say: Callable[[str], None],
) -> list[Artefact]:
    """Build and push the image of each artefact that its repository does not hold yet. Returns those that were pushed.

    `repositories` names an artefact's repository, `say` takes a line of progress. A tag is the hash of what its image
    is made from, so what is there is never built again, and without anything to build no engine is needed.
    Raises Failure when there is no engine, a base image cannot be had, or the registry refuses an image.
    """
    missing = [artefact for artefact in artefacts(where, systems) if not has_tag(ecr, repositories(artefact), artefact)]
    if not missing:
        return []
    from tools.release import engine  # the manifest and a publish of zips need no engine, and not its library

    platform, client = of_images(where), engine.connect()
    base = _base(client, where, say)
    registry = log_in(ecr)
    libraries(platform)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda each: _push(client, registry, repositories(each), each, platform, base, say), missing))
    return missing


def has_tag(ecr: ECRClient, repository: str, artefact: Artefact) -> bool:
    """Whether a repository holds the image of an artefact. Raises Failure when there is no such repository."""
    try:
        answer = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageTag": artefact.tag}])
    except ClientError as error:
        if error.response["Error"]["Code"] == "RepositoryNotFoundException":
            raise Failure(
                f"the repository {repository} does not exist",
                where=f"{artefact.system}/data of this region",
                do=f"apply {artefact.system}/data first, or run-all apply in the environment's folder",
            ) from error
        raise
    return bool(answer["images"])


def _push(
    engine: DockerClient,
    registry: Registry,
    repository: str,
    artefact: Artefact,
    where: Platform,
    base: str,
    say: Callable[[str], None],
) -> None:
    from tools.release import images

    image = images.build(engine, artefact, where, base)
    say(f"built {artefact.tag} for linux/{where.architecture}")
    for line in images.push(engine, image, registry, repository, artefact.tag):
        say(f"{artefact.function}: layer {line}")


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


def log_in(ecr: ECRClient) -> Registry:
    """The registry of the account and region, with a password for twelve hours."""
    from tools.release.images import Registry

    [data] = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return Registry(data["proxyEndpoint"].partition("://")[2], user, password)


def repositories_of(data: Mapping[str, object]) -> Callable[[Artefact], str]:
    """Which repository holds the image of an artefact, by the outputs of the system's unit `data`: its own, or that of
    all functions of the system.
    """

    def name(artefact: Artefact) -> str:
        by_name = data.get("repositories")
        found = by_name.get(artefact.function) if isinstance(by_name, Mapping) else data.get("repository")
        if not isinstance(found, Mapping):
            raise Failure(
                f"{artefact.system}/data has no repository for the images of {artefact.function}",
                where="the outputs `repositories` or `repository` of the unit",
                do="add it there, or take zips: `packaging: zip` in environment.yaml",
            )
        return str(found["name"])

    return name
