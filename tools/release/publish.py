"""Uploading a release's artefacts to where functions are deployed from: zips to a bucket, images to repositories."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tools.errors import Failure
from tools.release import image_files
from tools.release.archive import libraries
from tools.release.built import FOLDER, archive, build_images
from tools.release.image_files import ImageFile
from tools.release.manifest import Artefact, Platform, artefacts
from tools.release.registry import log_in, other_content, push
from tools.release.retention import check_keeps_deployed

if TYPE_CHECKING:
    from types_boto3_ecr import ECRClient
    from types_boto3_ecr.type_defs import ImageTypeDef
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client


def publish(
    s3: S3Client, bucket: str, where: Platform, systems: list[str], released: Path | None = None
) -> list[Artefact]:
    """Upload each artefact that the bucket does not hold yet. Returns those that were uploaded.

    An object's name is the hash of what it was made from, so what is there is never written again. With `released`, a
    folder of `pipelines release build`, zips come from there and none is built; without it, what nobody has built here
    is built first. Raises Failure when there is no such bucket, or the released folder lacks a zip.
    """
    missing = [artefact for artefact in artefacts(where, systems) if not _exists(s3, bucket, artefact.key)]
    if not missing:
        return []
    if released is None:
        libraries(where)
    for artefact in missing:
        if released and not (released / artefact.key).is_file():
            raise _not_released("zip", artefact, released)
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(2) as pool:

        def upload(artefact: Artefact) -> None:
            s3.upload_file(str(archive(artefact, where, Path(scratch), released or FOLDER)), bucket, artefact.key)

        list(pool.map(upload, missing))
    return missing


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
    aws_lambda: LambdaClient,
    repositories: Callable[[Artefact], str],
    where: Platform,
    systems: list[str],
    say: Callable[[str], None],
    released: Path | None = None,
) -> list[Artefact]:
    """Push the image of each artefact that its repository does not hold yet. Returns those that were pushed.

    `repositories` names an artefact's repository, `say` takes a line of progress. A tag is the hash of what its image
    is made from, so what is there is never pushed again. With `released`, a folder of `pipelines release build`, images
    come from there and none is built; without it, what nobody has built here is built first, which needs an engine.
    Raises Failure when the released folder lacks an image, there is no engine, a base image cannot be had, the registry
    refuses an image, or one more image would let a repository remove the one that is deployed; TagExistsError when a
    repository has the tag of another image than that of the folder.
    """
    folder = released or FOLDER
    missing = []
    for artefact in artefacts(where, systems):
        held, ours = _held(ecr, repositories(artefact), artefact), image_files.find(artefact, folder)
        if held is None:
            missing.append(artefact)
        elif ours and image_files.content(held["imageManifest"]) != ours.content:
            raise _other(repositories(artefact), artefact, ours, held)
    if not missing:
        return []
    for artefact in missing:
        check_keeps_deployed(ecr, aws_lambda, repositories(artefact), artefact)
    if released is None:
        build_images(missing, where, say, folder)
    found = [(artefact, _image(artefact, folder)) for artefact in missing]
    registry = log_in(ecr)

    def promote(pair: tuple[Artefact, ImageFile]) -> None:
        artefact, image = pair
        repository = repositories(artefact)
        for line in push(image, registry, repository, artefact.tag):
            say(f"{artefact.function}: {line}")
        held = _held(ecr, repository, artefact)
        if held is None or held["imageId"]["imageDigest"] != image.digest:
            raise _other(repository, artefact, image, held)
        say(f"{artefact.tag} is {image.digest}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(promote, found))
    return missing


def _image(artefact: Artefact, folder: Path) -> ImageFile:
    image = image_files.find(artefact, folder)
    if image is None:
        raise _not_released("image", artefact, folder)
    return image


def _not_released(what: str, artefact: Artefact, folder: Path) -> Failure:
    return Failure(
        f"the release has no {what} of {artefact.system}/{artefact.function} as it is checked out",
        where=str(folder),
        do="run `pipelines release build` on this commit, and give the folder that it names to the apply",
    )


def _other(repository: str, artefact: Artefact, ours: ImageFile, held: ImageTypeDef | None) -> Failure:
    there = held["imageId"]["imageDigest"] if held else "nothing"
    return other_content(f"{repository}:{artefact.tag}", f"{there} is there, and {ours.digest} was released")


def _held(ecr: ECRClient, repository: str, artefact: Artefact) -> ImageTypeDef | None:
    """What a repository holds of an artefact's image. Raises Failure when there is no such repository."""
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
    return answer["images"][0] if answer["images"] else None


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
